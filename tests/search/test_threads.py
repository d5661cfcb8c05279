"""Visitors and writers at once, and a reading that breaks off."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from enterprises.models import Listing
from enterprises.search.documents import listing_documents
from pole.caching.public_pages import read_public_state
from pole.search.documents import term
from pole.search.index import LOCK_SECONDS, MAX_MADE_AT_ONCE, SearchIndex
from tests.factories import ListingFactory, PostFactory
from tests.search.indexes import caught_up, everything, execute, made_anew

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_hour("waits for threads"),
]
SCOPE = "enterprises"
SECONDS = 3
TYPED = ("ruche", "miel")


def run(*functions):
    """Each in a thread; the first error of any."""
    errors = []

    def guarded(function):
        try:
            function()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=guarded, args=[each]) for each in functions]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    if errors:
        raise errors[0]


def test_no_reader_lacks_what_was_committed_at_its_version():
    for number in range(30):
        ListingFactory(name=f"Ruche {number}")
    town, index, end = Listing.objects.first().municipality_id, SearchIndex(), time.monotonic() + SECONDS
    read, waited = [], []

    def write(place):
        def written():
            number = 0
            while time.monotonic() < end and number < MAX_MADE_AT_ONCE // 2:
                number += 1
                execute(
                    "INSERT INTO enterprises_listing (slug, state, name, other_names, legal_form, neq, mission,"
                    " mission_en, description, description_en, products, products_en, supplies, licences,"
                    " quote_contact, staff_note, street, municipality_id, postal_code, phone, phone_extension, email, website,"
                    " social_links, opening_hours, opening_hours_en, workforce, languages, logo, created_at,"
                    " updated_at, version, sector_ids, served) VALUES (%s, 'published', 'Miel', '{}', '', '', '', '',"
                    " '', '', '{}', '{}', '{}', '{}', '', '', '', %s, '', '', '', '', '', '{}', '', '', '', '{}', '',"
                    " now(), now(), 1, '{}', '{}')",
                    f"miel-{place}-{number}",
                    town,
                )
                Listing.objects.filter(slug__startswith="entreprise", pk__lte=number).update(
                    mission=f"{number}"
                )

        return written

    def visit():
        while time.monotonic() < end:
            committed = set(Listing.objects.published().order_by().values_list("pk", flat=True))
            public_state = read_public_state(timezone.now())
            began = time.monotonic()
            state = index.at(SCOPE, public_state)
            waited.append(time.monotonic() - began)
            if state is not None:
                held = state.keys_in_order(term("scope", SCOPE), 0, 100_000)
                assert committed <= set(held)
                assert len(held) == len(set(held)) == state.totals[SCOPE]
                read.append(len(held))

    run(write("a"), write("b"), visit, visit, visit)
    assert max(read) > 31
    # What is waited for is the lock; then a few queries, on a busy machine.
    assert max(waited) < LOCK_SECONDS + 5
    assert everything(caught_up(index), SCOPE, TYPED) == everything(made_anew(), SCOPE, TYPED)


broken, entered = threading.Event(), threading.Event()


def broken_by_its_text(keys, now):
    for number, document in enumerate(listing_documents(keys, now)):
        if number == 2:
            raise ValueError(number)
        yield document


def broken_by_the_database(keys, now):
    for document in listing_documents(keys, now):
        yield document
        execute("SELECT 1 / 0")


def held_up(keys, now):
    entered.set()
    broken.wait(60)
    yield from listing_documents(keys, now)


@pytest.mark.parametrize(
    ("source", "error"), [("broken_by_its_text", ValueError), ("broken_by_the_database", DatabaseError)]
)
@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("anew", [False, True])
def test_reading_that_breaks_off_leaves_what_was(settings, monkeypatch, source, error, whole, anew):
    for number in range(5):
        ListingFactory(name=f"Ruche {number}")
    index = SearchIndex()
    if not anew:
        caught_up(index)
    before, said = index._state, everything(index._state, SCOPE, TYPED)
    Listing.objects.update(mission="Miel")
    sources = settings.SEARCH_SOURCES
    settings.SEARCH_SOURCES = sources | {SCOPE: (f"{__name__}.{source}", ())}
    monkeypatch.setattr("pole.search.index.import_string", _import)
    for _ in range(2):
        with pytest.raises(error):
            index.make_all() if whole else index.at(SCOPE, read_public_state(timezone.now()))
        # What is written next, of another scope, takes nothing of it along.
        PostFactory(title="Ruche")
        assert index.at("blog", read_public_state(timezone.now())).totals["blog"]
        assert everything(before, SCOPE, TYPED) == said
        assert everything(index._state, SCOPE, TYPED) == said
    settings.SEARCH_SOURCES = sources
    assert everything(caught_up(index), SCOPE, TYPED) == everything(made_anew(), SCOPE, TYPED)


def _import(path):
    from django.utils.module_loading import import_string

    return globals()[path.rpartition(".")[2]] if path.startswith(__name__) else import_string(path)


def test_nobody_waits_for_long_for_another(settings, monkeypatch):
    ListingFactory(name="Ruche")
    settings.SEARCH_SOURCES = {SCOPE: (f"{__name__}.held_up", ())}
    monkeypatch.setattr("pole.search.index.import_string", _import)
    index, public_state = SearchIndex(), read_public_state(timezone.now())
    broken.clear(), entered.clear()

    def second():
        assert entered.wait(60)
        began = time.monotonic()
        assert index.at(SCOPE, public_state) is None
        assert LOCK_SECONDS - 0.05 < time.monotonic() - began < LOCK_SECONDS + 5
        broken.set()

    run(lambda: index.at(SCOPE, public_state), second)
    assert index.at(SCOPE, public_state).totals[SCOPE] == 1


def test_nobody_waits_at_all_while_everything_is_read_in_the_background(monkeypatch):
    monkeypatch.setattr("pole.search.index.LOCK_SECONDS", 60)
    ListingFactory(name="Ruche")
    index, public_state = SearchIndex(), read_public_state(timezone.now())
    with index._lock, index._making:
        began = time.monotonic()
        assert index.at(SCOPE, public_state) is None
        assert time.monotonic() - began < 30
