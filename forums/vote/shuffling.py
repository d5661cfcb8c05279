"""Ballots written anew in an order drawn by lot, so that neither their place nor their transaction says when each came.

PostgreSQL numbers transactions in order and notes on each row the one that wrote it. In a consultation an entry of the
roll is written just before its ballot: two neighbouring numbers. Rewritten together, the ballots of a round share one
number, which nothing else has. What they were remains in dead rows, which are vacuumed at once, and in the log of
PostgreSQL: docs/vote.md says what that leaves.

Locks: the round's, exclusive.
"""

from __future__ import annotations

from django.db import connection, transaction
from django.utils import timezone

from forums.models import Ballot, Round
from forums.vote.locks import lock_round_exclusive
from forums.vote.rules import is_open
from pole.server.database import limits

# While a vote is open: more would make voters wait. At the closing, all are, however many.
MOST_WHILE_OPEN = 5_000


@limits.longer()
def shuffle_open_rounds() -> int:
    """Rewrites the ballots of each open round that has changed since; returns of how many rounds."""
    done = 0
    rounds = list(Round.objects.open_at(timezone.now()))
    for round in rounds:
        with transaction.atomic():
            lock_round_exclusive(round.pk)
            is_due = is_open(round.pk) and Ballot.objects.filter(round=round).count() <= MOST_WHILE_OPEN
            done += is_due and shuffle_ballots(round.pk)
    # Also when none is due: a paper that was given, a voter who was taken off leave a ballot deleted beside an entry. And
    # whoever closes does not wait for it: what the closing rewrote is vacuumed here, or by the sealing.
    if rounds or Round.objects.unsealed().filter(closed_at__isnull=False).exists():
        vacuum_ballots()
    return done


def shuffle_ballots(round_id: int) -> bool:
    """Rewrites the ballots of a round that runs, whose lock is held exclusively; False when they all are as the last time left them."""
    # A savepoint: its number is not that of the transaction, which may write other rows.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT xmin::text) > 1 FROM forums_ballot WHERE round_id = %s", [round_id]
        )
        (is_due,) = cursor.fetchone()
        if is_due:
            cursor.execute("SELECT forums_shuffle_ballots(%s)", [round_id])
    return bool(is_due)


def vacuum_ballots() -> None:
    """Removes what was rewritten from the files of the tables that tie voters to ballots. Outside any transaction."""
    with connection.cursor() as cursor:
        for table in ("ballot", "rollentry"):
            cursor.execute(f"VACUUM forums_{table}")
