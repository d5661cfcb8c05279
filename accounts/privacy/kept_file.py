"""The file of what was erased, beside the backups: each row of `Erasure`, as a line of JSON that is only ever added.

The database has them all until it is lost; the file is what a restore knows that the backup does not. It is made from
the rows: an export adds those that it lacks, so that one that was killed, or that the disk refused, is caught up by the
next. Each machine that works or backs up has the whole of them in its own folder. A line that a kill cut short is
removed before the next is added, and the file is never read without its lock.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from django.db import connection

from accounts.models import Erasure
from pole.server.backups import BackupError, backup_folder, by_age, made_at
from pole.server.whole_files import in_french, synchronise, write_whole

NAME = "erasures.jsonl"
# A backup that is older may be restored no more: lines are kept for as long, wherever the copy was.
KEPT_FOR = timedelta(days=400)


class Line(NamedTuple):
    at: datetime
    kind: str
    key_name: str
    digest: str

    def written(self) -> bytes:
        said = {"at": self.at.isoformat(), "kind": self.kind, "key": self.key_name, "digest": self.digest}
        return json.dumps(said).encode() + b"\n"


def path() -> Path:
    return backup_folder() / NAME


@contextmanager
def _locked() -> Iterator[None]:
    """One export at a time on this machine; beside the file, which a cleaning replaces."""
    backup_folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(backup_folder() / f".{NAME}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _has_table() -> bool:
    """Not yet, for the backup that comes before the upgrade which makes it."""
    return Erasure._meta.db_table in connection.introspection.table_names()


def lines_of_rows() -> list[Line]:
    if not _has_table():
        return []
    rows = Erasure.objects.order_by("pk").values_list("at", "kind", "key_name", "digest")
    return [Line(*row) for row in rows]


def export() -> int:
    """Adds the rows that the file lacks; returns how many. Raises `BackupError`: the file is then as it was."""
    try:
        with _locked():
            present = set(_read(is_cut_allowed=True))
            missing = [line for line in lines_of_rows() if line not in present]
            _append(b"".join(line.written() for line in missing))
    except OSError as error:
        raise BackupError(f"{path()}\u00a0: {in_french(error)}; les effacements n’y sont pas.") from error
    return len(missing)


def _append(content: bytes) -> None:
    is_new = not path().exists()
    with os.fdopen(os.open(path(), os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        # What a kill left of a line goes, or the next would be lost in it.
        whole = file.read().rfind(b"\n") + 1
        file.truncate(whole)
        file.seek(whole)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            file.truncate(whole)
            raise
    if is_new:
        synchronise(backup_folder())


def read() -> list[Line]:
    """Every line. Raises `BackupError` when the file is missing or damaged."""
    try:
        with _locked():
            if not path().exists():
                raise BackupError(
                    f"Il manque {path()}\u00a0: sans lui, qui s’est fait effacer depuis reviendrait."
                )
            return _read(is_cut_allowed=False)
    except OSError as error:
        raise BackupError(f"{path()}\u00a0: {in_french(error)}.") from error


def _read(*, is_cut_allowed: bool) -> list[Line]:
    content = path().read_bytes() if path().exists() else b""
    whole, _newline, cut = content.rpartition(b"\n")
    if cut and not is_cut_allowed:
        raise BackupError(f"{path()}\u00a0: la dernière ligne est coupée.")
    return [_parsed(number, line) for number, line in enumerate(whole.splitlines(), start=1)]


def _parsed(number: int, line: bytes) -> Line:
    try:
        said = json.loads(line)
        at = datetime.fromisoformat(said["at"])
        if at.tzinfo is None:
            raise ValueError("without its zone, it can't be compared")
        return Line(at, said["kind"], said["key"], said["digest"])
    except (ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{path()}\u00a0: la ligne {number} est illisible.") from error


def forget_old(now: datetime) -> int:
    """Drops rows and lines that no backup needs any more: older than `KEPT_FOR`, and than each backup of the folder."""
    limit = min([now - KEPT_FOR, *(made_at(dump) for dump in by_age() if dump.stem[-1:] == "Z")])
    count = Erasure.objects.filter(at__lt=limit).delete()[0] if _has_table() else 0
    with _locked():
        lines = _read(is_cut_allowed=True)
        if kept := [line for line in lines if line.at >= limit]:
            if len(kept) < len(lines):
                write_whole(path(), b"".join(line.written() for line in kept))
        elif lines:
            write_whole(path(), b"")
    return count


def catch_up(now: datetime) -> None:
    """What a backup does: nothing that was erased is missing beside it. Raises `BackupError`."""
    export()
    forget_old(now)
    if missing := set(lines_of_rows()) - set(read()):
        raise BackupError(f"{path()}\u00a0: il y manque {len(missing)} effacements.")
