"""Changing many listings at once: prepared, looked at in numbers, done in one transaction, undone.

Locks: the row of the change, then its listings in the order of their keys: two people who change some of the same wait
for each other, never in a circle.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched
from typing import Any

from django.db import transaction
from django.db.models import F, Model
from django.utils.translation import gettext as _

from accounts import journal
from accounts.models import User
from enterprises.listing.history import attributed_edit
from enterprises.listing_fields import COLUMN_OF_RELATION
from enterprises.models import BulkChange, Listing, Sector
from pole.models import Mrc
from pole.server import work_queue

# Rows locked and written by one set of statements.
BATCH = 500
# More are written by the worker: nobody waits for them before a page.
AT_ONCE = 2000
# What was prepared and never done is forgotten.
PREPARED_FOR = timedelta(days=1)
_MODELS: dict[str, type[Model]] = {"sectors": Sector, "territory": Mrc}


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would do now."""

    changed: int
    # Those that have the value already.
    same: int
    # Of those that change: how many had something else, which is replaced.
    replaced: int
    # Merged or erased since they were selected.
    gone: int


@transaction.atomic
def prepare(
    *, field: BulkChange.Field, value: Any, adds: bool, keys: Collection[int], by: User, now: datetime
) -> BulkChange:
    """Writes down what is to be done to the listings of these keys: nothing of them changes."""
    BulkChange.objects.filter(
        state=BulkChange.State.PREPARED, created_by=by, created_at__lt=now - PREPARED_FOR
    ).delete()
    return BulkChange.objects.create(
        field=field, value=value, adds=adds, keys=sorted(set(keys)), created_by=by, created_at=now
    )


def preview(change: BulkChange) -> Preview:
    """One query."""
    stored = _stored(change, change.keys)
    changes = [key for key, value in stored.items() if _wanted(change, value) != value]
    return Preview(
        changed=len(changes),
        same=len(stored) - len(changes),
        replaced=0 if change.adds else sum(1 for key in changes if stored[key]),
        gone=len(change.keys) - len(stored),
    )


@transaction.atomic
def apply(*, change_id: int, by: User, now: datetime) -> BulkChange:
    """Does what was prepared, once: asked again, nothing more happens. Many listings are left to the worker."""
    change = BulkChange.objects.select_for_update().get(pk=change_id)
    if change.state != BulkChange.State.PREPARED:
        return change
    # Who does it, whoever prepared it.
    change.created_by = by
    if len(change.keys) > AT_ONCE:
        change.state = BulkChange.State.QUEUED
        change.save(update_fields=["state", "created_by"])
        work_queue.defer("change_listings", change_id=change.pk)
    else:
        _do(change, now)
    journal.record(action="applied", kind="bulk_change", key=change.pk, by=by, at=now)
    return change


@transaction.atomic
def apply_queued(*, change_id: int, now: datetime) -> None:
    change = BulkChange.objects.select_for_update().get(pk=change_id)
    if change.state == BulkChange.State.QUEUED:
        _do(change, now)


def _do(change: BulkChange, now: datetime) -> None:
    with attributed_edit(by=change.created_by, reason=_("Several listings at once")):
        for keys in batched(change.keys, BATCH, strict=False):
            stored = _stored(change, keys, is_locked=True)
            wanted = {key: _wanted(change, value) for key, value in stored.items()}
            wanted = {key: value for key, value in wanted.items() if value != stored[key]}
            _write(change.field, stored, wanted, now)
            change.before |= {str(key): stored[key] for key in wanted}
    change.state, change.done_at = BulkChange.State.DONE, now
    change.save(update_fields=["state", "created_by", "done_at", "before"])


