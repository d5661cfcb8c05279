"""The advisory locks of a vote, in this order: that of the round, then those of voters.

The round's is shared by whoever casts, exclusive for whatever ends casting. Not a lock of the round's row: `FOR SHARE`
on the row starves the one who closes, since new voters keep joining those who share it (7.5 s against 32 writers;
0.02 s with this).

A voter's stands for the entry of the roll and for its ballot. Not a lock of the entry's row either: it writes there the
number of the transaction, which is that of the ballot (`SELECT … ON entry.xmax = ballot.xmin` would tell who voted what).
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from forums.vote.round_keys import key_of_round
from forums.vote.statements import fetch_row

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


def lock_voters(round_id: int, entry_ids: Iterable[int]) -> None:
    """Takes the locks of entries of the roll until commit, under that of their round. Read the entries in a later statement.

    Raises `forums.vote.refusals.VoteSuspended`.
    """
    fetch_row("SELECT forums_lock_voters($1, $2, $3)", [round_id, key_of_round(round_id), list(entry_ids)])
