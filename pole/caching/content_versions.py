"""Content versions: one number for each scope ("hub", "forums"…), raised by triggers whenever something public changes.

The ETag of a public page is made from them, so every change, even a bulk update or one made in psql,
is seen by the next conditional request. The triggers are in `<package>/sql/01_content_versions.sql`; the row is
locked until the writer commits: versions are raised in the order in which changes become visible.
"""

from __future__ import annotations

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper


def read_versions(using: BaseDatabaseWrapper | None = None) -> tuple[tuple[str, int], ...]:
    """(scope, number), by scope: one query."""
    with (using or connection).cursor() as cursor:
        cursor.execute("SELECT scope, number FROM pole_contentversion ORDER BY scope")
        return tuple(cursor.fetchall())
