"""The functions and triggers of `<package>/sql/NN_name.sql`, applied after `migrate` when they changed.

A file has only `CREATE OR REPLACE`, so that it can be applied again by itself: what depends on a function
then uses the new one. A constraint trigger, which PostgreSQL doesn't replace, is dropped just before. What a file no longer creates, or creates with other parameters, it drops by an
explicit `DROP … IF EXISTS`.

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

# In order of dependency: a file may use what those before it create.
PACKAGES = ("pole", "accounts", "desk", "comments", "blog", "enterprises", "forums")
# By migrations, since generated columns and indexes need them.
CREATED_BY_MIGRATIONS = frozenset({"pole_unaccent", "pole_unaccent_lower", "pole_matching_text"})
# One `migrate` at a time.
ADVISORY_LOCK_KEY = 1_886_350_689
_CREATE_STATEMENT = re.compile(
    r"^CREATE (?:OR REPLACE FUNCTION (?P<function>\w+)\(|(?:OR REPLACE|CONSTRAINT) TRIGGER (?P<trigger>\w+)\b[^;]*?\bON (?P<table>\w+)\b)",
    re.MULTILINE,
)
# Functions named after our packages, and triggers that call them; what else the database holds is not ours.
# Of functions of one name, all but the newest say their parameters, so that no file creates them; a trigger
# that was disabled is not the one of a file either, which enables it again.
_EXISTING_OBJECTS_QUERY = """
SELECT proname::text || CASE row_number() OVER (PARTITION BY proname ORDER BY oid DESC)
    WHEN 1 THEN '' ELSE '(' || pg_get_function_identity_arguments(oid) || ')' END
FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname ~ %(ours)s
UNION
SELECT tgname::text || ' on ' || relname::text || CASE WHEN tgenabled IN ('O', 'A') THEN '' ELSE ' (disabled)' END
FROM pg_trigger
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
    def objects(self) -> frozenset[str]:
        """The names of functions, and of triggers as `trigger on table`."""
        return frozenset(
            found["function"] or f"{found['trigger']} on {found['table']}"
            for found in _CREATE_STATEMENT.finditer(self.text)
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """How the database differs from the files."""

    # Files to apply, in order: changed, new, or one of their objects is missing.
    outdated: tuple[SqlFile, ...] = ()
    # Functions and triggers that no file creates.
    orphaned: tuple[str, ...] = ()
    # Files that were applied and no longer exist.
    removed_files: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.outdated or self.orphaned or self.removed_files)


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
        found = _existing_objects(cursor)
    return Difference(
        outdated=tuple(
            file for file in files if applied.get(file.path) != file.sha256 or not file.objects <= found
        ),
        orphaned=_orphaned_objects(found, files),
        removed_files=tuple(sorted(applied.keys() - {file.path for file in files})),
    )


def apply_changed(files: Collection[SqlFile] | None = None) -> list[str]:
    """Apply the outdated files, all or none, and return their paths.

    Under an advisory lock, in one transaction: nobody sees a table without its triggers. The tables of the
    changed triggers are locked against writes until the commit. A writer that locks them in another order
    deadlocks with it: PostgreSQL then cancels one of the two, and `migrate` may be run again.

    Raises `SqlFileError` when a file is refused, or drops what an earlier one creates; or when a function or
    trigger of ours remains that no file creates: a `DROP` is then missing.
    """
    files = read_files() if files is None else files
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK_KEY])
        needed = difference(files)
        applied = []
        for file in files if needed.outdated else ():
            # Asked again for each: a file before it may have dropped what it creates.
            if file in needed.outdated or not file.objects <= _existing_objects(cursor):
                _apply(cursor, file)
                applied.append(file.path)
        if missing := {name for file in files for name in file.objects} - _existing_objects(cursor):
            raise SqlFileError(
                f"Un fichier SQL supprime ce qu’un autre crée avant lui : {', '.join(sorted(missing))}."
            )
        if needed.removed_files:
            cursor.execute("DELETE FROM pole_sql_file WHERE path = ANY (%s)", [list(needed.removed_files)])
        if orphaned := _orphaned_objects(_existing_objects(cursor), files):
            raise SqlFileError(
                f"Aucun fichier SQL ne crée plus : {', '.join(orphaned)}. Ajoutez-en la suppression (DROP … IF EXISTS)"
                " au fichier qui les créait, ou au suivant."
            )
    return applied


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


def _existing_objects(cursor: Any) -> set[str]:
    cursor.execute(_EXISTING_OBJECTS_QUERY, {"ours": f"^({'|'.join(PACKAGES)})_"})
    return {name for (name,) in cursor.fetchall()}


def _orphaned_objects(found: set[str], files: Collection[SqlFile]) -> tuple[str, ...]:
    return tuple(sorted(found - CREATED_BY_MIGRATIONS - {name for file in files for name in file.objects}))


def after_migrate(**_of_the_signal: object) -> None:
    """Receiver of `post_migrate`. Only when every migration is applied: the files refer to the latest tables.

    After a migration backwards nothing is done; the next whole `migrate` applies the outdated files.
    """
    if is_migrated():
        apply_changed()


def is_migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def is_current() -> bool:
    """Whether `migrate` would find nothing to do."""
    return is_migrated() and not difference(read_files())
