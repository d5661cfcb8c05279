"""Imports asked for in the browser: their files, their trial, their run and their undoing, in the worker.

Locks: one import, or one undoing, at a time, by an advisory lock of the session that does it; then what each text takes.
An import that was interrupted begins again, and adds what is missing.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts import journal
from accounts.models import User
from blog.models import SiteImport
from blog.wordpress.importing import Progress, import_site
from blog.wordpress.reading import Export, read_export
from blog.wordpress.report import Report
from blog.wordpress.texts import Choices
from blog.wordpress.undoing import undo_import
from blog.wordpress.zips import BadArchive, unpack_uploads
from pole.files.uploads import MEBIBYTE, Upload
from pole.files.whole import disk_errors
from pole.refusals import Refusal
from pole.server import work_queue

LOCK = 4_041_010
# Of one import, whatever it took to send them.
MAX_FILES_BYTES = 2048 * MEBIBYTE
STEPS_BETWEEN_PROGRESS = 5
# How long the export and its files wait beside the portal.
KEPT = timedelta(days=30)
_EXPORT, _UPLOADS = "export", "uploads"


class SiteImportRefused(Refusal):
    messages = {
        "site_import_busy": _("Another import is running: wait until it is over."),
        "site_import_begun": _("This import is under way already."),
        "site_import_gone": _("The files of this import are no longer there: send the export again."),
        "site_files_unreadable": _(
            "This zip file can’t be taken: it is damaged, too large once unpacked, or shaped to become so."
        ),
        "site_import_not_done": _("This import brought nothing that could be taken back."),
    }


@contextmanager
def alone() -> Iterator[None]:
    """Raises `SiteImportRefused` while another one runs. The lock goes with the connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if cursor.fetchone() != (True,):
            raise SiteImportRefused("site_import_busy")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


# --- Asked for --------------------------------------------------------------------------------------


def open_import(*, upload: Upload, file_name: str, choices: Choices, by: User | None) -> SiteImport:
    """Keeps the export, and asks for its trial. Raises `NotAnExport`."""
    folder = secrets.token_hex(16)
    path = _root(folder) / _EXPORT
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with disk_errors():
            upload.seek(0)
            with path.open("wb") as copy:
                while chunk := upload.read(MEBIBYTE):
                    copy.write(chunk)
        export = read_export(path)
        with transaction.atomic():
            site_import = SiteImport.objects.create(
                file_name=file_name[-120:], folder=folder, site=export.site[:200], created_by=by,
                keeps_state=choices.keeps_state, language=choices.language,
            )  # fmt: skip
            _defer(site_import, SiteImport.Task.TRY)
    except BaseException:
        shutil.rmtree(path.parent, ignore_errors=True)
        raise
    return site_import


def add_files(*, site_import: SiteImport, upload: Upload) -> tuple[int, int]:
    """Unpacks a zip of the uploads folder beside the others, and asks for a new trial; how many came, and did not."""
    _check_files(site_import)
    folder = _root(site_import.folder) / _UPLOADS
    folder.mkdir(parents=True, exist_ok=True)
    room = MAX_FILES_BYTES - sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    upload.seek(0)
    try:
        with disk_errors():
            counts = unpack_uploads(upload, folder, room=room)  # type: ignore[arg-type]  # Django’s files read as files do
    except BadArchive as fault:
        raise SiteImportRefused("site_files_unreadable") from fault
    with transaction.atomic():
        _defer(site_import, SiteImport.Task.TRY)
    return counts


@transaction.atomic
def ask(*, site_import_id: int, task: SiteImport.Task, by: User | None) -> SiteImport:
    """Asks for the run or the undoing of an import. Raises `SiteImportRefused`."""
    site_import = SiteImport.objects.select_for_update().get(pk=site_import_id)
    if site_import.is_under_way and not is_interrupted(site_import):
        raise SiteImportRefused("site_import_begun")
    if task == SiteImport.Task.UNDO:
        if not site_import.rows.exists() and not site_import.old_addresses.exists():
            raise SiteImportRefused("site_import_not_done")
    else:
        _check_files(site_import)
    _defer(site_import, task)
    if task == SiteImport.Task.RUN:
        journal.note(
            action="asked", kind="wordpress", key=site_import.pk, by=by, reason=site_import.file_name
        )
    return site_import


