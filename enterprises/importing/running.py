"""Running an import, and cancelling it.

A run is one transaction: every row, or none. The progress and the request to
cancel go through a second connection, since the transaction shows nothing before its end; it also holds the
run's own lock, which goes with a process that dies: an import that says it runs, without it, was interrupted.

Locks: that of the run; an advisory lock, so that one import runs at a time; then the listings' rows, in the order of
their keys; the row of the import last.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import psycopg
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts import journal
from accounts.models import User
from enterprises.importing.answers import ImportNotOpen
from enterprises.importing.trial import ProgressReporter, store_rows, try_rows
from enterprises.importing.writing import write_rows
from enterprises.models import Import
from pole.server import work_queue

IMPORT_LOCK = 4_041_001
# With the key of an import: held for as long as it runs.
RUN_LOCK = 4_041_002
# Something is under way: the page follows it.
BUSY = (Import.State.TRYING, Import.State.QUEUED, Import.State.RUNNING, Import.State.UNDOING)
# Of the progress, what trying the rows again is; the rest is writing them.
TRIAL_WEIGHT = 0.5


class ImportCancelled(Exception):
    """Someone cancelled the run: it is rolled back."""


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
        waiting = waiting.filter(state__in=[Import.State.TRYING, Import.State.OPEN, Import.State.QUEUED])
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
    rows = try_rows(spreadsheet_import, progress, weight=TRIAL_WEIGHT)
    write_rows(
        spreadsheet_import,
        rows,
        lambda share: progress(
            int(spreadsheet_import.rows_total * (TRIAL_WEIGHT + share * (1 - TRIAL_WEIGHT)))
        ),
    )
    store_rows(rows)
    progress(spreadsheet_import.rows_total)
    Import.objects.filter(pk=import_id).update(
        state=Import.State.DONE, rows_done=spreadsheet_import.rows_total, finished_at=timezone.now()
    )


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
