"""A database of before the first release, whose migrations were squashed since: it can't be migrated."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg
from django.db import connection
from psycopg import sql

# The first migration of then; none has this name since.
_FIRST = ("pole", "0001_text_search")


def is_pre_release() -> bool:
    """Whether the database is one of them: two queries."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations') IS NOT NULL")
        if cursor.fetchone() == (False,):
            return False
        cursor.execute("SELECT EXISTS (SELECT FROM django_migrations WHERE app = %s AND name = %s)", _FIRST)
        return bool(cursor.fetchone()[0])


def set_aside() -> str:
    """Copy the database beside itself, then empty it; gives the name of the copy.

    A kill in between leaves a database that is still of then: nothing is lost, and the next call begins again.
    Raises `django.db.OperationalError` when someone else is connected to it: nothing is changed then.
    """
    parameters = connection.get_connection_params()
    name = str(parameters["dbname"])
    copy = f"{name}_avant_{datetime.now(UTC):%Y%m%d_%H%M%S}"
    connection.close()
    with (
        connection.wrap_database_errors,
        # Not "postgres", which may be the database itself.
        psycopg.connect(**parameters | {"dbname": "template1"}, autocommit=True) as server,
    ):
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(copy), sql.Identifier(name))
        )
    empty()
    return copy


def empty() -> None:
    """Drop all tables, with what is theirs."""
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