@transaction.atomic
def undo(*, change_id: int, by: User, now: datetime) -> BulkChange:
    """Gives back what the listings had, but to those where it was edited since; undone already, nothing happens."""
    change = BulkChange.objects.select_for_update().get(pk=change_id)
    if change.state != BulkChange.State.DONE:
        return change
    before = {int(key): value for key, value in change.before.items()}
    if model := _MODELS.get(change.field):
        known = set(model._default_manager.values_list("pk", flat=True))
        before = {key: [each for each in value if each in known] for key, value in before.items()}
    restored: set[int] = set()
    with attributed_edit(by=by, reason=_("Change of several listings undone")):
        for keys in batched(sorted(before), BATCH, strict=False):
            stored = _stored(change, keys, is_locked=True)
            wanted = {key: before[key] for key in stored if stored[key] == _wanted(change, before[key])}
            _write(change.field, stored, wanted, now)
            restored |= set(wanted)
    change.state, change.undone_at = BulkChange.State.UNDONE, now
    change.kept_keys = sorted(set(before) - restored)
    change.save(update_fields=["state", "undone_at", "kept_keys"])
    journal.record(action="undone", kind="bulk_change", key=change.pk, by=by, at=now)
    return change


def _stored(change: BulkChange, keys: Collection[int], *, is_locked: bool = False) -> dict[int, Any]:
    """What the listings have, by key; without those that were merged into another."""
    column = COLUMN_OF_RELATION.get(change.field, change.field)
    listings = Listing.objects.filter(pk__in=keys, merged_into=None).order_by("pk")
    if is_locked:
        listings = listings.select_for_update(of=("self",))
    rows = listings.values_list("pk", column)
    # In the order of `_wanted`, whatever that of the database.
    return {key: sorted(value) if isinstance(value, list) else value for key, value in rows}


def _wanted(change: BulkChange, stored: Any) -> Any:
    """What a listing that has `stored` is to have."""
    if change.field not in COLUMN_OF_RELATION:
        return change.value
    return sorted({*change.value, *(stored if change.adds else ())})


def _write(field: str, stored: Mapping[int, Any], wanted: Mapping[int, Any], now: datetime) -> None:
    """Statements are as many whatever the number of listings, but for one a value."""
    if field in COLUMN_OF_RELATION:
        _write_links(field, stored, wanted)
        Listing.objects.filter(pk__in=wanted).update(version=F("version") + 1, updated_at=now)
        return
    keys_of: dict[Any, list[int]] = defaultdict(list)
    for key, value in wanted.items():
        keys_of[value].append(key)
    # The state of a listing is no part of its text, nor of its version.
    more = {} if field == BulkChange.Field.STATE else {"version": F("version") + 1}
    for value, keys in keys_of.items():
        Listing.objects.filter(pk__in=keys).update(**{field: value}, **more, updated_at=now)


def _write_links(field: str, stored: Mapping[int, Any], wanted: Mapping[int, Any]) -> None:
    through: Any = getattr(Listing, field).through
    other = f"{_MODELS[field]._meta.model_name}_id"
    links = through.objects.filter(listing_id__in=wanted).values_list("pk", "listing_id", other)
    dropped = [pk for pk, listing, value in links if value not in wanted[listing]]
    added = [
        through(listing_id=key, **{other: value})
        for key, values in wanted.items()
        for value in values
        if value not in stored[key]
    ]
    if dropped:
        through.objects.filter(pk__in=dropped).delete()
    through.objects.bulk_create(added, ignore_conflicts=True)


def values_before(change: BulkChange) -> list[tuple[str, int]]:
    """What the listings had before it, for people, the most common first: (text, how many)."""
    return Counter(text_of(change.field, value) for value in change.before.values()).most_common()


def text_of(field: str, value: Any) -> str:
    """A value of a change, for people. One query for sectors and MRCs."""
    if model := _MODELS.get(field):
        rows = model._default_manager.in_bulk(list(value))
        return ", ".join(str(rows[key]) for key in value if key in rows)
    labels = dict(Listing.State.choices if field == BulkChange.Field.STATE else Listing.LegalForm.choices)
    return str(labels.get(value, ""))
