"""Content versions: one number a room, raised by the database whenever something public changes.

A reading page's ETag is made from them, so every change, even a bulk update or one made in psql,
is seen by the next conditional request. The row is locked until the writer commits: versions are
raised in the order in which changes become visible.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import RunSQL


def read_versions(using: BaseDatabaseWrapper | None = None) -> tuple[tuple[str, int], ...]:
    """Every room and its number, in the order of names: one query."""
    with (using or connection).cursor() as cursor:
        cursor.execute("SELECT room, number FROM pole_contentversion ORDER BY room")
        return tuple(cursor.fetchall())


def raise_version_on_change(room: str, table: str, columns: Sequence[str] = ()) -> RunSQL:
    """A migration operation: any change to `table` raises the version of `room`.

    With `columns`, an update counts only when it sets one of them.
    """
    update_of = f" OF {', '.join(columns)}" if columns else ""
    name = f"{table}_raises_{room}"
    return RunSQL(
        sql=(
            f"CREATE TRIGGER {name} AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE{update_of} "
            f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('{room}')"
        ),
        reverse_sql=f"DROP TRIGGER {name} ON {table}",
    )
