"""While an index of many documents is being made, PostgreSQL answers: right, and kept by nobody."""

from __future__ import annotations

import logging
import threading
import time

import pytest
from django.db import connection, connections
from django.utils import timezone

from enterprises.models import Listing
from enterprises.search.geocoding import Location
from enterprises.search.query import Order, Search, find
from enterprises.search.snapshot import _read_directory, snapshot_at
from pole.caching.public_pages import read_public_state
from pole.models import Mrc, Municipality
from pole.search.index import MAX_MADE_AT_ONCE, search_index
from tests.factories import ListingFactory, SectorFactory
from tests.search.indexes import caught_up, execute

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_hour("waits for threads"),
]
CROWD = MAX_MADE_AT_ONCE + 20
PAGES = (
    "/repertoire/",
    "/repertoire/?q=zirconium",
    "/recherche/?q=zirconium",
    "/repertoire/carte/",
    "/api/v1/fiches/",
)


@pytest.fixture
def crowd():
    sectors = [SectorFactory(name=f"Secteur {name}") for name in ("un", "deux")]
    towns = list(Municipality.objects.filter(mrc__isnull=False, latitude__isnull=False).order_by("code")[:5])
    forms = ("npo", "mutual", "")
    rows = [
        Listing(
            slug=f"fiche-{number}", name=f"Fiche {number:04d}", municipality=towns[number % 5],
            legal_form=forms[number % 3], languages=["fr", "en"][: number % 3],
            mission="Du zirconium." if number % 9 == 0 else "Autre chose.",
            state="draft" if number % 50 == 0 else "published",
        )
        for number in range(CROWD * 51 // 49)
    ]  # fmt: skip
    Listing.objects.bulk_create(rows)
    for place, sector in enumerate(sectors):
        sector.listings.set(Listing.objects.filter(name__contains=str(place)))
    mrc = Mrc.objects.order_by("code").first()
    for listing in Listing.objects.order_by("pk")[:30]:
        listing.territory.add(mrc)
    return towns


def await_making():
    deadline = time.monotonic() + 60
    while any(each.name == "search index" for each in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def await_no_other_connection():
    deadline, found = time.monotonic() + 10, 0
    while found != 1:
        assert time.monotonic() < deadline, found
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
            (found,) = cursor.fetchone()


def assert_kept_by_nobody(response):
    assert response.status_code == 200
    assert "ETag" not in response
    assert "no-store" in response["Cache-Control"]
    assert "public" not in response["Cache-Control"]
    assert not hasattr(response, "freshness")


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize("address", PAGES)
def test_first_visitor_is_answered_and_the_next_has_the_index(client, address):
    first = client.get(address)
    assert_kept_by_nobody(first)
    await_making()
    second = client.get(address)
    assert second["ETag"]
    assert "public" in second["Cache-Control"]
    if "carte" not in address:
        assert second.content.count(b"Fiche") == first.content.count(b"Fiche") > 0
    # Made by a thread that leaves no connection behind; the server takes a moment to see that one has gone.
    await_no_other_connection()


@pytest.mark.usefixtures("crowd")
def test_many_changes_are_provisional_too(client):
    search_index().make_all()
    assert client.get("/repertoire/")["ETag"]
    Listing.objects.update(street="2, rue du Zircon")
    assert_kept_by_nobody(client.get("/repertoire/?q=zircon"))
    await_making()
    after = client.get("/repertoire/?q=zircon")
    assert after["ETag"]
    assert b"Fiche 0001" in after.content


def test_postgresql_says_what_the_index_says(crowd):
    in_database = _read_directory(None, read_public_state(timezone.now()))
    search_index().make_all()
    indexed = snapshot_at(read_public_state(timezone.now()))
    assert indexed.state is not None
    assert (in_database.total, in_database.counts) == (indexed.total, indexed.counts)
    origin = Location("Ici", float(crowd[0].latitude), float(crowd[0].longitude))
    sectors = frozenset(indexed.counts.sectors)
    few = {
        "sectors": list(sectors)[:1], "mrcs": list(indexed.counts.mrcs)[:1], "legal_forms": ["mutual"],
        "municipalities": [crowd[1].code, crowd[2].code], "languages": ["en"], "served": list(indexed.counts.served),
    }  # fmt: skip
    searches = [
        Search(),
        Search(sectors=sectors),
        Search(words=("zirconium",), typed="zirconium", order=Order.NAME),
    ]
    searches += [Search(**{facet: frozenset(values)}) for facet, values in few.items()]
    searches += [Search(**{f: frozenset(v) for f, v in few.items() if f in pair}) for pair in
                 (("sectors", "languages"), ("mrcs", "legal_forms"))]  # fmt: skip
    searches += [Search(origin=origin, within_km=km, order=order) for km in (0, 5, 25, 50) for order in Order]
    searches += [Search(words=("zirconium",), sectors=sectors, origin=origin, order=Order.DISTANCE)]
    for search in searches:
        for start, count in ((0, 20), (40, 20), (0, CROWD * 2), (CROWD * 3, 20), (0, 0)):
            slow = find(search, in_database, language="fr", start=start, count=count)
            quick = find(search, indexed, language="fr", start=start, count=count)
            assert slow.total == quick.total, search
            assert slow.counts == quick.counts, search
            assert slow.keys == quick.keys, search


@pytest.mark.usefixtures("crowd")
def test_database_away_is_told_once_and_tried_again(client, monkeypatch, caplog):
    index = search_index()
    with monkeypatch.context() as away, caplog.at_level(logging.WARNING):
        # Of the thread's own connection: this one is open.
        away.setitem(connections.settings["default"], "PORT", "1")
        assert_kept_by_nobody(client.get("/repertoire/"))
        await_making()
    assert [record.name for record in caplog.records if "search index" in record.message] == [
        "pole.search.index"
    ]
    assert_kept_by_nobody(client.get("/repertoire/"))
    await_making()
    assert client.get("/repertoire/")["ETag"]
    assert search_index() is index


@pytest.mark.usefixtures("crowd")
def test_visitors_at_once_have_it_made_once(monkeypatch):
    index, started = search_index(), []
    make, gate = index._make, threading.Event()

    def counted():
        started.append(1)
        gate.wait(60)
        make()

    monkeypatch.setattr(index, "_make", counted)
    barrier = threading.Barrier(8)

    def visit():
        barrier.wait()
        index._make_in_background()

    visitors = [threading.Thread(target=visit) for _ in range(8)]
    for each in visitors:
        each.start()
    for each in visitors:
        each.join()
    gate.set()
    await_making()
    assert len(started) == 1
    assert index._state.totals["enterprises"] > MAX_MADE_AT_ONCE
    execute("DELETE FROM enterprises_listing_territory")
    ListingFactory()
    caught_up(index)
