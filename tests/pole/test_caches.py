"""What a process caches between requests: fragments of the frame, and counts of public rows."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from pole.caching import public_pages
from pole.caching.in_process import BoundedCache, clear_caches, process_cache
from pole.caching.public_pages import read_public_state
from pole.models import Hub, MenuItem
from tests.factories import SectorFactory


@pytest.fixture(autouse=True)
def _hub(db):
    Hub.objects.create(name="Pôle des Essais", short_name="Pôle", tagline="Une phrase.")


def current_entries(html):
    return re.findall(r'href="([^"]+)" aria-current="page"', html)


def test_each_section_has_its_own_menu(client):
    pages = [
        client.get(path).content.decode()
        for path in ("/", "/billets/", "/forums/", "/en/forums/", "/billets/")
    ]
    assert [current_entries(page) for page in pages] == [
        [],
        ["/billets/"],
        ["/forums/"],
        ["/en/forums/"],
        ["/billets/"],
    ]


def test_each_language_has_its_own_frame(client):
    assert "Aller au contenu" in client.get("/billets/").content.decode()
    assert "Skip to content" in client.get("/en/billets/").content.decode()


def test_changed_hub_and_menu_are_on_the_next_page(client):
    client.get("/billets/")
    Hub.objects.update(name="Pôle renommé", street="1, rue Neuve")
    MenuItem.objects.filter(place="footer").update(label="Entrée renommée", address="/repertoire/")
    page = client.get("/billets/").content.decode()
    assert "Pôle des Essais" not in page
    # Title, head, name of the site for whoever shows a link, foot.
    assert page.count("Pôle renommé") == 4
    assert "1, rue Neuve" in page
    assert "Entrée renommée" in page


def test_count_is_queried_once_for_each_public_state():
    asked = []

    def count():
        asked.append(1)
        return 7

    state = read_public_state(timezone.now())
    assert [
        state.cached_count("hub", "a", count),
        state.cached_count("hub", "a", count),
        state.cached_count("hub", "b", count),
    ] == [
        7,
        7,
        7,
    ]
    assert len(asked) == 2
    SectorFactory()
    assert read_public_state(timezone.now()).cached_count("hub", "a", count) == 7
    assert len(asked) == 2
    Hub.objects.update(street="1, rue Neuve")
    assert read_public_state(timezone.now()).cached_count("hub", "a", count) == 7
    assert len(asked) == 3


def test_cache_of_counts_is_bounded(monkeypatch):
    counts = BoundedCache(2)
    monkeypatch.setattr(public_pages, "_counts", counts)
    state = read_public_state(timezone.now())
    for key in range(5):
        state.cached_count("hub", key, lambda: 0)
        assert len(counts) <= 2


def test_bounded_cache_keeps_what_was_set_last_and_makes_each_value_once():
    cache, made = BoundedCache(2), []
    for key in (1, 2, 2, 3, 3):
        assert cache.get_or_make(key, lambda key=key: made.append(key)) is None
    assert (list(cache), made) == ([2, 3], [1, 2, 3])
    cache[2] = "another"
    assert cache == {2: "another", 3: None}


def test_caches_of_the_process_are_emptied_at_once():
    cache = process_cache(limit=1)
    cache["a"] = 1
    read_public_state(timezone.now()).page_slugs()
    assert public_pages._page_slugs
    clear_caches()
    assert (cache, public_pages._page_slugs) == ({}, {})


def test_page_links_to_its_own_address_without_what_its_visitor_put_between_parameters(client):
    """Else whoever asked first would choose the links of the page that is kept for all."""
    pages = {client.get(f"/billets/{query}").content for query in ("?&&page=1", "?page=1&", "?page=1")}
    assert len(pages) == 1
    assert {client.get(f"/billets/{query}").content for query in ("?&&&&", "?")} == {
        client.get("/billets/").content
    }
