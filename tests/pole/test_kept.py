"""What a process keeps between requests: parts of the frame, and counts of public rows."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from pole.caching.freshness import read_freshness
from pole.models import Hub, MenuItem


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
    MenuItem.objects.filter(place="footer").update(label="Entrée renommée")
    page = client.get("/billets/").content.decode()
    assert "Pôle des Essais" not in page
    assert page.count("Pôle renommé") == 3
    assert "1, rue Neuve" in page
    assert "Entrée renommée" in page


def test_count_is_asked_once_for_each_state():
    asked = []

    def count():
        asked.append(1)
        return 7

    freshness = read_freshness(timezone.now())
    assert [freshness.count("a", count), freshness.count("a", count), freshness.count("b", count)] == [
        7,
        7,
        7,
    ]
    assert len(asked) == 2
    Hub.objects.update(street="1, rue Neuve")
    assert read_freshness(timezone.now()).count("a", count) == 7
    assert len(asked) == 3


def test_counts_do_not_grow_without_end(monkeypatch):
    monkeypatch.setattr("pole.caching.freshness.MAX_COUNTS", 2)
    freshness = read_freshness(timezone.now())
    for key in range(5):
        freshness.count(key, lambda: 0)
        assert len(freshness._counts) <= 2
