"""The functions and triggers of `<package>/sql/NN_name.sql`, applied after `migrate` when they changed.

Each file says `CREATE OR REPLACE` of all that it makes, so that it can be applied again by itself: what
depends on a function goes on with the new one. What a file no longer makes, or makes with other parameters,
it drops by an explicit `DROP … IF EXISTS`.

`pole_sql_file`, made by a migration, holds the hash of each file as it was applied.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

# As they stand on each other: a file may use what those before it make.
PACKAGES = ("pole", "accounts", "desk", "comments", "blog", "enterprises", "forums")
# Made by migrations, since generated columns and indexes need them.
OF_MIGRATIONS = frozenset({"pole_unaccent", "pole_unaccent_lower"})
# One `migrate` at a time.
LOCK = 1_886_350_689
_MADE = re.compile(
    r"^CREATE OR REPLACE (?:FUNCTION (?P<function>\w+)\(|TRIGGER (?P<trigger>\w+)\b[^;]*?\bON (?P<table>\w+)\b)",
    re.MULTILINE,
)
# Functions of ours, and triggers that run one of them: what the server's owner added is no business of ours.
_FOUND = """
SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname ~ %(ours)s
UNION
SELECT tgname::text || ' on ' || relname::text FROM pg_trigger
JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_proc ON pg_proc.oid = tgfoid
WHERE NOT tgisinternal AND relnamespace = 'public'::regnamespace AND proname ~ %(ours)s
"""


class SqlFileError(CommandError):
    """The database was left as it was; the message, in French, names the file and the reason."""


@dataclass(frozen=True, slots=True)
class SqlFile:
    path: str
    text: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def made(self) -> frozenset[str]:
        """Names of functions, and `trigger on table`."""
        return frozenset(
            found["function"] or f"{found['trigger']} on {found['table']}"
            for found in _MADE.finditer(self.text)
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """What the files of the tree and the database do not share."""

    # To apply, in order: changed, new, or something that they make is missing.
    behind: tuple[SqlFile, ...] = ()
    # Functions and triggers that no file makes.
    left_over: tuple[str, ...] = ()
    # Files that were applied and that the tree has no more.
    forgotten: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.behind or self.left_over or self.forgotten)


def read_files(root: Path | None = None) -> list[SqlFile]:
    """In the order in which they are applied."""
    root = root or settings.BASE_DIR
    paths = [path for package in PACKAGES for path in sorted((root / package / "sql").glob("*.sql"))]
    return [SqlFile(str(path.relative_to(root)), path.read_text(encoding="utf-8")) for path in paths]


def difference(files: Collection[SqlFile]) -> Difference:
    """Two queries. The table of hashes must exist."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT path, sha256 FROM pole_sql_file")
        applied = dict(cursor.fetchall())
        found = _found(cursor)
    return Difference(
        behind=tuple(
            file for file in files if applied.get(file.path) != file.sha256 or not file.made <= found
        ),
        left_over=_left_over(found, files),
        forgotten=tuple(sorted(applied.keys() - {file.path for file in files})),
    )


def apply_changed(files: Collection[SqlFile] | None = None) -> list[str]:
    """Apply the files that the database is behind of, all or none, and give their paths.

    Under an advisory lock, in one transaction: nobody sees a table without its triggers. It locks the tables
    of the changed triggers against writes until it commits; a writer that waits for it the other way round
    makes PostgreSQL refuse one of the two, and `migrate` may be run again.

    Raises `SqlFileError` when a file is refused, or when a function or trigger of ours is left that no
    file makes: its removal is to be written.
    """
    files = read_files() if files is None else files
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        needed = difference(files)
        for file in needed.behind:
            _apply(cursor, file)
        if needed.forgotten:
            cursor.execute("DELETE FROM pole_sql_file WHERE path = ANY (%s)", [list(needed.forgotten)])
        if left := _left_over(_found(cursor), files):
            raise SqlFileError(
                f"Aucun fichier SQL ne crée plus : {', '.join(left)}. Ajoutez-en la suppression (DROP … IF EXISTS)"
                " au fichier qui les créait, ou au suivant."
            )
    return [file.path for file in needed.behind]


def _apply(cursor: Any, file: SqlFile) -> None:
    try:
        with transaction.atomic():
            cursor.execute(file.text)
    except DatabaseError as error:
        raise SqlFileError(f"{file.path} est refusé par la base de données : {error}".strip()) from error
    cursor.execute(
        "INSERT INTO pole_sql_file (path, sha256) VALUES (%s, %s)"
        " ON CONFLICT (path) DO UPDATE SET sha256 = excluded.sha256, applied_at = now()",
        [file.path, file.sha256],
    )


def _found(cursor: Any) -> set[str]:
    cursor.execute(_FOUND, {"ours": f"^({'|'.join(PACKAGES)})_"})
    return {name for (name,) in cursor.fetchall()}


def _left_over(found: set[str], files: Collection[SqlFile]) -> tuple[str, ...]:
    return tuple(sorted(found - OF_MIGRATIONS - {name for file in files for name in file.made}))


def after_migrate(**_of_the_signal: object) -> None:
    """At the end of `migrate`, when every migration is applied: files speak of the tables of today.

    After a step back nothing is done; the next whole `migrate` applies what the database is behind of.
    """
    if is_migrated():
        apply_changed()


def is_migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def is_current() -> bool:
    """Whether `migrate` would find nothing to do."""
    return is_migrated() and not difference(read_files())
