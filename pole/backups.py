"""Backups: the database by pg_dump, the media files beside it, and a drill that restores both elsewhere.

Files in the folder of backups: `pole-<UTC time>.dump` (pg_dump's custom format) and
`pole-<UTC time>.media.tar`. Each is written under another name first: a file with its final name is whole.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import psycopg.sql
from django.conf import settings
from django.db import connection

from pole.postgres import programs_dir

KEPT = 14
SCRATCH = "pole_restore_drill"


class BackupError(Exception):
    """Nothing usable was written or restored; the message, in French, says why."""


def folder() -> Path:
    return Path(os.environ.get("POLE_BACKUPS", settings.VAR_DIR / "backups"))


def write() -> tuple[Path, Path]:
    """Writes one backup and forgets all but the newest KEPT. Raises `BackupError`."""
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    dump, media = folder() / f"pole-{stamp}.dump", folder() / f"pole-{stamp}.media.tar"
    partial = dump.with_suffix(".partial")
    _run("pg_dump", "--format=custom", f"--file={partial}", _database_name())
    partial.rename(dump)
    partial = media.with_suffix(".partial")
    with tarfile.open(partial, "w") as archive:
        if settings.MEDIA_ROOT.exists():
            archive.add(settings.MEDIA_ROOT, arcname="media")
    partial.rename(media)
    for old in sorted(folder().glob("pole-*.dump"))[:-KEPT]:
        old.unlink()
        old.with_suffix(".media.tar").unlink(missing_ok=True)
    return dump, media


def newest() -> Path:
    """The newest dump. Raises `BackupError` when there is none."""
    dumps = sorted(folder().glob("pole-*.dump"))
    if not dumps:
        raise BackupError(f"Aucune sauvegarde dans {folder()}.")
    return dumps[-1]


def drill(dump: Path) -> tuple[int, int]:
    """Restores `dump` into a scratch database and compares it with what it says of itself.

    Gives the number of tables and of media files found whole. The scratch database is on the same
    server, and dropped whatever happens. Raises `BackupError`.
    """
    _run("dropdb", "--if-exists", SCRATCH)
    _run("createdb", "--template=template0", SCRATCH)
    try:
        _run("pg_restore", "--exit-on-error", "--no-owner", f"--dbname={SCRATCH}", str(dump))
        tables = _compare_tables()
    finally:
        _run("dropdb", "--if-exists", SCRATCH)
    return tables, _check_media(dump.with_suffix(".media.tar"))


def _compare_tables() -> int:
    """Every table of the portal must be there, and hold rows wherever the portal's does."""
    parameters = connection.get_connection_params() | {"dbname": SCRATCH}
    known = ("host", "port", "user", "password", "dbname")
    arguments = {key: parameters[key] for key in known if parameters.get(key)}
    with psycopg.connect(**arguments) as restored, connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        for name in names:
            query = psycopg.sql.SQL("SELECT count(*) FROM {}").format(psycopg.sql.Identifier(name))
            there = restored.execute(query).fetchone()
            cursor.execute(query)
            here = cursor.fetchone()
            if there is None or (here[0] and not there[0] and name not in _EMPTY_AFTER_RESTORE):
                raise BackupError(f"La table {name} est vide dans la sauvegarde.")
    return len(names)


# What an unlogged table holds is not dumped; what came after the backup is not in it.
_EMPTY_AFTER_RESTORE = {
    "pole_cache",
    "django_session",
    "pole_outgoingmail",
    "procrastinate_jobs",
    "procrastinate_events",
}


def _check_media(archive: Path) -> int:
    """Every file of the archive is whole, and equal to the stored one where that one still exists."""
    if not archive.exists():
        raise BackupError(f"Il manque {archive.name} à côté de la sauvegarde.")
    count = 0
    with tarfile.open(archive) as opened:
        for member in opened.getmembers():
            stream = opened.extractfile(member)
            if stream is None:
                continue
            count += 1
            stored = settings.MEDIA_ROOT.joinpath(*Path(member.name).parts[1:])
            content = hashlib.sha256(stream.read()).digest()
            if stored.exists() and hashlib.sha256(stored.read_bytes()).digest() != content:
                raise BackupError(f"Le fichier {member.name} diffère de celui qui est servi.")
    return count


def _database_name() -> str:
    return str(connection.get_connection_params()["dbname"])


def _run(program: str, *arguments: str) -> None:
    """One of PostgreSQL's client programs, with the portal's own connection."""
    parameters = connection.get_connection_params()
    environment = os.environ | {
        variable: str(parameters[key])
        for variable, key in (
            ("PGHOST", "host"),
            ("PGPORT", "port"),
            ("PGUSER", "user"),
            ("PGPASSWORD", "password"),
        )
        if parameters.get(key)
    }
    try:
        done = subprocess.run(  # noqa: S603 - fixed programs, no shell
            [_path_of(program), *arguments], env=environment, capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise BackupError(f"{program}: {error}") from error
    if done.returncode:
        raise BackupError(f"{program}: {done.stderr.strip()}")


def _path_of(program: str) -> str:
    """The program of the server's own version first: an older pg_dump refuses a newer server."""
    if not os.environ.get("DATABASE_URL") or os.environ.get("PG_BINDIR"):
        return str(programs_dir() / program)
    return shutil.which(program) or program
