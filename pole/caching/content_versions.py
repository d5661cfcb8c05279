"""Content versions: one number a room, raised by the database whenever something public changes.

A reading page's ETag is made from them, so every change, even a bulk update or one made in psql,
is seen by the next conditional request. The triggers are in `<package>/sql/01_content_versions.sql`; the row is
locked until the writer commits: versions are raised in the order in which changes become visible.
"""

from __future__ import annotations

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper


def read_versions(using: BaseDatabaseWrapper | None = None) -> tuple[tuple[str, int], ...]:
    """Every room and its number, in the order of names: one query."""
    with (using or connection).cursor() as cursor:
        cursor.execute("SELECT room, number FROM pole_contentversion ORDER BY room")
        return tuple(cursor.fetchall())
