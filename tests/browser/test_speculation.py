"""What a browser fetches before a link is followed: reading pages alone, by the rules and by what the server answers."""

from __future__ import annotations

import json
from contextlib import contextmanager
from itertools import product
from urllib.parse import urlsplit

import pytest
from django.core.signals import request_started
from django.urls import Resolver404, resolve
from django.utils import translation
from playwright.sync_api import expect

from accounts.models import User
from pole.caching import speculation
from pole.server.routes import PARAMETER, views_by_route
from tests.browser.soon import soon

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_hour("looks at what is fetched"),
]
# Longer than a pointer has to rest on a link.
RESTS_MS = 1500
MATCHES = """({rules, addresses}) => {
    const made = ({href_matches}) => href_matches.map((pattern) => new URLPattern({...pattern, baseURL: location.href}));
    const [wanted, not] = [rules.prefetch[0].where.and[0], rules.prefetch[0].where.and[1].not].map(made);
    const matches = (patterns, url) => patterns.some((pattern) => pattern.test(url));
    return addresses.filter((url) => matches(wanted, location.origin + url) && !matches(not, location.origin + url));
}"""


def words():
    """Every word that some address has where another may have a slug, and slugs that none has."""
    literals = {
        part
        for route, _view in views_by_route()
        for part in route.split("/")
        if part and not PARAMETER.search(part)
    }
    return sorted(literals | {"une-entreprise", "A_b-1", "0", "en", "é", "a b", "x.html", "%2F", "ABCD-EFGH"})


def addresses():
    """Of each route, with words of other routes in the place of its parameters; and short addresses of any words."""
    for route, _view in views_by_route():
        names = PARAMETER.findall(route)
        for word in ("7", "une-entreprise", "terminer", "carte", "ABCD-EFGH"):
            path = PARAMETER.sub(word, route) if names else route
            yield path
            yield path.rstrip("/")
            if not names:
                break
    for word in words():
        yield f"{word}/"
    for first, second in product(
        words(), ("vote", "carte", "billets", "une-entreprise", "inscription", "courriels")
    ):
        yield f"{first}/{second}/"


def may_be_fetched(path, query):
    """By Django's own way to a view. What is no page in French, as /admin/, is none in English."""
    paths = {path, path[3:] if path.startswith("/en/") else path}
    return not query and all(is_page(each) for each in paths)


def is_page(path):
    with translation.override("en" if path.startswith("/en/") else "fr"):
        try:
            found = resolve(path)
        except Resolver404:
            return False
    return speculation.shows_page(path.lstrip("/"), found.func)


def test_rules_name_reading_pages_and_no_other_address(open_page, demonstration):
    page = open_page()
    page.goto("/")
    every = {
        f"{language}/{path}{query}"
        for path in addresses()
        for language in ("", "/en")
        for query in ("", "?page=2", "?format=csv")
    }
    named = set(
        page.evaluate(MATCHES, {"rules": json.loads(speculation.rules()), "addresses": sorted(every)})
    )
    parts = {address: urlsplit(address) for address in every}
    expected = {address for address, at in parts.items() if may_be_fetched(at.path, at.query)}
    assert len(expected) > 100
    assert named == expected


@contextmanager
def fetched_ahead():
    """The addresses that are asked for with `Sec-Purpose: prefetch`, meanwhile."""
    asked = []

    def record(environ, **_signal):
        if "prefetch" in environ.get("HTTP_SEC_PURPOSE", ""):
            asked.append(environ["PATH_INFO"])

    request_started.connect(record)
    try:
        yield asked
    finally:
        request_started.disconnect(record)


def rest_on(page, link, asked, addresses):
    """The pointer comes back to the link until these are fetched: what it may fetch is told to the page after it came."""

    def come_back():
        if asked != addresses:
            page.mouse.move(0, 0)
            link.hover()
            page.wait_for_timeout(RESTS_MS // 3)
        return asked

    soon(page, come_back, addresses)


def test_hover_fetches_a_page_that_visitors_read(open_page, demonstration):
    page = open_page()
    with fetched_ahead() as asked:
        page.goto("/billets/")
        link = page.locator(".entry__title a").first
        address = link.get_attribute("href")
        rest_on(page, link, asked, [address])
        page.wait_for_timeout(RESTS_MS)
        assert asked == [address]
        link.click()
        expect(page.locator("h1")).to_be_visible()
    assert page.context.cookies() == []
    navigation = page.evaluate("performance.getEntriesByType('navigation')[0].deliveryType")
    assert navigation == "navigational-prefetch"


def test_hover_fetches_nothing_else(open_page, demonstration):
    page = open_page()
    forbidden = (
        "/compte/connexion/", "/vote/", "/vote/ABCD-EFGH-JKMN/", "/gestion/", "/repertoire/export/repertoire.csv", "/billets/flux.xml",
        "/billets/?page=2", "/en/vote/", "/api/v1/", "/api/", "/admin/", "/repertoire/mentionner/",
    )  # fmt: skip
    with fetched_ahead() as asked:
        page.goto("/confidentialite/")
        page.evaluate(
            "(all) => document.querySelector('main').replaceChildren(...all.map((href) => Object.assign(document.createElement('a'), {href, textContent: href + ' '})))",
            ["/priorites/", *forbidden, "/forums/"],
        )
        # What may be fetched is, before and after: the page knows its rules meanwhile.
        rest_on(page, page.locator('main a[href="/priorites/"]'), asked, ["/priorites/"])
        for address in forbidden:
            page.locator(f'main a[href="{address}"]').hover()
            page.wait_for_timeout(RESTS_MS // 3)
        rest_on(page, page.locator('main a[href="/forums/"]'), asked, ["/priorites/", "/forums/"])


def test_whoever_is_signed_in_fetches_nothing_ahead(open_page, demonstration, sign_in):
    page = open_page()
    sign_in(page, User.objects.get(email="citoyenne@pole.example"))
    with fetched_ahead() as asked:
        page.goto("/billets/")
        page.locator(".entry__title a").first.hover()
        page.wait_for_timeout(RESTS_MS)
    assert asked == []
