"""No text, listing nor forum stands at an address that the portal itself answers."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import Resolver404, resolve

from blog.model_pages import SLUGS
from blog.models import Page, Post
from blog.views.public import TEAM_PAGES
from enterprises.listing.editing import unused_listing_slug
from enterprises.models import Listing
from forums.models import Forum, Season
from pole.middleware import path_language
from pole.server.routes import PARAMETER, routes
from pole.text.slugs import SLUG, check_free, reserved_slugs, slug_form, unused_slug
from tests.factories import ForumFactory, ListingFactory, PageFactory

MODELS = [Page, Post, Listing, Forum, Season]
VALUES = {"int": "1", "uuid": "00000000-0000-0000-0000-000000000001"}


def possible_slugs():
    """Every word of every address of the portal that may be typed as a slug, and a few that are in none."""
    words = {word for route in routes() for word in re.split(r"[/.]|<[^>]*>", route)}
    words |= {"en", "fr", "static", "media", "api", "priorites", "la-ruche", "x", "1", "forum-2026"}
    return sorted(word for word in words if re.fullmatch(slug_form.regex, word))


def route_of(path):
    """The route that answers, in the language that the address itself says."""
    found = []

    def view(request):
        try:
            found.append(resolve(request.path_info).route)
        except Resolver404:
            found.append(None)
        return HttpResponse()

    path_language(view)(RequestFactory().get(path))
    return found[0]


def filled(route, slug):
    """The address of a route whose first parameter is `slug`."""
    before, after = route.split(SLUG, 1)
    return before + slug + "/" + PARAMETER.sub(lambda found: VALUES.get(found["converter"], "x"), after)


def test_every_model_whose_slug_is_in_an_address_names_its_routes():
    """Routes with a slug lie below one of those that models name."""
    named = {route for model in apps.get_models() for route in getattr(model, "SLUG_ROUTES", ())}
    assert named == {route for model in MODELS for route in model.SLUG_ROUTES}
    assert {route.split(SLUG)[0] + SLUG for route in routes() if SLUG in route} == named


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_slug_that_is_not_refused_reaches_its_rows(model):
    """Whatever the slug: each address below a route of the model is answered by that route, in both languages."""
    own = [route for route in routes() for base in model.SLUG_ROUTES if route.startswith(base)]
    free = [slug for slug in possible_slugs() if slug not in reserved_slugs(model)]
    assert len(free) > 20
    wrong = [
        path
        for slug in free
        for route in own
        for prefix in (["", "en/"] if not route.startswith("api/") else [""])
        if route_of(path := f"/{prefix}{filled(route, slug)}") != prefix + route
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("model", "slugs"),
    [
        (
            Page,
            "priorites vote gestion recherche admin en api media static compte dossier apercu verifier forums",
        ),
        (Listing, "carte portrait acheter export verifier invitation"),
        (Forum, "nouveau"),
        (Season, "mrc mois formations"),
    ],
)
def test_what_the_portal_answers_is_refused_and_another_proposed(model, slugs, db):
    for slug in slugs.split():
        assert unused_slug(slug.capitalize(), model.objects.all(), fallback="x") == f"{slug}-2"
        with pytest.raises(ValidationError, match=f"{slug}-2"):
            check_free(slug, model.objects.all())
    check_free("la-ruche", model.objects.all())


def test_no_page_that_the_portal_proposes_is_refused_its_own_address():
    assert reserved_slugs(Page).isdisjoint({*SLUGS, *TEAM_PAGES})


def typed(**changes):
    return {
        "title": "Priorités", "title_en": "", "body": "<p>Les nôtres.</p>", "body_en": "", "slug": "", "position": "0",
        "seen_version": "1", "publish_at": "", "action": "publish",
    } | changes  # fmt: skip


@pytest.mark.parametrize(
    "title", ["Priorités", "Vote", "Gestion", "Recherche", "Admin", "En", "API", "Static"]
)
def test_page_titled_like_a_page_of_the_portal_is_read(staff_client, client, title):
    staff_client.post("/gestion/pages/nouvelle/", typed(title=title))
    page = Page.objects.get()
    assert page.slug.endswith("-2")
    assert "Les nôtres." in client.get(page.get_absolute_url()).content.decode()


def test_typed_address_of_the_portal_is_refused_in_words(staff_client):
    shown = staff_client.post("/gestion/pages/nouvelle/", typed(slug="vote")).content.decode()
    assert "«\u00a0vote-2\u00a0»" in shown
    assert not Page.objects.exists()
    page = PageFactory(slug="notre-equipe")
    edit = page.get_edit_url()
    assert "«\u00a0gestion-2\u00a0»" in staff_client.post(edit, typed(slug="gestion")).content.decode()
    page.refresh_from_db()
    assert page.slug == "notre-equipe"


def test_page_begun_by_itself_takes_no_address_of_the_portal(staff_client):
    staff_client.post("/gestion/pages/nouvelle/enregistrement/", typed(title="Vote", writing_key="k"))
    assert Page.objects.get().slug == "vote-2"


def test_listing_and_forum_take_none_either(db, staff_client):
    assert unused_listing_slug("Carte") == "carte-2"
    ForumFactory(slug="nouveau-2")
    assert unused_slug("Nouveau", Forum.objects.all(), fallback="forum") == "nouveau-3"


def test_diagnostic_says_which_text_a_new_address_hides(db, capsys):
    PageFactory(slug="priorites")
    ListingFactory(slug="carte")
    with pytest.raises(CommandError):
        call_command("diagnostic")
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line[8:].startswith("Adresses ")]
    assert line.startswith("À VOIR")
    assert "/priorites/" in line
    assert "/repertoire/carte/" in line
    assert "pole.hooks.addresses.check_addresses" in settings.DIAGNOSTICS
