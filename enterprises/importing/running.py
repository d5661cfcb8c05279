"""Trying an import, running it, cancelling it.

A run is one transaction: every row, or none. What people watch meanwhile (rows done, a wish to
cancel) goes through a second connection, since nothing of the transaction is seen before its end.

Locks: an advisory lock, so that one import runs at a time; then the listings' rows, one after the
other; the row of the import last.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Protocol

import psycopg
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.models import User
from enterprises.importing.columns import FIELDS, guess_mapping, remember
from enterprises.importing.planning import CHANGED, CREATED, Planned, Planner
from enterprises.importing.reading import Table
from enterprises.listing.editing import RESERVED_SLUGS
from enterprises.listing.history import recorded
from enterprises.listing_fields import RELATIONS
from enterprises.models import Import, Listing
from pole.text.slugs import unused_slug

_LOCK = 4_041_001
# Rows between two looks at what people wish.
STRIDE = 20


class Cancelled(Exception):
    """Someone asked that nothing be kept."""


class NotOpen(Exception):
    """The import has begun already."""


class Watch(Protocol):
    """Who follows a run. Raises `Cancelled` to stop it."""

    def rows_done(self, count: int, /) -> None: ...


def open_import(*, table: Table, file_name: str, by: User | None) -> Import:
    """Keeps the rows, guesses what columns mean, and tries them."""
    source = Import(
        created_by=by, file_name=file_name[-120:], rows_total=len(table.rows), mapping=guess_mapping(table.header),
        table={"header": table.header, "rows": table.rows, "numbers": table.numbers},
    )  # fmt: skip
    source.outcomes = _tried(source)
    source.save()
    return source


def _tried(source: Import) -> list[dict[str, Any]]:
    if "name" not in source.mapping or "municipality" not in source.mapping:
        return []
    return [planned.outcome.as_json() for planned in Planner(source).plan()]


@transaction.atomic
def answer(
    *,
    key: int,
    mapping: list[str] | None = None,
    places: dict[str, str] | None = None,
    rows: dict[str, str] | None = None,
    only_fills: bool | None = None,
    publishes: bool | None = None,
) -> Import:
    """Keeps what staff said of columns, places and rows, and tries again. Raises `NotOpen`."""
    source = Import.objects.select_for_update().get(pk=key)
    if source.state != Import.State.OPEN:
        raise NotOpen
    if mapping is not None and len(mapping) == len(source.table["header"]):
        source.mapping = [
            name if name in FIELDS and name not in mapping[:at] else "" for at, name in enumerate(mapping)
        ]
        remember(source.table["header"], source.mapping)
    answers = {"places": {}, "rows": {}} | source.answers
    answers["places"] |= places or {}
    answers["rows"] |= rows or {}
    source.answers = answers
    source.only_fills = source.only_fills if only_fills is None else only_fills
    source.publishes = source.publishes if publishes is None else publishes
    source.outcomes = _tried(source)
    source.save()
    return source


@transaction.atomic
def queue(*, key: int) -> Import:
    """Asks that the import be run soon. Raises `NotOpen` when it was asked before."""
    source = Import.objects.select_for_update().get(pk=key)
    if source.state != Import.State.OPEN:
        raise NotOpen
    source.state, source.cancel_asked, source.rows_done = Import.State.QUEUED, False, 0
    source.save(update_fields=["state", "cancel_asked", "rows_done"])
    app.configure_task("run_import").defer(import_id=source.pk)
    return source


def cancel(*, key: int) -> None:
    """Asks a run to stop; one that is not begun is closed at once, and what it did never was."""
    waiting = Import.objects.filter(pk=key, state__in=[Import.State.OPEN, Import.State.QUEUED])
    if not waiting.update(state=Import.State.CANCELLED, finished_at=timezone.now()):
        Import.objects.filter(pk=key, state=Import.State.RUNNING).update(cancel_asked=True)


def run(*, key: int, watch: Watch | None = None) -> Import:
    """Writes every row that can be, in one transaction. Whatever stops it leaves nothing.

    Raises what went wrong after noting it, but `Cancelled`, which it only notes.
    """
    begun = Import.objects.filter(pk=key, state__in=[Import.State.OPEN, Import.State.QUEUED])
    if not begun.update(state=Import.State.RUNNING, rows_done=0):
        return Import.objects.get(pk=key)
    try:
        with contextlib.ExitStack() as stack:
            _write(key, watch or stack.enter_context(beside(key)))
    except Cancelled:
        _close(key, Import.State.CANCELLED)
    except BaseException:
        _close(key, Import.State.FAILED)
        raise
    return Import.objects.get(pk=key)


def _close(key: int, state: Import.State) -> None:
    Import.objects.filter(pk=key).update(state=state, finished_at=timezone.now(), rows_done=0)


@transaction.atomic
def _write(key: int, watch: Watch) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    source = Import.objects.get(pk=key)
    outcomes = []
    for done, planned in enumerate(Planner(source).plan(), start=1):
        if planned.outcome.kind in {CREATED, CHANGED}:
            with recorded(by=source.created_by, reason=source.file_name):
                _write_row(planned, publishes=source.publishes, now=timezone.now())
        outcomes.append(planned.outcome.as_json())
        if done % STRIDE == 0:
            watch.rows_done(done)
    watch.rows_done(source.rows_total)
    Import.objects.filter(pk=key).update(
        state=Import.State.DONE, outcomes=outcomes, rows_done=source.rows_total, finished_at=timezone.now()
    )


def _write_row(planned: Planned, *, publishes: bool, now: datetime) -> None:
    listing, values = planned.listing, planned.row.values
    assert listing is not None  # noqa: S101 - a row to write has one
    if planned.outcome.kind == CREATED:
        slug = unused_slug(listing.name, Listing.objects.all(), fallback="fiche")
        listing.slug = f"{slug}-1" if slug in RESERVED_SLUGS else slug
        listing.state = Listing.State.PUBLISHED if publishes else Listing.State.DRAFT
        listing.created_at = now
        listing.save()
    else:
        # Under its lock, the row as it is now: only what this row changes is written.
        stored = Listing.objects.only("pk", "version").select_for_update().get(pk=listing.pk)
        columns = [name for name in planned.changed if name not in RELATIONS]
        listing.version = stored.version + 1
        listing.save(update_fields=[*columns, "version", "updated_at"])
    for relation in RELATIONS:
        if relation in planned.changed:
            getattr(listing, relation).set(values[relation])
    planned.outcome.listing = listing.pk


# --- Beside the transaction -----------------------------------------------------------------------


class _Beside:
    def __init__(self, key: int, cursor: Any) -> None:
        self.key, self.cursor = key, cursor

    def rows_done(self, count: int, /) -> None:
        self.cursor.execute(
            "UPDATE enterprises_import SET rows_done = %s WHERE id = %s AND NOT cancel_asked RETURNING id",
            [count, self.key],
        )
        if self.cursor.fetchone() is None and self._is_cancelled():
            raise Cancelled

    def _is_cancelled(self) -> bool:
        self.cursor.execute("SELECT cancel_asked FROM enterprises_import WHERE id = %s", [self.key])
        found = self.cursor.fetchone()
        return bool(found and found[0])


@contextlib.contextmanager
def beside(key: int) -> Iterator[Watch]:
    """Tells and asks through a connection of its own, which sees and shows what is committed."""
    # Not one of Django's connections: those are one a thread, and this thread's is busy.
    other = psycopg.connect(**connection.get_connection_params(), autocommit=True)
    try:
        with other.cursor() as cursor:
            yield _Beside(key, cursor)
    finally:
        other.close()
