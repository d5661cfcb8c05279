"""Statements whose values are sent apart from their words.

Django binds on the client: it would write them into the text of the statement, which PostgreSQL shows in
`pg_stat_activity` and logs when it fails. A person and their choices, or the key of a round, would be there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connection

from pole.server.database.prepared import prepared_rows


def fetch_rows(statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    """The rows that a statement returns, its values sent as server-side bind parameters."""
    # As Django's own cursor does, for a connection that was lost since its last use.
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(statement, values).fetchall()


def fetch_row(statement: str, values: Sequence[object]) -> Any:
    """The one row that a statement returns, or None: its values stand at `$1`…, and each connection prepares it once.

    It seeks by a key: a plan made while the tables were small stays good when they are not.
    """
    return next(iter(prepared_rows(statement, values, is_noted=False)), None)
