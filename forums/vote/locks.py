"""The advisory lock of a round: shared by whoever casts, exclusive for whatever ends casting.

Not a lock of the round's row: `FOR SHARE` on the row starves the one who closes, since new voters
keep joining those who share it (7.5 s against 32 writers; 0.02 s with this).
"""

from __future__ import annotations

from django.db import connection

# The first key of PostgreSQL's pair, "vote" in ASCII; the second is the round. The function forums_cast has it too.
_LOCK_CLASS = 0x766F7465


def lock_round_shared(round_id: int) -> None:
    """Takes the lock until commit, once nobody has it exclusively. Read the round's state in a later statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [_LOCK_CLASS, round_id])


def lock_round_exclusive(round_id: int) -> None:
    """Takes the lock until commit, once nobody has it: every ballot acknowledged before is then visible."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, round_id])
