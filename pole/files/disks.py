"""What the portal says of disks, of stored files and of backups, by trying rather than by looking."""

from __future__ import annotations

import os
import secrets
import shlex
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection, models
from django.db.utils import DatabaseError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from pole.hooks.diagnostics import DiagnosticError, DiagnosticWarning, Said, Sentence, check
from pole.server import backups
from pole.server.in_time import in_time
from pole.server.whole_files import PARTIAL, in_words, write_whole
from pole.text.amounts import size, span

MAX_BACKUP_AGE = timedelta(hours=26)
MIN_FREE_BYTES = 2 * 1024**3
MIN_FREE_FILES = 10_000
# The newest rows of each model: a bounded look, of a few seconds at most.
MAX_FILES_LOOKED_AT = 5_000
BACK_UP = "manage.py backup"


@check(_("Disk"), is_kept=True)
def check_disk() -> Sentence:
    """Room on each disk that the portal writes to, and writing in its own folder."""
    return in_time("disks", partial(_room, _database_folder()))


def _room(database_folder: Path | None) -> Sentence:
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    _try_writing(settings.VAR_DIR)
    least = None
    for folder in _disks(database_folder):
        found = os.statvfs(folder)
        free = found.f_bavail * found.f_frsize
        if free < MIN_FREE_BYTES:
            raise DiagnosticError(
                Said(_("%(size)s are left (%(folder)s)."), size=size(free), folder=folder),
                to_do=_("Make room on this disk."),
                command=f"df -h {shlex.quote(str(folder))}",
            )
        # Some file systems have no such limit, and say 0 of 0.
        if found.f_files and found.f_favail < MIN_FREE_FILES:
            raise DiagnosticError(
                Said(_("%(left)s inodes are left (%(folder)s)."), left=found.f_favail, folder=folder),
                to_do=_("Delete files from this disk."),
                command=f"df -i {shlex.quote(str(folder))}",
            )
        least = free if least is None else min(least, free)
    return Said(_("%(size)s free."), size=size(least or 0))


def _disks(database_folder: Path | None) -> Iterator[Path]:
    """A folder of each disk that is used; that of the database too, when it is on this machine."""
    seen = set()
    for folder in (settings.VAR_DIR, settings.MEDIA_ROOT, backups.backup_folder(), database_folder):
        if folder and Path(folder).exists() and (device := Path(folder).stat().st_dev) not in seen:
            seen.add(device)
            yield Path(folder)


def _database_folder() -> Path | None:
    host = str(connection.settings_dict.get("HOST") or "")
    if host and not host.startswith("/") and host not in {"localhost", "127.0.0.1", "::1"}:
        return None
    try:
        with connection.cursor() as cursor:
            # Hidden from the roles that have no such right.
            cursor.execute("SELECT setting FROM pg_settings WHERE name = 'data_directory'")
            row = cursor.fetchone()
    except DatabaseError:
        row = None
    return Path(row[0]) if row else Path("/var/lib/postgresql")


@check(_("Files"), is_kept=True)
def check_media() -> Sentence:
    """Writes a file where uploads go, reads it back, deletes it."""
    return in_time("media", _trial_file)


def _trial_file() -> Sentence:
    folder = Path(settings.MEDIA_ROOT)
    _try_writing(folder / PARTIAL)
    if os.geteuid() == 0 and (owner := folder.stat().st_uid):
        raise DiagnosticWarning(
            Said(_("root writes there; the folder belongs to the account %(owner)s."), owner=owner),
            to_do=_("Run this diagnostic from the account of the services."),
        )
    return _("A trial file is written, read back and deleted.")


def _try_writing(folder: Path) -> None:
    path, content = folder / f"essai-{secrets.token_hex(8)}", secrets.token_bytes(4096)
    try:
        write_whole(path, content)
        read = path.read_bytes()
        path.unlink()
    except OSError as error:
        raise DiagnosticError(
            Said(
                _("%(folder)s: %(problem)s. Files that people send are refused."),
                folder=folder,
                problem=in_words(error),
            ),
            to_do=_("Check the room, the mount (read-only?) and the owner."),
            command=f"df -h {shlex.quote(str(folder))}",
        ) from error
    if read != content:
        raise DiagnosticError(
            Said(_("%(folder)s: what is read back is not what is written."), folder=folder),
            to_do=_("Check the disk."),
        )


