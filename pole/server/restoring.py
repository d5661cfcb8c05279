"""A backup brought back: for good into an empty database, or for a drill into one that is dropped.

What was erased or withdrawn since the backup was made goes again in both (`settings.ERASURES_REPLAY`): a restore that
can't do so is refused, and a drill that finds that it could not fails.

A restore that is killed is run again. PostgreSQL restores the database whole or not at all; what follows can be done
twice, and a file beside the backups says which one was under way.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils.module_loading import import_string

from pole.server.backups import (
    MEDIA,
    BackupError,
    alone,
    backup_folder,
    checksums,
    connect,
    database_name,
    made_at,
    read_manifest,
    row_counts,
    run_program,
    what_is_wrong,
)
from pole.server.whole_files import write_whole

# Beyond any number that a browser has seen: it must not take a page that it has for one of the same number.
VERSIONS_JUMP = 1_000_000


def raise_versions() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pole_contentversion SET number = number + %s", [VERSIONS_JUMP])


class _Undone(Exception):
    """Ends a trial."""


def drill(dump: Path) -> tuple[int, int]:
    """Restores `dump` into a scratch database, compares it with the manifest, and erases again what was erased since.

    Returns the number of tables and of media files found whole. The scratch database is on the same
    server, and dropped whatever happens. Raises `BackupError`.
    """
    manifest = read_manifest(dump)
    backup_folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    with alone():
        return _drill(dump, manifest)


def _drill(dump: Path, manifest: dict[str, Any]) -> tuple[int, int]:
    scratch = scratch_database()
    # By force: a session may remain of one that was killed.
    run_program("dropdb", "--if-exists", "--force", scratch)
    run_program("createdb", "--template=template0", scratch)
    try:
        run_program("pg_restore", "--exit-on-error", "--no-owner", f"--dbname={scratch}", str(dump))
        with connect(scratch) as restored:
            _compare("Table", manifest["tables"], row_counts(restored))
        with _portal_on(scratch):
            _try_replay(made_at(dump))
    finally:
        run_program("dropdb", "--if-exists", "--force", scratch)
    archive = dump.with_suffix(MEDIA)
    if not archive.exists():
        raise BackupError(f"Il manque {archive.name} à côté de la sauvegarde.")
    _compare("Fichier", manifest["media"], checksums(archive))
    return len(manifest["tables"]), len(manifest["media"])


def scratch_database() -> str:
    """Named after the portal's database: two portals on one server may drill at the same time.

    PostgreSQL cuts names at 63 bytes. What it would cut is the end of the portal's name, so that the scratch
    database, which is dropped, is never the portal's own.
    """
    return f"restore_drill_{database_name()}".encode()[:63].decode(errors="ignore")


@contextmanager
def _portal_on(database: str) -> Iterator[None]:
    """In the block, what the portal reads and writes is in another database."""
    former = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = database
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = former


def _try_replay(since: datetime) -> None:
    """Then undone: what follows a commit, such as the deletion of a file, must not happen to the true portal."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0)
    with suppress(_Undone), transaction.atomic():
        _annul_votes()
        _replay(since)
        connection.check_constraints()
        raise _Undone


def _annul_votes() -> list[str]:
    said = StringIO()
    call_command("annul_open_rounds", stdout=said)
    return said.getvalue().splitlines()


def _replay(since: datetime, *, known_only: bool = False) -> str:
    done = import_string(settings.ERASURES_REPLAY)(since=since, known_only=known_only)
    said = ", ".join(f"{count} {name}" for name, count in done.items() if count)
    return f"Effacements rejoués\u00a0: {said or 'aucun'}."


def replay_erasures(dump: Path) -> str:
    """Alone, in the portal's own database: after a restore that was made by hand. Raises `BackupError`."""
    return _replay(made_at(dump))


def restore(dump: Path, *, despite_unknown_erasures: bool = False) -> Iterator[str]:
    """Restores `dump` into the portal's own database, which must be empty, and its files; says each step once done.

    `despite_unknown_erasures`: although it is not known who was erased since. Raises `BackupError`.
    """
    manifest, since = read_manifest(dump), made_at(dump)
    if problem := what_is_wrong(dump):
        raise BackupError(problem)
    if not despite_unknown_erasures:
        import_string(settings.ERASURES_KNOWN_SINCE)(since)
    with alone():
        if _is_to_begin(dump):
            write_whole(_mark(), _under_way(dump))
            run_program(
                *("pg_restore", "--single-transaction", "--exit-on-error", "--no-owner"),
                *(f"--dbname={database_name()}", str(dump)),
            )
            connection.close()
            try:
                with connect(database_name()) as restored:
                    _compare("Table", manifest["tables"], row_counts(restored))
            except BackupError:
                # Not to be gone on with: the next one must begin from an empty database.
                _mark().unlink()
                raise
        yield f"Base de données\u00a0: {len(manifest['tables'])} tables."
        yield f"Fichiers\u00a0: {_restore_media(dump, manifest)}."
        call_command("migrate", verbosity=0)
        yield from _annul_votes()
        with transaction.atomic(), connection.cursor() as cursor:
            raise_versions()
            # Some were closed since: everyone signs in again.
            cursor.execute("DELETE FROM django_session")
        yield "Sessions fermées\u00a0: chaque personne se reconnecte."
        said = _replay(since, known_only=despite_unknown_erasures)
        _mark().unlink()
        yield said


def _mark() -> Path:
    return backup_folder() / "restoring"


def _under_way(dump: Path) -> bytes:
    """Of which backup, and in which database, whatever name it has by now."""
    with connect(database_name()) as database:
        found = database.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
    assert found  # noqa: S101 - it is the one that answers
    return f"{dump.name} {found[0]}".encode()


def _is_to_begin(dump: Path) -> bool:
    """Whether the database is empty; False when a restore of this backup was cut short. Raises `BackupError`."""
    connection.close()
    with connect(database_name()) as database:
        others = database.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        ).fetchone()
        is_empty = not row_counts(database)
    if others and others[0]:
        raise BackupError(
            "Le portail se sert encore de cette base\u00a0: arrêtez « pole-web@* » et pole-worker."
        )
    under_way = _mark().read_bytes() if _mark().exists() else b""
    if not is_empty and under_way != _under_way(dump):
        raise BackupError(
            f"La base {database_name()} n’est pas vide\u00a0: renommez-la, puis créez-en une du même nom (voir docs/operating.md)."
        )
    return is_empty


def _restore_media(dump: Path, manifest: dict[str, Any]) -> int:
    """Unpacks the files, over those of the same name; returns how many."""
    with tarfile.open(dump.with_suffix(MEDIA)) as archive:
        archive.extractall(settings.MEDIA_ROOT, members=_under_media(archive), filter="data")
    missing = [
        name
        for name in manifest["media"]
        if not (settings.MEDIA_ROOT / name.removeprefix("media/")).is_file()
    ]
    if missing:
        raise BackupError(f"Fichier {missing[0]}\u00a0: absent après la restauration.")
    return len(manifest["media"])


def _under_media(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    for member in archive:
        if member.name.startswith("media/"):
            yield member.replace(name=member.name.removeprefix("media/"), deep=False)


def _compare(kind: str, expected: dict[str, Any], found: dict[str, Any]) -> None:
    for name in sorted(expected.keys() | found.keys()):
        before, after = expected.get(name, "rien"), found.get(name, "rien")
        if before != after:
            raise BackupError(f"{kind} {name}\u00a0: {before} à la sauvegarde, {after} à la restauration.")
