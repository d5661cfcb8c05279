"""Each member of the team is shown the rooms that they may enter, and these alone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts import journal
from accounts.models import Role
from forums.vote.rounds import open_round
from tests.conftest import signed_in
from tests.factories import (
    AuthorFactory,
    CommentFactory,
    ForumFactory,
    ListingFactory,
    PostFactory,
    QuestionFactory,
    RecommendationFactory,
    RegistrationFactory,
    ResultsFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
ROOMS = {
    "staff:home": set(Role),
    # While one of them is left.
    "staff:first_steps": {"direction"},
    "staff:post_list": {"direction", "editorial"},
    "staff:page_list": {"direction", "editorial"},
    "staff:picture_list": {"direction", "editorial", "forums"},
    "staff:forum_list": {"direction", "forums"},
    "staff:listing_list": {"direction", "directory"},
    "staff:moderation": set(Role),
    "staff:people": {"direction", "editorial"},
    # The direction comes to it from the page of the hub.
    "staff:menu": {"editorial"},
    "staff:hub": {"direction"},
}


@pytest.fixture
def _something_waits_everywhere():
    PostFactory(published_at=timezone.now() + timedelta(days=1))
    post = PostFactory()
    CommentFactory(thread=post.thread, state="pending", shown_at=None)
    RecommendationFactory(state="proposed", author=UserFactory())
    ListingFactory().proposals.create(kind="report", message="x", author=UserFactory())


def links_of(client, page):
    return {
        address.partition("#")[0]
        for address in re.findall(r'href="(/[^"]*)"', client.get(page).text)
        if not address.startswith(("/static/", "/media/"))
    }


@pytest.mark.parametrize("role", Role)
def test_navigation_leads_to_the_rooms_of_a_role(role):
    client = signed_in(UserFactory(roles=[role]), second_factor=True)
    text = client.get("/gestion/").text
    shown = set(re.findall(r'class="staff-nav__link" href="([^"]+)"', text))
    assert shown == {reverse(name) for name, roles in ROOMS.items() if role in roles}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("page", ["staff:home", "staff:moderation", "staff:journal"])
@pytest.mark.usefixtures("_something_waits_everywhere")
def test_every_link_of_what_the_whole_team_sees_opens(role, page):
    client = signed_in(UserFactory(roles=[role]), second_factor=True)
    links = {link for link in links_of(client, reverse(page)) if link.startswith("/gestion/")}
    assert len(links) > 3
    assert {link: client.get(link.replace("&amp;", "&")).status_code for link in links} == dict.fromkeys(
        links, 200
    )


@pytest.fixture
def decisions(staff):
    """One of each kind, about someone and for a reason that both name the kind."""
    rows = {
        "account": UserFactory(),
        "comment": CommentFactory(thread=PostFactory().thread, state="hidden"),
        "text": PostFactory(title="Billet").draft,
        "author": AuthorFactory(),
        "forum": ForumFactory(),
        "recommendation": RecommendationFactory(),
        "registration": RegistrationFactory(name="Odile Registration"),
        "listing": ListingFactory(),
    }
    for kind in settings.JOURNAL:
        person, row = UserFactory(name=f"Odile {kind.title()}"), rows.get(kind)
        journal.record(
            action="x",
            kind=kind,
            key=row.pk if row else 1,
            by=staff,
            person_id=person.pk,
            reason=f"car {kind}",
        )
    journal.record(action="published", kind="text", key=ResultsFactory().draft.pk, by=staff)


@pytest.mark.parametrize("role", Role)
@pytest.mark.usefixtures("decisions")
def test_journal_says_of_whom_and_why_to_those_whose_room_it_is(role):
    reader = UserFactory(roles=[role])
    client = signed_in(reader, second_factor=True)
    own = {kind for kind, path in settings.JOURNAL.items() if reader.has_role(*import_string(path).roles)}
    assert (own == set(settings.JOURNAL)) == (role == "direction")
    text = client.get(reverse("staff:journal")).text
    assert set(re.findall(r"car (\w+)", text)) == own
    assert set(re.findall(r"Odile (\w+)", text)) == {kind.title() for kind in own}
    # What is not shown is not guessed by asking for it either.
    for kind in settings.JOURNAL:
        answer = client.get(reverse("staff:journal"), {"qui": kind})
        assert [line.entry.kind for line in answer.context["lines"]] == [kind] * (kind in own)
        person = journal.AuditEntry.objects.get(reason=f"car {kind}").person_id
        answer = client.get(reverse("staff:journal"), {"personne": person})
        assert [line.entry.kind for line in answer.context["lines"]] == [kind] * (kind in own)


@pytest.mark.parametrize("role", Role)
@pytest.mark.usefixtures("decisions")
def test_journal_leads_nowhere_that_is_closed(role):
    client = signed_in(UserFactory(roles=[role]), second_factor=True)
    lines = client.get(reverse("staff:journal")).context["lines"]
    led = {line.url for line in lines if line.url}
    assert led
    assert {url: client.get(url.partition("#")[0]).status_code for url in led} == dict.fromkeys(led, 200)


@pytest.mark.parametrize(("role", "is_shown"), [("forums", False), ("direction", True)])
def test_pages_of_a_forum_lead_to_the_acts_of_the_direction_for_it_alone(role, is_shown):
    """Annulling a vote and exporting people."""
    client = signed_in(UserFactory(roles=[role]), second_factor=True)
    opened = open_round(round_id=QuestionFactory(options=6).round_id, by=None)
    pages = [
        reverse("staff:people_of_forum", args=[opened.forum.slug]),
        reverse("staff:round", args=[opened.forum.slug, opened.number]),
    ]
    links = {
        link
        for page in pages
        for link in links_of(client, page)
        if link.startswith(f"/gestion/forums/{opened.forum.slug}/")
    }
    own = {reverse(f"staff:people_{kind}", args=[opened.forum.slug]) for kind in ("csv", "xlsx")}
    own.add(reverse("staff:round_annul", args=[opened.forum.slug, opened.number]))
    assert links & own == (own if is_shown else set())
    assert {link: client.get(link.replace("&amp;", "&")).status_code for link in links} == dict.fromkeys(
        links, 200
    )
