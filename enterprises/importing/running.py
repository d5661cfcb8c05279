"""Trying an import, running it, cancelling it.

A run is one transaction: every row, or none. The progress and the request to
cancel go through a second connection, since the transaction shows nothing before its end; it also holds the
run's own lock, which goes with a process that dies: an import that says it runs, without it, was interrupted.

Locks: that of the run; an advisory lock, so that one import runs at a time; then the listings' rows, one after the
other; the row of the import last.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts import journal
from accounts.models import User
from enterprises.importing.columns import FIELDS, guess_mapping, save_choices
from enterprises.importing.planning import CHANGED, CREATED, PlannedRow, Planner
from enterprises.listing.editing import unused_listing_slug
from enterprises.listing.history import attributed_edit
from enterprises.listing_fields import COLUMN_OF_RELATION
from enterprises.models import Import, Listing
from pole.files.tables import Table
from pole.refusals import Refusal
from pole.server import work_queue
from pole.server.database import limits

IMPORT_LOCK = 4_041_001
# With the key of an import: held for as long as it runs.
RUN_LOCK = 4_041_002
# Rows between two updates of the progress, which also look for a request to cancel.
ROWS_BETWEEN_PROGRESS = 20


class ImportCancelled(Exception):
    """Someone cancelled the run: it is rolled back."""


class ImportNotOpen(Refusal):
    messages = {"import_begun": _("This import has begun already.")}


# Is told how many rows of a run are done. Raises `ImportCancelled` to stop it.
type ProgressReporter = Callable[[int], None]


@limits.longer()
def open_import(*, table: Table, file_name: str, by: User | None) -> Import:
    """Stores the rows, guesses the fields of the columns, and does a dry run."""
    spreadsheet_import = Import(
        created_by=by, file_name=file_name[-120:], rows_total=len(table.rows), mapping=guess_mapping(table.header),
        table={"header": table.header, "rows": table.rows, "numbers": table.numbers},
    )  # fmt: skip
    spreadsheet_import.outcomes = _dry_run(spreadsheet_import)
    spreadsheet_import.save()
    return spreadsheet_import


def _dry_run(spreadsheet_import: Import) -> list[dict[str, Any]]:
    if "name" not in spreadsheet_import.mapping or "municipality" not in spreadsheet_import.mapping:
        return []
    return [asdict(planned.outcome) for planned in Planner(spreadsheet_import).plan()]


@limits.longer()
@transaction.atomic
def save_answers(
    *,
    import_id: int,
    mapping: list[str] | None = None,
    places: dict[str, str] | None = None,
    rows: dict[str, str] | None = None,
    only_fills: bool | None = None,
    publishes: bool | None = None,
) -> Import:
    """Stores what staff answered about columns, municipalities and rows, and does a new dry run. Raises `ImportNotOpen`."""
    spreadsheet_import = Import.objects.select_for_update().get(pk=import_id)
    if spreadsheet_import.state != Import.State.OPEN:
        raise ImportNotOpen
    if mapping is not None and len(mapping) == len(spreadsheet_import.table["header"]):
        spreadsheet_import.mapping = [
            name if name in FIELDS and name not in mapping[:at] else "" for at, name in enumerate(mapping)
        ]
        save_choices(spreadsheet_import.table["header"], spreadsheet_import.mapping)
    answers = {"places": {}, "rows": {}} | spreadsheet_import.answers
    answers["places"] |= places or {}
    answers["rows"] |= rows or {}
    spreadsheet_import.answers = answers
    spreadsheet_import.only_fills = spreadsheet_import.only_fills if only_fills is None else only_fills
    spreadsheet_import.publishes = spreadsheet_import.publishes if publishes is None else publishes
    spreadsheet_import.outcomes = _dry_run(spreadsheet_import)
    spreadsheet_import.save()
    return spreadsheet_import


@transaction.atomic
def enqueue(*, import_id: int, by: User | None = None) -> Import:
    """Asks that the import be run soon. Raises `ImportNotOpen`."""
    spreadsheet_import = Import.objects.select_for_update().get(pk=import_id)
    if spreadsheet_import.state != Import.State.OPEN and not is_interrupted(spreadsheet_import):
        raise ImportNotOpen
    spreadsheet_import.state, spreadsheet_import.rows_done = Import.State.QUEUED, 0
    spreadsheet_import.cancel_asked = False
    spreadsheet_import.save(update_fields=["state", "cancel_asked", "rows_done"])
    journal.note(action="run", kind="import", key=import_id, by=by)
    work_queue.defer("run_import", import_id=spreadsheet_import.pk)
    return spreadsheet_import


@transaction.atomic
def cancel(*, import_id: int, by: User | None = None) -> None:
    """Cancels an import at once when it has not begun; else asks the run to stop and roll back."""
    spreadsheet_import = Import.objects.select_for_update().get(pk=import_id)
    waiting = Import.objects.filter(pk=import_id)
    if not is_interrupted(spreadsheet_import):
        waiting = waiting.filter(state__in=[Import.State.OPEN, Import.State.QUEUED])
    is_cancelled = waiting.update(state=Import.State.CANCELLED, finished_at=timezone.now())
    if not is_cancelled:
        running = Import.objects.filter(pk=import_id, state=Import.State.RUNNING, cancel_asked=False)
        is_cancelled = running.update(cancel_asked=True)
    if is_cancelled:
        journal.note(action="cancelled", kind="import", key=import_id, by=by)


def run(*, import_id: int, progress: ProgressReporter | None = None) -> Import:
    """Writes every new or changed row, in one transaction. Does nothing unless the import waits, or was interrupted.

    If something raises, nothing is kept, the import is marked as failed, unless the database went away, and the exception goes on;
    on `ImportCancelled`, it is marked as cancelled and returned.
    """
    with report_on_second_connection(import_id) as report:
        if report is not None:
            _run(import_id, progress or report)
    return Import.objects.get(pk=import_id)


def _run(import_id: int, progress: ProgressReporter) -> None:
    # Under the lock of the run: one that is running already was interrupted.
    states = [Import.State.OPEN, Import.State.QUEUED, Import.State.RUNNING]
    begun = Import.objects.filter(pk=import_id, state__in=states)
    if not begun.update(state=Import.State.RUNNING, rows_done=0):
        return
    try:
        _write_rows(import_id, progress)
    except ImportCancelled:
        _finish(import_id, Import.State.CANCELLED)
    except (OperationalError, InterfaceError):
        # The database went away: interrupted, and begun again by the task once it is back.
        raise
    except BaseException:
        _finish(import_id, Import.State.FAILED)
        raise


def is_interrupted(spreadsheet_import: Import) -> bool:
    """Whether it began, and whoever ran it is gone: nothing is written. One query while it runs."""
    if spreadsheet_import.state != Import.State.RUNNING:
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT NOT EXISTS (SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            " WHERE locktype = 'advisory' AND datname = current_database() AND classid = %s AND objid = %s)",
            [RUN_LOCK, spreadsheet_import.pk],
        )
        found: bool = cursor.fetchone()[0]
    return found


def resumes_by_itself(spreadsheet_import: Import) -> bool:
    """Whether a worker has it to do, or will: an import that killed several is given up."""
    jobs = ProcrastinateJob.objects.filter(task_name="run_import", status__in=["todo", "doing"])
    return jobs.filter(args__import_id=spreadsheet_import.pk).exists()


def _finish(import_id: int, state: Import.State) -> None:
    Import.objects.filter(pk=import_id).update(state=state, finished_at=timezone.now(), rows_done=0)


@transaction.atomic
def _write_rows(import_id: int, progress: ProgressReporter) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORT_LOCK])
    spreadsheet_import = Import.objects.get(pk=import_id)
    outcomes = []
    for done, planned in enumerate(Planner(spreadsheet_import).plan(), start=1):
        if planned.outcome.kind in {CREATED, CHANGED}:
            with attributed_edit(by=spreadsheet_import.created_by, reason=spreadsheet_import.file_name):
                _write_row(planned, publishes=spreadsheet_import.publishes, now=timezone.now())
        outcomes.append(asdict(planned.outcome))
        if done % ROWS_BETWEEN_PROGRESS == 0:
            progress(done)
    progress(spreadsheet_import.rows_total)
    Import.objects.filter(pk=import_id).update(
        state=Import.State.DONE,
        outcomes=outcomes,
        rows_done=spreadsheet_import.rows_total,
        finished_at=timezone.now(),
    )


def _write_row(planned: PlannedRow, *, publishes: bool, now: datetime) -> None:
    listing, values = planned.listing, planned.row.values
    assert listing is not None  # noqa: S101 - a row to write has one
    if planned.outcome.kind == CREATED:
        listing.slug = unused_listing_slug(listing.name)
        listing.state = Listing.State.PUBLISHED if publishes else Listing.State.DRAFT
        listing.created_at = now
        listing.save()
    else:
        # Under its lock, only the version of the listing is read again: its other columns are those that the
        # planner read before. So only the columns that this row of the spreadsheet changes are written.
        stored = Listing.objects.only("pk", "version").select_for_update().get(pk=listing.pk)
        columns = [name for name in planned.changed if name not in COLUMN_OF_RELATION]
        listing.version = stored.version + 1
        listing.save(update_fields=[*columns, "version", "updated_at"])
    for relation in COLUMN_OF_RELATION:
        if relation in planned.changed:
            getattr(listing, relation).set(values[relation])
    planned.outcome.listing = listing.pk


# --- Beside the transaction -----------------------------------------------------------------------


@contextlib.contextmanager
def report_on_second_connection(import_id: int) -> Iterator[ProgressReporter | None]:
    """Writes the progress and reads the request to cancel on a connection of its own, outside the transaction.

    Gives None when the import is being run elsewhere.
    """
    # Not one of Django's connections: those are one a thread, and this thread's is busy.
    other = psycopg.connect(**connection.get_connection_params(), autocommit=True)
    try:
        with other.cursor() as cursor:

            def report(count: int) -> None:
                cursor.execute(
                    "UPDATE enterprises_import SET rows_done = %s WHERE id = %s RETURNING cancel_asked",
                    [count, import_id],
                )
                if cursor.fetchone() == (True,):
                    raise ImportCancelled

            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [RUN_LOCK, import_id])
            try:
                yield report if cursor.fetchone() == (True,) else None
            finally:
                # The server would free it a moment after the connection is closed.
                with contextlib.suppress(psycopg.Error):
                    cursor.execute("SELECT pg_advisory_unlock_all()")
    finally:
        other.close()
