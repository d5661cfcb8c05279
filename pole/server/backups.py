"""Backups: the database by pg_dump, and the media files beside it; `pole.server.restoring` brings them back.

Files in the folder of backups, of one UTC time each: `pole-<time>.dump` (pg_dump's custom format),
`pole-<time>.media.tar`, and the manifest `pole-<time>.json`: how many rows each table had in the very
snapshot that was dumped, the SHA-256 of each media file, and the tables whose rows are excluded
(`settings.BACKUP_LEAVES_OUT`). All are written under another name first,
and the dump gets its own last: where there is a dump, the three are whole. What a killed one left, the next removes.

One backup or drill at a time: under a lock on the folder, which PostgreSQL's programs hold too, since they outlive
a command that is killed.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.module_loading import import_string
from psycopg import sql

from pole.server.embedded_postgres import PostgresError, programs_dir
from pole.server.whole_files import PARTIAL, in_french, synchronise

MAX_BACKUPS = 14
CLOCK_MARGIN = timedelta(minutes=10)
MEDIA, MANIFEST = ".media.tar", ".json"
# The descriptor of the folder while it is locked.
_lock: int | None = None


class BackupError(Exception):
    """Nothing usable was written or restored; the message, in French, says why."""


def backup_folder() -> Path:
    return Path(os.environ.get("POLE_BACKUPS", settings.VAR_DIR / "backups"))


def create_backup() -> tuple[Path, Path]:
    """Writes a backup, deletes all but the newest `MAX_BACKUPS`; returns (dump, media archive). Raises `BackupError`."""
    try:
        backup_folder().mkdir(parents=True, exist_ok=True, mode=0o700)
        with alone():
            _remove_leftovers()
            written = _create_backup()
            # After it: who was erased while it was made is in the dump.
            import_string(settings.ERASURES_CATCH_UP)(timezone.now())
            return written
    except OSError as error:
        raise BackupError(f"{backup_folder()}\u00a0: {in_french(error)}; les anciennes restent.") from error


@contextmanager
def alone() -> Iterator[None]:
    """Raises `BackupError` when a backup, a drill or a restore is under way."""
    global _lock  # noqa: PLW0603 - `run_program` hands it on
    descriptor = os.open(backup_folder(), os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError("Une autre sauvegarde, ou un essai de restauration, est en cours.") from None
        _lock = descriptor
        try:
            yield
        finally:
            _lock = None
    finally:
        os.close(descriptor)


def _remove_leftovers() -> None:
    """What a killed backup left: unfinished files, and those whose dump was not finished or is already deleted."""
    folder = backup_folder()
    for path in folder.glob("pole-*.partial"):
        path.unlink(missing_ok=True)
    for suffix in (MEDIA, MANIFEST):
        for path in folder.glob(f"pole-*{suffix}"):
            if not path.with_name(f"{path.name.removesuffix(suffix)}.dump").exists():
                path.unlink(missing_ok=True)


def _create_backup() -> tuple[Path, Path]:
    dump = backup_folder() / f"pole-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.dump"
    media, manifest = dump.with_suffix(MEDIA), dump.with_suffix(MANIFEST)
    partial = {path: path.with_name(f"{path.name}.partial") for path in (media, manifest, dump)}
    try:
        with _snapshot() as (snapshot, tables):
            exclusions = [f"--exclude-table-data={table}" for table in settings.BACKUP_EXCLUDED_TABLES]
            run_program(
                "pg_dump",
                "--format=custom",
                snapshot,
                *exclusions,
                f"--file={partial[dump]}",
                database_name(),
            )
        tables |= dict.fromkeys(tables.keys() & set(settings.BACKUP_EXCLUDED_TABLES), 0)
        contents = {
            "tables": tables,
            "left_out": sorted(settings.BACKUP_EXCLUDED_TABLES),
            "media": _archive(partial[media]),
            "bytes": {path.name: partial[path].stat().st_size for path in (dump, media)},
        }
        partial[manifest].write_text(json.dumps(contents, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        for written in partial.values():
            synchronise(written)
        for path, written in partial.items():
            written.rename(path)
        synchronise(backup_folder())
    finally:
        for written in partial.values():
            written.unlink(missing_ok=True)
    # Never the one just made, whatever the clock said.
    for old in [path for path in by_age() if path != dump][: 1 - MAX_BACKUPS or None]:
        for path in (old, old.with_suffix(MEDIA), old.with_suffix(MANIFEST)):
            path.unlink(missing_ok=True)
    return dump, media


@contextmanager
def _snapshot() -> Iterator[tuple[str, dict[str, int]]]:
    """(pg_dump's option for a snapshot held until the end of the block, rows of each table in it)."""
    with connect(database_name()) as database:
        database.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        row = database.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None  # noqa: S101 - a function gives its value
        yield f"--snapshot={row[0]}", row_counts(database)


def _archive(path: Path) -> dict[str, str]:
    """Writes the media files to a tar archive; returns the SHA-256 of each, by name, as archived."""
    with tarfile.open(path, "w") as archive:
        if settings.MEDIA_ROOT.exists():
            archive.add(settings.MEDIA_ROOT, arcname="media", filter=_without_partial_files)
    return checksums(path)


def _without_partial_files(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if member.name == f"media/{PARTIAL}" else member


def by_age() -> list[Path]:
    """The dumps, the oldest first.

    One dated in the future was made while the clock was wrong: it comes before all others, or it would be the
    newest for years, and the true ones would be deleted in its stead.
    """
    now = f"pole-{datetime.now(UTC) + CLOCK_MARGIN:%Y%m%dT%H%M%SZ}.dump"
    return sorted(backup_folder().glob("pole-*.dump"), key=lambda path: (path.name <= now, path.name))


def made_at(dump: Path) -> datetime:
    """When the backup was made, as its name says. Raises `BackupError`."""
    try:
        return datetime.strptime(dump.name, "pole-%Y%m%dT%H%M%SZ.dump").replace(tzinfo=UTC)
    except ValueError:
        raise BackupError(f"{dump.name} : ce n’est pas le nom d’une sauvegarde.") from None


def what_is_wrong(dump: Path) -> str:
    """What is missing of a backup, at a glance: its parts and their sizes; "" when it looks whole."""
    try:
        sizes = read_manifest(dump).get("bytes", {})
        found = {path.name: path.stat().st_size for path in (dump, dump.with_suffix(MEDIA))}
    except (BackupError, OSError, ValueError) as error:
        return str(error)
    short = [name for name, size in found.items() if sizes.get(name, size) != size or not size]
    return f"{short[0]} n’a pas la taille que dit {dump.with_suffix(MANIFEST).name}" if short else ""


def newest_dump() -> Path:
    """The newest dump. Raises `BackupError` when there is none."""
    dumps = by_age()
    if not dumps:
        raise BackupError(f"Aucune sauvegarde dans {backup_folder()}.")
    return dumps[-1]


def read_manifest(dump: Path) -> dict[str, Any]:
    manifest = dump.with_suffix(MANIFEST)
    try:
        return json.loads(manifest.read_text(encoding="utf-8"))  # type: ignore[no-any-return]  # as `create_backup` made it
    except FileNotFoundError:
        raise BackupError(f"Il manque {manifest.name} à côté de la sauvegarde.") from None


def row_counts(database: psycopg.Connection[Any]) -> dict[str, int]:
    rows = {}
    for (name,) in database.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
    ).fetchall():
        counted = database.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))).fetchone()
        rows[name] = int(counted[0]) if counted else 0
    return rows


