"""Each member of the team is shown the rooms that they may enter, and these alone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from tests.conftest import signed_in
from tests.factories import (
    CommentFactory,
    ListingFactory,
    PostFactory,
    RecommendationFactory,
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
