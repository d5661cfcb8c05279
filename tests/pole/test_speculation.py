"""What the portal answers to what is fetched before anyone asks for it. In a browser: tests/browser/test_speculation.py."""

from __future__ import annotations

import json
import re
from itertools import product

import pytest
from django.test import Client
from django.urls import reverse
from django.urls.resolvers import RoutePattern

from blog.models import MissedAddress
from blog.redirects import missed
from pole.caching import speculation
from pole.server.routes import PARAMETER, views_by_route
from tests.conftest import signed_in
from tests.factories import (
    ForumFactory,
    ListingFactory,
    PageFactory,
    PostFactory,
    SiteImportFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
AHEAD = {"Sec-Purpose": "prefetch"}


def pages_without_parameter():
    return [
        f"/{route}"
        for route, view in views_by_route()
        if speculation.shows_page(route, view) and "<" not in route
    ]


@pytest.fixture
def pages():
    """An address of each kind of page that has a parameter."""
    return [
        each.get_absolute_url() for each in (PostFactory(), PageFactory(), ListingFactory(), ForumFactory())
    ]


def test_each_page_that_is_named_is_one_to_read(client, pages):
    for path in [*pages_without_parameter(), *pages]:
        for address in (path, f"/en{path}"):
            answer = client.get(address, headers=AHEAD)
            assert (answer.status_code, answer["Content-Type"]) == (200, "text/html; charset=utf-8"), address
            assert not answer.cookies
            assert answer["Speculation-Rules"] == f'"/anticipation.json?v={speculation.version()}"'


def test_rules_are_told_with_what_is_not_changed_since(client, pages):
    etag = client.get(pages[0])["ETag"]
    unchanged = client.get(pages[0], headers={"If-None-Match": etag})
    assert unchanged.status_code == 304
    assert "Speculation-Rules" in unchanged.headers


@pytest.mark.parametrize(
    "path",
    ["/billets/flux.xml", "/api/v1/fiches/", "/robots.txt", "/sitemap.xml", "/vote/", "/compte/connexion/"],
)
def test_other_answers_tell_no_rules(client, path):
    assert "Speculation-Rules" not in client.get(path).headers


@pytest.mark.parametrize(
    "path", ["/vote/", "/en/vote/", "/compte/connexion/", "/gestion/", "/repertoire/mentionner/"]
)
def test_what_is_no_reading_page_is_refused_ahead(client, path):
    answer = client.get(path, headers=AHEAD)
    assert (answer.status_code, answer.content, bool(answer.cookies)) == (403, b"", False)


@pytest.mark.parametrize(
    "purpose", ["prefetch", "prefetch;prerender", "Prefetch", "prefetch;anonymous-client-ip"]
)
def test_whoever_is_signed_in_is_answered_nothing_ahead(pages, purpose):
    client = signed_in(UserFactory())
    assert "Speculation-Rules" not in client.get(pages[0]).headers
    answer = client.get(pages[0], headers={"Sec-Purpose": purpose})
    assert (answer.status_code, answer.content) == (403, b"")
    assert answer["Cache-Control"] == "private, no-store"


def test_every_route_that_is_no_reading_page_is_refused_ahead():
    """Whatever its parameters hold: the view itself is not asked."""
    client = Client(raise_request_exception=False)
    for route, view in views_by_route():
        if hasattr(view, "scopes") or route.startswith(("admin/", "api/")):
            continue
        address = "/" + PARAMETER.sub("7", route)
        assert client.get(address, headers=AHEAD).status_code in {403, 404}, address


def test_address_that_is_not_there_is_neither_counted_nor_followed(client):
    SiteImportFactory(state="done")
    path = "/2019/05/un-billet/"
    assert client.get(path, headers=AHEAD).content == b""
    missed.write_if_due()
    assert not MissedAddress.objects.exists()


def test_rules_are_kept_under_the_name_of_what_they_say(client):
    path = reverse("speculation_rules")
    answer = client.get(path, {"v": speculation.version()})
    assert answer["Content-Type"] == "application/speculationrules+json"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert not answer.cookies
    [rule] = json.loads(answer.content)["prefetch"]
    assert rule["eagerness"] == "moderate"
    assert client.get(path, {"v": "another"})["Cache-Control"] == "private, no-store"


SEGMENTS = ("vote", "<slug:s>", "<int:n>", "<str:c>", "<path:r>", "x.<str:k>", "7", "")
WORDS = ("vote", "7", "x.csv", "a-b", "é", "")


def of_one_or_two(parts):
    return ["/".join(each) for number in (1, 2) for each in product(parts, repeat=number)]


def taken_by(route):
    """The addresses that Django finds by this route."""
    pattern = RoutePattern(route, is_endpoint=True)
    return frozenset(address for address in of_one_or_two(WORDS) if pattern.match(address))


def test_two_routes_that_one_address_may_be_of_are_known_to_meet():
    names = [
        route
        for route in of_one_or_two(SEGMENTS)
        if len(set(re.findall(r":(.)>", route))) == route.count("<")
    ]
    taken = {route: taken_by(route) for route in names}
    missed_pairs = [
        (one, page)
        for one, page in product(taken, repeat=2)
        if "<path" not in page
        and any(page.split("/"))
        and taken[one] & taken[page]
        and not speculation._may_be_one(one, page)
    ]
    assert missed_pairs == []