def forget_old_files(now: datetime) -> int:
    """Those of imports that nobody ran again for a month: what they brought stays, and can still be undone."""
    old = list(SiteImport.objects.filter(created_at__lt=now - KEPT).exclude(folder=""))
    for site_import in old:
        shutil.rmtree(_root(site_import.folder), ignore_errors=True)
        _set(site_import, folder="")
    return len(old)


def _check_files(site_import: SiteImport) -> None:
    if not site_import.folder or not (_root(site_import.folder) / _EXPORT).is_file():
        raise SiteImportRefused("site_import_gone")


def _root(folder: str) -> Path:
    return Path(settings.FORMER_SITES_DIR) / folder


def _defer(site_import: SiteImport, task: SiteImport.Task) -> None:
    site_import.state, site_import.task = SiteImport.State.WAITING, task
    site_import.items_done = site_import.items_total = 0
    site_import.save(update_fields=["state", "task", "items_done", "items_total"])
    work_queue.defer("import_site", site_import_id=site_import.pk)


def is_interrupted(site_import: SiteImport) -> bool:
    """Whether it is said to be under way, and no worker has it to do."""
    jobs = ProcrastinateJob.objects.filter(task_name="import_site", status__in=["todo", "doing"])
    return site_import.is_under_way and not jobs.filter(args__site_import_id=site_import.pk).exists()


# --- Done -------------------------------------------------------------------------------------------


def run(*, site_import_id: int) -> SiteImport:
    """Does what was asked. What goes wrong is marked, and goes on, unless the database went away."""
    site_import = SiteImport.objects.select_related("created_by").get(pk=site_import_id)
    if not site_import.is_under_way:
        return site_import
    try:
        with translation.override("fr"), alone():
            _set(site_import, state=SiteImport.State.RUNNING)
            finish(site_import, _done(site_import))
    except (OperationalError, InterfaceError, SiteImportRefused):
        # Begun again by the task, once the database is back, or the other import over.
        raise
    except BaseException:
        _set(site_import, state=SiteImport.State.FAILED, finished_at=timezone.now())
        raise
    return site_import


def _done(site_import: SiteImport) -> Report:
    progress = _progress(site_import)
    if site_import.task == SiteImport.Task.UNDO:
        return undo_import(site_import, progress=progress, by=site_import.created_by)
    root = _root(site_import.folder)
    return import_site(
        read_export(root / _EXPORT),
        uploads=root / _UPLOADS,
        is_dry=site_import.task == SiteImport.Task.TRY,
        progress=progress,
        choices=Choices(keeps_state=site_import.keeps_state, language=site_import.language),
        site_import=site_import,
        by=site_import.created_by,
    )


def _progress(site_import: SiteImport) -> Progress:
    def report(done: int, total: int, _title: str) -> None:
        if site_import.task != SiteImport.Task.TRY and (done % STEPS_BETWEEN_PROGRESS == 0 or done == total):
            # A trial is one transaction: nobody would see it.
            _set(site_import, items_done=done, items_total=total)

    return report


def _set(site_import: SiteImport, **fields: object) -> None:
    for name, value in fields.items():
        setattr(site_import, name, value)
    site_import.save(update_fields=list(fields))


_ENDS = {
    SiteImport.Task.TRY: SiteImport.State.TRIED,
    SiteImport.Task.RUN: SiteImport.State.DONE,
    SiteImport.Task.UNDO: SiteImport.State.UNDONE,
}


def finish(site_import: SiteImport, report: Report) -> None:
    state = _ENDS[SiteImport.Task(site_import.task)]
    _set(site_import, state=state, report=report.as_json(), finished_at=timezone.now())


# --- By the command ---------------------------------------------------------------------------------


def begin_by_command(file_name: str, export: Export, choices: Choices) -> SiteImport:
    return SiteImport.objects.create(
        file_name=file_name[-120:], site=export.site[:200], keeps_state=choices.keeps_state, language=choices.language,
        state=SiteImport.State.RUNNING, task=SiteImport.Task.RUN,
    )  # fmt: skip


def undo_now(site_import: SiteImport, *, progress: Progress) -> Report:
    with alone():
        report = undo_import(site_import, progress=progress)
    site_import.task = SiteImport.Task.UNDO
    site_import.save(update_fields=["task"])
    finish(site_import, report)
    return report