@check(_("Lost files"), is_kept=True)
def check_stored_files() -> Sentence:
    """Rows whose file is missing or empty."""
    stored = list(_stored_files())
    lost = in_time("stored files", lambda: [said for said, path in stored if _is_lost(path)])
    if lost:
        first = ", ".join(lost[:3]) + (", …" if len(lost) > 3 else "")
        missing = ngettext_lazy(
            "%(count)d file is missing or empty: %(first)s.",
            "%(count)d files are missing or empty: %(first)s.",
            "count",
        )
        raise DiagnosticError(
            Said(missing, count=len(lost), first=first),
            to_do=_("Take them from the archive “.media.tar” of a backup, or send them again."),
        )
    return Said(_("None of %(count)s."), count=len(stored))


def _stored_files() -> Iterator[tuple[str, Path]]:
    """What names each file to operators, and where it is."""
    for model, field in _file_fields():
        rows = model._default_manager.exclude(**{field: ""}).order_by("-pk")
        for key, name in rows.values_list("pk", field)[:MAX_FILES_LOOKED_AT]:
            yield f"{model._meta.label_lower} {key} ({name})", Path(default_storage.path(name))


def _is_lost(path: Path) -> bool:
    return not path.is_file() or not path.stat().st_size


def _file_fields() -> Iterator[tuple[type[models.Model], str]]:
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.FileField):
                yield model, field.name


@check(_("Backup"), is_kept=True)
def check_backup() -> Sentence:
    """That a recent one looks whole, and that the next one has room."""
    return in_time("backups", _state_of_backups)


def _state_of_backups() -> Sentence:
    folder = backups.backup_folder()
    newest, age = _newest_backup(folder)
    if age > MAX_BACKUP_AGE:
        raise DiagnosticError(
            Said(_("The last one is %(span)s old."), span=span(age)),
            to_do=_("See why the backup of each night does not run, and back up."),
            command="systemctl status pole-backup.timer",
        )
    if problem := backups.what_is_wrong(newest):
        raise DiagnosticError(
            Said(_("The last one is not whole: %(problem)s."), problem=problem.removesuffix(".")),
            to_do=_("Back up again."),
            command=BACK_UP,
        )
    _try_writing(folder)
    whole = newest.stat().st_size + newest.with_suffix(backups.MEDIA).stat().st_size
    disk = os.statvfs(folder)
    if disk.f_bavail * disk.f_frsize < 1.1 * whole:
        raise DiagnosticError(
            Said(
                _("The next one has no room: it takes %(size)s in %(folder)s."),
                size=size(1.1 * whole),
                folder=folder,
            ),
            to_do=_("Make room on this disk."),
            command=f"df -h {shlex.quote(str(folder))}",
        )
    text = Said(_("The last one is %(span)s old, and takes %(size)s."), span=span(age), size=size(whole))
    if Path(settings.MEDIA_ROOT).exists() and folder.stat().st_dev == Path(settings.MEDIA_ROOT).stat().st_dev:
        return Said(
            _("%(text)s It is on the same disk as the files: have it copied elsewhere too."), text=text
        )
    return text


def _newest_backup(folder: Path) -> tuple[Path, timedelta]:
    ages = {path: time.time() - path.stat().st_mtime for path in folder.glob("*.dump")}
    if not ages:
        raise (DiagnosticError if settings.PRODUCTION else DiagnosticWarning)(
            _("There is no backup."),
            to_do=_("Start the backup of each night: docs/operating.md says how."),
            command="systemctl enable --now pole-backup.timer",
        )
    past = {path: age for path, age in ages.items() if age > -backups.CLOCK_MARGIN.total_seconds()}
    if not past:
        raise DiagnosticError(
            _("All backups are dated in the future: the clock went back."),
            to_do=_("Set the clock, then back up."),
            command=BACK_UP,
        )
    newest = min(past, key=past.__getitem__)
    return newest, timedelta(seconds=max(past[newest], 0))
