"""The journal of changes is pruned each night; an index that it no longer reaches is made again."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from enterprises.models import Listing
from pole.search.index import JOURNAL_KEPT, JOURNAL_TRUSTED, SearchIndex, forget_changes
from pole.tasks import forget_search_changes
from tests.factories import ListingFactory
from tests.search.indexes import caught_up, everything, execute, made_anew

pytestmark = pytest.mark.django_db(transaction=True)
SCOPE, TYPED = "enterprises", ("ruche", "miel")


def journal():
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM pole_numbered_change WHERE scope = %s ORDER BY 1", [SCOPE])
        numbered = [number for (number,) in cursor.fetchall()]
        cursor.execute("SELECT key FROM pole_changed_row WHERE scope = %s ORDER BY xact, key", [SCOPE])
        return numbered, [key for (key,) in cursor.fetchall()]


def age(days):
    """All that is in the journal."""
    execute("UPDATE pole_numbered_change SET at = at - make_interval(days => %s)", days)


def test_task_forgets_what_is_older_than_a_week():
    old = ListingFactory()
    age(3)
    recent = ListingFactory()
    age(5)
    # Eight days ago, then five.
    (first, second), keys = journal()
    assert keys == [old.pk, recent.pk]
    forget_search_changes(0)
    assert journal() == ([second], [recent.pk])
    assert first < second
    age(3)
    forget_search_changes(0)
    assert journal() == ([], [])


@pytest.mark.parametrize(("since", "is_made_again"), [(JOURNAL_TRUSTED, True), (timedelta(days=5), False)])
def test_index_that_was_not_asked_for_is_made_again(since, is_made_again):
    listing = ListingFactory(name="Ruche")
    index = SearchIndex()
    caught_up(index)
    for scope, held in index._held.items():
        index._held[scope] = replace(held, read_at=held.read_at - since - timedelta(minutes=1))
    Listing.objects.filter(pk=listing.pk).update(name="Miel")
    execute("DELETE FROM pole_numbered_change")
    same = everything(caught_up(index), SCOPE, TYPED) == everything(made_anew(), SCOPE, TYPED)
    # Trusted, a journal that had lost its rows would mislead.
    assert same == is_made_again
    assert JOURNAL_TRUSTED < JOURNAL_KEPT


def test_transaction_under_way_keeps_its_rows():
    listing, index = ListingFactory(name="Ruche"), SearchIndex()
    caught_up(index)
    written, pruned, errors = threading.Event(), threading.Event(), []

    def write():
        try:
            with transaction.atomic():
                Listing.objects.filter(pk=listing.pk).update(name="Miel")
                written.set()
                assert pruned.wait(60)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    assert written.wait(60)
    forget_changes(timezone.now() + timedelta(days=1))
    assert journal() == ([], [])
    pruned.set()
    thread.join()
    assert not errors
    assert journal()[1] == [listing.pk]
    # Of a moment ago, whatever is forgotten of before.
    forget_changes(timezone.now() - timedelta(hours=1))
    assert everything(caught_up(index), SCOPE, TYPED) == everything(made_anew(), SCOPE, TYPED)
    assert everything(index._state, SCOPE)["total"] == 1
