"""What just happened is in view, has the focus or is spoken: after a refusal, and after an act; without a script too."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.soon import soon
from tests.browser.test_accessibility import AXE, RUN_AXE
from tests.browser.test_vote import vote  # noqa: F401 - a fixture
from tests.factories import CommentFactory, ForumFactory, ListingFactory, PostFactory, UserFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_hour("forms, whatever the hour"),
]
SCRIPTS = pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
IN_VIEW = """(element) => {
  const box = element.getBoundingClientRect();
  return box.top >= 0 && box.top < innerHeight && box.bottom > 0;
}"""


def assert_refused(page):
    """The heading of the summary has the focus and is in view, and the title of the page says it first."""
    page.wait_for_load_state()
    summary = page.locator(".error-summary")
    heading = summary.get_by_role("heading")
    expect(heading).to_be_focused()
    assert heading.evaluate(IN_VIEW)
    assert page.title().replace("\xa0", " ").startswith("Erreur : ")
    return summary


@SCRIPTS
def test_long_form_shows_its_refusal_and_leads_to_each_field(open_page, demonstration, sign_in, javascript):
    page = open_page(width=390, javascript=javascript)
    sign_in(page, UserFactory(is_staff=True, is_superuser=True))
    page.goto("/gestion/repertoire/nouvelle/")
    page.get_by_label("Courriel", exact=False).first.fill("personne@nulle part")
    page.locator("form.listing-form").get_by_role("button", name="Enregistrer").click()
    summary = assert_refused(page)
    links = summary.get_by_role("link")
    assert links.count() >= 2
    for link in links.all():
        target = link.get_attribute("href")
        link.click()
        expect(page.locator(target)).to_be_focused()
        soon(page, lambda: page.locator(target).evaluate(IN_VIEW))  # noqa: B023 - read at once


@SCRIPTS
@pytest.mark.parametrize(("width", "height"), [(360, 640), (320, 256)])
def test_summary_taller_than_the_screen_begins_with_its_heading(
    open_page, transactional_db, sign_in, javascript, width, height
):
    page = open_page(width=width, javascript=javascript)
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(reduced_motion="no-preference")
    sign_in(page, UserFactory(is_staff=True))
    page.goto("/gestion/forums/nouveau/?genre=forums")
    page.locator("main form button[type=submit]").last.click()
    heading = assert_refused(page).get_by_role("heading")
    place = "(heading) => [heading.getBoundingClientRect().top, heading.getBoundingClientRect().bottom]"
    top, bottom = heading.evaluate(place)
    assert 0 <= top < bottom <= height


def test_refusal_is_there_at_once_where_motion_is_allowed(open_page, transactional_db, sign_in):
    page = open_page(width=360)
    page.emulate_media(reduced_motion="no-preference")
    page.add_init_script(
        "const way = Element.prototype.scrollIntoView; Element.prototype.scrollIntoView = function (how) {"
        " (window.ways ??= []).push(how); way.call(this, how); }"
    )
    sign_in(page, UserFactory(is_staff=True))
    page.goto("/gestion/forums/nouveau/?genre=forums")
    page.locator("main form button[type=submit]").last.click()
    assert_refused(page)
    assert page.evaluate("window.ways") == [{"block": "start", "behavior": "instant"}]


@SCRIPTS
def test_refusal_in_the_middle_of_a_page_is_in_view(open_page, transactional_db, sign_in, javascript):
    from enterprises.models import ListingRole

    listing, user = ListingFactory(state="published"), UserFactory()
    ListingRole.objects.create(listing=listing, user=user, role="owner")
    page = open_page(width=390, javascript=javascript)
    sign_in(page, user)
    page.goto(f"{listing.get_absolute_url()}modifier/photos/")
    content = io.BytesIO()
    Image.new("RGB", (64, 48), "green").save(content, "PNG")
    photo = {"name": "photo.png", "mimeType": "image/png", "buffer": content.getvalue()}
    page.get_by_label("Photo", exact=True).set_input_files(photo)
    page.get_by_role("button", name="Ajouter cette photo").click()
    assert_refused(page)
    expect(page.get_by_text("Le fichier « photo.png » est conservé")).to_be_visible()
    page.get_by_label("Ce que montre la photo").last.fill("Deux personnes devant un atelier")
    page.get_by_role("button", name="Ajouter cette photo").click()
    said = page.get_by_text("La photo est sur la page.")
    soon(page, lambda: said.evaluate(IN_VIEW))
    assert listing.photos.count() == 1


@SCRIPTS
def test_comment_is_confirmed_beside_itself_and_counted(open_page, unhurried, sign_in, javascript):
    post = PostFactory(body="<p>Un long texte.</p>" * 200)
    CommentFactory.create_batch(3, thread=post.thread, text="Un mot.\n" * 20)
    page = open_page(width=390, javascript=javascript)
    sign_in(page, UserFactory())
    page.goto(post.get_absolute_url())
    page.get_by_label("Votre commentaire").fill("Mon premier mot.")
    page.get_by_label("J’accepte que mon nom soit affiché").check()
    page.get_by_role("button", name="Publier mon commentaire").click()
    page.wait_for_url("**#commentaire-*")
    said = page.get_by_text("L’équipe lit votre commentaire")
    soon(page, lambda: said.evaluate(IN_VIEW))
    expect(page.get_by_role("heading", name="3 commentaires, 1 en attente de relecture")).to_be_visible()
    if javascript:
        expect(page.locator("[data-said]", has=said)).to_have_attribute("role", "status")


def test_others_do_not_count_a_comment_that_waits(open_page, transactional_db, sign_in):
    post = PostFactory()
    CommentFactory(thread=post.thread, state="pending", shown_at=None)
    page = open_page()
    for user in (None, UserFactory()):
        if user:
            sign_in(page, user)
        page.goto(post.get_absolute_url())
        expect(page.get_by_role("heading", name="0 commentaire", exact=True)).to_be_visible()


def test_region_that_speaks_is_empty_when_the_page_comes(open_page, transactional_db, sign_in):
    user = UserFactory()
    page, sources = open_page(), []
    sign_in(page, user)
    page.on("response", lambda answer: answer.request.resource_type == "document" and sources.append(answer))
    page.goto("/compte/")
    page.get_by_role("button", name="Enregistrer").first.click()
    expect(page.locator("[data-said]")).to_contain_text("Votre profil est enregistré")
    source = next(each.text() for each in reversed(sources) if each.ok)
    assert '<div role="status" data-said></div>' in source


@SCRIPTS
def test_ballot_that_is_right_at_last_shows_no_error_of_before(open_page, vote, javascript):  # noqa: F811
    _round, codes = vote
    page = open_page(width=360, javascript=javascript)
    page.goto(f"/vote/{codes[0]}/")
    for title in ("Un atelier partagé", "Une cuisine", "Un marché"):
        page.get_by_label(title).check()
    page.get_by_role("button", name="Relire mon bulletin").click()
    assert_refused(page)
    page.get_by_label("Une cuisine").uncheck()
    page.get_by_role("button", name="Relire mon bulletin").click()
    expect(page.get_by_role("heading", name="Ce que vous allez déposer")).to_be_visible()
    expect(page.locator(".error-summary")).to_have_count(0)
    expect(page.locator(".field__error")).to_have_count(0)
    assert not page.title().startswith("Erreur")
    page.get_by_role("button", name="Revenir à mes choix").click()
    expect(page.locator(".error-summary")).to_have_count(0)


def test_refused_registration_keeps_the_focus_and_the_title(open_page, transactional_db):
    from datetime import timedelta

    from django.utils import timezone

    now = timezone.now()
    forum = ForumFactory(
        registration_opens_at=now - timedelta(days=1), registration_closes_at=now + timedelta(days=1)
    )
    page = open_page(width=390)
    page.goto(f"{forum.get_absolute_url()}inscription/")
    page.locator("main form button[type=submit]").click()
    assert_refused(page)
    page.evaluate(AXE)
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        assert page.evaluate(RUN_AXE, {"resultTypes": ["violations"]})["violations"] == []
