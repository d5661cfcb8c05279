"""Trying an import, running it, cancelling it.

A run is one transaction: every row, or none. The progress and the request to
cancel go through a second connection, since the transaction shows nothing before its end.

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
from enterprises.importing.columns import FIELDS, guess_mapping, save_choices
from enterprises.importing.planning import CHANGED, CREATED, PlannedRow, Planner
from enterprises.importing.reading import Table
from enterprises.listing.editing import RESERVED_SLUGS
from enterprises.listing.history import attributed_edit
from enterprises.listing_fields import COLUMN_OF_RELATION
from enterprises.models import Import, Listing
from pole.text.slugs import unused_slug

IMPORT_LOCK = 4_041_001
# Rows between two updates of the progress, which also look for a request to cancel.
ROWS_BETWEEN_PROGRESS = 20


class ImportCancelled(Exception):
    """Someone cancelled the run: it is rolled back."""


class ImportNotOpen(Exception):
    """The import has begun already."""


class ProgressWatcher(Protocol):
    """Who follows a run. Raises `ImportCancelled` to stop it."""

    def rows_done(self, count: int, /) -> None: ...


def open_import(*, table: Table, file_name: str, by: User | None) -> Import:
    """Stores the rows, guesses the fields of the columns, and does a dry run."""
    source = Import(
        created_by=by, file_name=file_name[-120:], rows_total=len(table.rows), mapping=guess_mapping(table.header),
        table={"header": table.header, "rows": table.rows, "numbers": table.numbers},
    )  # fmt: skip
    source.outcomes = _dry_run(source)
    source.save()
    return source


def _dry_run(source: Import) -> list[dict[str, Any]]:
    if "name" not in source.mapping or "municipality" not in source.mapping:
        return []
    return [planned.outcome.as_json() for planned in Planner(source).plan()]


@transaction.atomic
def save_answers(
    *,
    key: int,
    mapping: list[str] | None = None,
    places: dict[str, str] | None = None,
    rows: dict[str, str] | None = None,
    only_fills: bool | None = None,
    publishes: bool | None = None,
) -> Import:
    """Stores what staff answered about columns, municipalities and rows, and does a new dry run. Raises `ImportNotOpen`."""
    source = Import.objects.select_for_update().get(pk=key)
    if source.state != Import.State.OPEN:
        raise ImportNotOpen
    if mapping is not None and len(mapping) == len(source.table["header"]):
        source.mapping = [
            name if name in FIELDS and name not in mapping[:at] else "" for at, name in enumerate(mapping)
        ]
        save_choices(source.table["header"], source.mapping)
    answers = {"places": {}, "rows": {}} | source.answers
    answers["places"] |= places or {}
    answers["rows"] |= rows or {}
    source.answers = answers
    source.only_fills = source.only_fills if only_fills is None else only_fills
    source.publishes = source.publishes if publishes is None else publishes
    source.outcomes = _dry_run(source)
    source.save()
    return source


@transaction.atomic
def enqueue(*, key: int) -> Import:
    """Asks that the import be run soon. Raises `ImportNotOpen` when it was asked before."""
    source = Import.objects.select_for_update().get(pk=key)
    if source.state != Import.State.OPEN:
        raise ImportNotOpen
    source.state, source.cancel_asked, source.rows_done = Import.State.QUEUED, False, 0
    source.save(update_fields=["state", "cancel_asked", "rows_done"])
    app.configure_task("run_import").defer(import_id=source.pk)
    return source


def cancel(*, key: int) -> None:
    """Cancels an import at once when it has not begun; else asks the run to stop and roll back."""
    waiting = Import.objects.filter(pk=key, state__in=[Import.State.OPEN, Import.State.QUEUED])
    if not waiting.update(state=Import.State.CANCELLED, finished_at=timezone.now()):
        Import.objects.filter(pk=key, state=Import.State.RUNNING).update(cancel_asked=True)


def run(*, key: int, watch: ProgressWatcher | None = None) -> Import:
    """Writes every row that is valid, in one transaction: whatever stops it rolls it back.

    The import is then marked as failed and the exception raised; or as cancelled, on `ImportCancelled`.
    """
    begun = Import.objects.filter(pk=key, state__in=[Import.State.OPEN, Import.State.QUEUED])
    if not begun.update(state=Import.State.RUNNING, rows_done=0):
        return Import.objects.get(pk=key)
    try:
        with contextlib.ExitStack() as stack:
            _write_rows(key, watch or stack.enter_context(watch_on_second_connection(key)))
    except ImportCancelled:
        _finish(key, Import.State.CANCELLED)
    except BaseException:
        _finish(key, Import.State.FAILED)
        raise
    return Import.objects.get(pk=key)


def _finish(key: int, state: Import.State) -> None:
    Import.objects.filter(pk=key).update(state=state, finished_at=timezone.now(), rows_done=0)


@transaction.atomic
def _write_rows(key: int, watch: ProgressWatcher) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORT_LOCK])
    source = Import.objects.get(pk=key)
    outcomes = []
    for done, planned in enumerate(Planner(source).plan(), start=1):
        if planned.outcome.kind in {CREATED, CHANGED}:
            with attributed_edit(by=source.created_by, reason=source.file_name):
                _write_row(planned, publishes=source.publishes, now=timezone.now())
        outcomes.append(planned.outcome.as_json())
        if done % ROWS_BETWEEN_PROGRESS == 0:
            watch.rows_done(done)
    watch.rows_done(source.rows_total)
    Import.objects.filter(pk=key).update(
        state=Import.State.DONE, outcomes=outcomes, rows_done=source.rows_total, finished_at=timezone.now()
    )


def _write_row(planned: PlannedRow, *, publishes: bool, now: datetime) -> None:
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
        columns = [name for name in planned.changed if name not in COLUMN_OF_RELATION]
        listing.version = stored.version + 1
        listing.save(update_fields=[*columns, "version", "updated_at"])
    for relation in COLUMN_OF_RELATION:
        if relation in planned.changed:
            getattr(listing, relation).set(values[relation])
    planned.outcome.listing = listing.pk


# --- Beside the transaction -----------------------------------------------------------------------


class _SecondConnectionWatcher:
    def __init__(self, key: int, cursor: Any) -> None:
        self.key, self.cursor = key, cursor

    def rows_done(self, count: int, /) -> None:
        self.cursor.execute(
            "UPDATE enterprises_import SET rows_done = %s WHERE id = %s AND NOT cancel_asked RETURNING id",
            [count, self.key],
        )
        if self.cursor.fetchone() is None and self._is_cancelled():
            raise ImportCancelled

    def _is_cancelled(self) -> bool:
        self.cursor.execute("SELECT cancel_asked FROM enterprises_import WHERE id = %s", [self.key])
        found = self.cursor.fetchone()
        return bool(found and found[0])


@contextlib.contextmanager
def watch_on_second_connection(key: int) -> Iterator[ProgressWatcher]:
    """Writes the progress and reads the request to cancel on a connection of its own, outside the transaction."""
    # Not one of Django's connections: those are one a thread, and this thread's is busy.
    other = psycopg.connect(**connection.get_connection_params(), autocommit=True)
    try:
        with other.cursor() as cursor:
            yield _SecondConnectionWatcher(key, cursor)
    finally:
        other.close()