def checksums(archive: Path) -> dict[str, str]:
    found = {}
    with tarfile.open(archive) as opened:
        for member in opened:
            if stream := opened.extractfile(member):
                found[member.name] = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]  # it has readinto
    return found


def connect(database: str) -> psycopg.Connection[Any]:
    """A connection separate from Django's, with its parameters."""
    parameters = connection.get_connection_params()
    known = ("host", "port", "user", "password", "sslmode", "sslrootcert", "connect_timeout")
    return psycopg.connect(dbname=database, **{key: parameters[key] for key in known if parameters.get(key)})


def database_name() -> str:
    return str(connection.get_connection_params()["dbname"])


def run_program(program: str, *arguments: str) -> None:
    """Run a client program of PostgreSQL on the portal's server. Raises `BackupError`."""
    parameters = connection.get_connection_params()
    environment = os.environ | {
        variable: str(parameters[key])
        for variable, key in (
            ("PGHOST", "host"),
            ("PGPORT", "port"),
            ("PGUSER", "user"),
            ("PGPASSWORD", "password"),
            ("PGSSLMODE", "sslmode"),
            ("PGSSLROOTCERT", "sslrootcert"),
        )
        if parameters.get(key)
    }
    try:
        done = subprocess.run(  # noqa: S603 - fixed programs, no shell
            [_program_path(program), *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            pass_fds=() if _lock is None else (_lock,),
        )
    except OSError as error:
        raise BackupError(f"{program}: {error}") from error
    if done.returncode:
        raise BackupError(f"{program}: {done.stderr.strip()}")


def _program_path(program: str) -> str:
    """The program of the server's major version, or else any: an older pg_dump refuses a newer server, and a
    newer one writes what an older server refuses."""
    version = connection.pg_version // 10_000  # type: ignore[attr-defined]  # PostgreSQL has it
    paths = [folder / program for folder in _program_folders(version)]
    found = [str(path) for path in paths if path.is_file()]
    return next((path for path in found if _major_version(path) == version), found[0] if found else program)


def _program_folders(version: int) -> Iterator[Path]:
    """Where PostgreSQL's programs may be: PG_BINDIR, PATH, the system's, those of embedded-postgres."""
    if given := os.environ.get("PG_BINDIR"):
        yield Path(given)
    if on_path := shutil.which("pg_dump"):
        yield Path(on_path).parent
    yield Path(f"/usr/lib/postgresql/{version}/bin")
    with suppress(PostgresError):
        yield programs_dir()


def _major_version(program: str) -> int:
    output = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603 - see _program_folders
    found = re.search(r"\(PostgreSQL\) (\d+)", output)
    return int(found[1]) if found else 0
