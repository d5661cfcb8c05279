"""Copies of all tables in a schema, restored by SQL in milliseconds: rows of the migrations, after tests that commit.

Django would truncate every table, then load the rows again one by one: a second and more for each such test.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

LARGE_BYTES = 1024 * 1024
# Sessions, rate limits, and what counts what changed.
UNWATCHED = {"django_session", "pole_cache", "pole_contentversion", "pole_numbered_change"}


def save_rows(name: str) -> None:
    """Copies every table that has rows to a schema of this name."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")
        cursor.execute(f"CREATE SCHEMA {name}")
        for table in _non_empty_tables(cursor):
            cursor.execute(f'CREATE TABLE {name}."{table}" AS TABLE public."{table}"')


def restore_rows(name: str) -> None:
    """Empties every table, then restores the saved rows; no trigger nor foreign key check runs."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in _non_empty_tables(cursor):
            cursor.execute(f'DELETE FROM "{table}"')
        for table, columns in _saved_columns(cursor, name):
            cursor.execute(f'INSERT INTO "{table}" ({columns}) SELECT {columns} FROM {name}."{table}"')
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND pg_relation_size(oid) > %s",
            [LARGE_BYTES],
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


def _saved_columns(cursor, name: str) -> list[tuple[str, str]]:
    """(table, its columns that are not generated, as SQL) of each saved table."""
    cursor.execute(
        "SELECT tablename, string_agg(quote_ident(column_name), ', ') FROM pg_tables"
        " JOIN information_schema.columns ON table_name = tablename AND table_schema = 'public'"
        " WHERE schemaname = %s AND is_generated = 'NEVER' GROUP BY tablename",
        [name],
    )
    return [(table, columns) for table, columns in cursor.fetchall()]
