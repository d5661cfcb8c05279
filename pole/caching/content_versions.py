"""Content versions: one number for each scope ("hub", "votes"…), raised by triggers whenever something public changes.

The ETag of a reading page is made from those that it names, so every change, even a bulk update or one made in psql,
is seen by the next request. The triggers are in `<package>/sql/01_content_versions.sql`; they rise at the commit of the
writer, in the order in which changes become visible (ADR 1).
"""

from __future__ import annotations

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper


def read_versions(using: BaseDatabaseWrapper | None = None) -> tuple[tuple[str, int], ...]:
    """(scope, number), by scope: one query."""
    with (using or connection).cursor() as cursor:
        cursor.execute("SELECT scope, number FROM pole_contentversion ORDER BY scope")
        return tuple(cursor.fetchall())
