"""The directory and its view for public buyers, in each order, with the search index and without it."""

from __future__ import annotations

import re
from datetime import date

import pytest

from enterprises.search import snapshot as snapshots
from pole.models import Municipality
from tests.factories import ListingFactory

pytestmark = pytest.mark.django_db
PAGES = pytest.mark.parametrize("address", ["/repertoire/", "/repertoire/acheter/"])


@pytest.fixture(params=["index", "database"])
def searched(request, monkeypatch):
    """What answers: the index of the process, or PostgreSQL while it is being made."""
    if request.param == "database":
        monkeypatch.setattr(snapshots, "search_index", type("NoIndex", (), {"at": lambda *_: None}))


@pytest.fixture
def listings(db):
    """Two of the same name, in different towns; « Écluse » comes among the E's."""
    rows = [
        ("Zinc", "67045", date(2026, 3, 1)), ("Écluse", "69055", date(2026, 5, 1)), ("Farine", "67050", None),
        ("abeille", "67045", date(2026, 3, 1)), ("Écluse", "67050", None),
    ]  # fmt: skip
    return [
        ListingFactory(name=name, municipality=Municipality.objects.get(code=code), verified_on=day, supplies=["denrees"])
        for name, code, day in rows
    ]  # fmt: skip


def shown(client, address, **asked):
    """The listings, as (name, town, what is said after it)."""
    page = client.get(address, asked).content.decode()
    found = re.findall(r'entry__title"><a [^>]*>([^<]+)</a></h3>\s*<p class="entry__meta">([^<]+)<', page)
    return [(name, *[each.strip() for each in facts.split("·")[1:]]) for name, facts in found]


def in_short(client, address, **asked):
    return [" ".join(each[:2]) for each in shown(client, address, **asked)]


NAMES = ["abeille Mercier", "Écluse Huntingdon", "Écluse Châteauguay", "Farine Châteauguay", "Zinc Mercier"]
TOWNS = ["Écluse Châteauguay", "Farine Châteauguay", "Écluse Huntingdon", "abeille Mercier", "Zinc Mercier"]
CHECKS = ["Écluse Huntingdon", "abeille Mercier", "Zinc Mercier", "Écluse Châteauguay", "Farine Châteauguay"]


@PAGES
def test_each_order_is_whole_and_breaks_ties_by_name(client, listings, searched, address):
    assert in_short(client, address) == NAMES
    assert in_short(client, address, tri="nom") == NAMES
    assert in_short(client, address, tri="municipalite") == TOWNS
    assert in_short(client, address, tri="verification") == CHECKS
    assert in_short(client, address, tri="verification", achat="denrees") == CHECKS
    assert in_short(client, address, tri="verification", municipalite="67050") == CHECKS[3:]


def test_an_order_goes_on_from_page_to_page(client, listings, searched, monkeypatch):
    monkeypatch.setattr("enterprises.views.public.LISTINGS_A_PAGE", 2)
    for order, whole in (("municipalite", TOWNS), ("verification", CHECKS)):
        pages = [in_short(client, "/repertoire/", tri=order, page=number) for number in ("1", "2", "3")]
        assert pages == [whole[:2], whole[2:4], whole[4:]]


@PAGES
def test_the_day_of_the_check_is_said_when_it_sorts(client, listings, address):
    first, *_others, last = shown(client, address, tri="verification")
    assert first[:2] == ("Écluse", "Huntingdon")
    assert re.fullmatch(r"Vérifiée le 1\S*\smai\s2026", first[2])
    assert last == ("Farine", "Châteauguay")
    assert all(len(each) == 2 for each in shown(client, address))


@PAGES
def test_near_a_place_distance_is_an_order(client, address):
    here, there = Municipality.objects.get(code="67045"), Municipality.objects.get(code="69055")
    ListingFactory(name="Loin", municipality=there)
    ListingFactory(name="Proche", municipality=here)
    assert [each[0] for each in shown(client, address, pres="Mercier")] == ["Proche", "Loin"]
    assert [each[0] for each in shown(client, address, pres="Mercier", tri="nom")] == ["Loin", "Proche"]
    assert shown(client, address, pres="Mercier")[1][1].endswith("\u00a0km")
    page = client.get(address, {"pres": "Atlantide"}).content.decode()
    assert 'class="message message--warning">«\u00a0Atlantide\u00a0»' in page
    assert "tri=distance" not in page


@PAGES
def test_orders_are_links_that_keep_what_was_asked(client, listings, address):
    page = client.get(address, {"achat": "denrees", "tri": "municipalite"}).content.decode()
    [sort] = re.findall(r'<nav class="sort[^"]*" aria-label="Trier par">(.*?)</nav>', page)
    links = re.findall(r'href="([^"]*)"([^>]*)>([^<]*)<', sort)
    assert links == [
        ("?achat=denrees&amp;tri=nom", "", "nom"),
        ("?achat=denrees&amp;tri=municipalite", ' aria-current="true"', "municipalité"),
        ("?achat=denrees&amp;tri=verification", "", "date de vérification"),
    ]
    assert '<input type="hidden" name="tri" value="municipalite">' in page
    by_default = client.get(address, {"tri": "nom"}).content.decode()
    assert '<input type="hidden" name="tri"' not in by_default


@PAGES
def test_a_sorted_page_is_another_page(client, listings, address):
    """The order is one of the parameters by which a page is kept."""
    kept = [in_short(client, address, tri=order) for order in ("nom", "verification", "nom")]
    assert kept == [NAMES, CHECKS, NAMES]


def test_sorting_by_the_last_check_asks_the_database_once_a_state(
    client, listings, django_assert_num_queries
):
    client.get("/repertoire/", {"tri": "nom"})
    with django_assert_num_queries(3):
        client.get("/repertoire/", {"tri": "verification"})
    with django_assert_num_queries(2):
        client.get("/repertoire/", {"tri": "verification", "achat": "denrees"})


def test_the_bar_says_how_many_are_kept_and_leads_to_them(client, listings):
    address = "/repertoire/acheter/"
    assert "selection-bar" not in client.get(address).content.decode()
    kept = "-".join(str(each.pk) for each in listings[:3])
    page = client.get(address, {"s": kept}).content.decode()
    bar = re.search(r'<p class="selection-bar no-print"><a [^>]*href="#selection">([^<]+)</a></p>', page)
    assert bar[1] == "Ma sélection (3)"
    assert 'id="selection"' in page
