"""Copies of all tables in a schema, restored by SQL in milliseconds: rows of the migrations, after tests that commit.

Django would truncate every table, then load the rows again one by one: a second and more for each such test.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db import connection, transaction

LARGE_BYTES = 1024 * 1024
# Sessions, rate limits, and what counts what changed.
UNWATCHED = {"django_session", "pole_cache", "pole_contentversion", "pole_numbered_change"}


class Saved(NamedTuple):
    """A table that has rows to restore."""

    columns: str  # as SQL, those that are generated left out
    digest: str


class Written(NamedTuple):
    """What a restoration wrote in a table, and the transaction that it was."""

    digest: str
    transaction: str
    rows: int


# By database, then by name or by table.
_saved: dict[tuple[str, str], dict[str, Saved]] = {}
_written: dict[str, dict[str, Written]] = {}


def save_rows(name: str) -> None:
    """Copies every table that has rows to a schema of this name."""
    _saved.pop((_database(), name), None)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")
        cursor.execute(f"CREATE SCHEMA {name}")
        for table in _non_empty_tables(cursor):
            cursor.execute(f'CREATE TABLE {name}."{table}" AS TABLE public."{table}"')


def restore_rows(name: str) -> None:
    """Empties every table, then restores the saved rows; no trigger nor foreign key check runs.

    A table whose rows are the same already, all as a former restoration wrote them, is left as it is.
    """
    written = _written.setdefault(_database(), {})
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        saved = _saved_tables(cursor, name)
        same = _untouched(cursor, {table: written[table] for table, (_columns, digest) in saved.items() if table in written and written[table].digest == digest})  # fmt: skip
        emptied = set(_non_empty_tables(cursor)) - same
        for table in emptied:
            cursor.execute(f'DELETE FROM "{table}"')
        cursor.execute("SELECT pg_current_xact_id()::xid::text")
        (current,) = cursor.fetchone()
        for table in saved.keys() - same:
            columns, digest = saved[table]
            cursor.execute(f'INSERT INTO "{table}" ({columns}) SELECT {columns} FROM {name}."{table}"')
            written[table] = Written(digest, current, cursor.rowcount)
    _vacuum(emptied)


def _untouched(cursor, written: dict[str, Written]) -> set[str]:
    """Those of which each row was written then, and none is lacking: what a test updates is a row of its own transaction."""
    if not written:
        return set()
    cursor.execute(
        " UNION ALL ".join(
            f"SELECT '{table}' FROM \"{table}\""
            f" HAVING count(*) = {how_many} AND count(*) FILTER (WHERE xmin = '{by}'::xid) = {how_many}"
            for table, (_digest, by, how_many) in written.items()
        )
    )
    return {table for (table,) in cursor.fetchall()}


def _vacuum(tables: set[str]) -> None:
    """Of those that are large, dead rows would be read each time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND pg_relation_size(oid) > %s AND relname = ANY(%s)",
            [LARGE_BYTES, list(tables)],
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f'VACUUM "{table}"')


def raise_versions_at_once(enter_atomics: Any) -> Any:
    """For tests that never commit: content versions rise with each statement, not at the end of its transaction."""

    def enter(*_classes: Any) -> Any:
        atomics = enter_atomics()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS pole_noted_change_raises_versions IMMEDIATE")
        return atomics

    return enter


def fingerprints() -> dict[str, str | None]:
    """Of the rows of each table: two that are equal say that nothing was written in between."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = {name for (name,) in cursor.fetchall()} - UNWATCHED
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{name}', md5(string_agg(row::text, '' ORDER BY row::text)) FROM \"{name}\" row"
                for name in sorted(names)
            )
        )
        return dict(cursor.fetchall())


def _non_empty_tables(cursor) -> list[str]:
    cursor.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'django_migrations'"
    )
    tables = [table for (table,) in cursor.fetchall()]
    cursor.execute(
        " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM \"{table}\")" for table in tables)
    )
    return [table for (table,) in cursor.fetchall()]


def _database() -> str:
    return str(connection.settings_dict["NAME"])


def _saved_tables(cursor, name: str) -> dict[str, Saved]:
    """Read once: what is saved under a name stays."""
    key = (_database(), name)
    if key not in _saved:
        cursor.execute(
            "SELECT tablename, string_agg(quote_ident(column_name), ', ') FROM pg_tables"
            " JOIN information_schema.columns ON table_name = tablename AND table_schema = 'public'"
            " WHERE schemaname = %s AND is_generated = 'NEVER' GROUP BY tablename",
            [name],
        )
        _saved[key] = {
            table: Saved(columns, _digest(cursor, name, table, columns))
            for table, columns in cursor.fetchall()
        }
    return _saved[key]


def _digest(cursor, name: str, table: str, columns: str) -> str:
    cursor.execute(
        f"SELECT md5(string_agg(kept::text, '' ORDER BY kept::text)) FROM (SELECT {columns} FROM {name}.\"{table}\") kept"
    )
    return str(cursor.fetchone()[0])
