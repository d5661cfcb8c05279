"""Content versions: one number for each scope ("hub", "votes"…), raised by triggers whenever something public changes.

The ETag of a reading page is made from those that it names, so every change, even a bulk update or one made in psql,
is seen by the next request. The triggers are in `<package>/sql/01_content_versions.sql`; they rise at the commit of the
writer, in the order in which changes become visible (ADR 1).
"""

from __future__ import annotations

from pole.server.database.prepared import prepared_rows


def read_versions() -> tuple[tuple[str, int], ...]:
    """(scope, number), by scope: one query."""
    return tuple(prepared_rows("SELECT scope, number FROM pole_contentversion ORDER BY scope", ()))
