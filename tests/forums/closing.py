"""The hour at which a vote closes, brought to a test: one that is waited for comes before what must precede it, on a busy machine."""

from __future__ import annotations

from django.db import connection, transaction

from forums.models import Round


def bring_closing(round: Round, *, seconds: float = 0) -> None:
    """It closes so many seconds from now, by the database's clock, as if that had been said from the start."""
    with transaction.atomic(), connection.cursor() as cursor:
        # The triggers let nobody bring the hour of an open vote nearer.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE forums_round SET closes_at = clock_timestamp() + make_interval(secs => %(seconds)s),"
            " opens_at = least(opens_at, clock_timestamp() + make_interval(secs => %(seconds)s - 1)) WHERE id = %(round)s",
            {"seconds": seconds, "round": round.pk},
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
    round.refresh_from_db(fields=["closes_at"])
