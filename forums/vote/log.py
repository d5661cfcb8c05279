"""The log of a round, which is public, and the team's journal beside it.

Neither says who voted, how, nor when: casting is in none, nor is a paper given to someone; of the roll, they tell what
staff did and why, never about whom.
"""

from __future__ import annotations

from datetime import datetime

from accounts import journal
from accounts.models import User
from forums.models import RoundEvent

Kind = RoundEvent.Kind
# What happened to the round itself: noted whoever did it, the worker too, at its hour.
LIFE = frozenset({Kind.OPENED, Kind.PROLONGED, Kind.CLOSED, Kind.ANNULLED, Kind.SEALED})


def log_event(
    round_id: int,
    kind: RoundEvent.Kind,
    at: datetime,
    by: User | None,
    *,
    reason: str = "",
    until: datetime | None = None,
) -> None:
    """`by` is None for what happens by itself: of the roll, only what staff change by hand is a decision."""
    RoundEvent.objects.create(round_id=round_id, kind=kind, at=at, by=by, reason=reason, until=until)
    if by is not None or kind in LIFE:
        journal.record(action=kind.value, kind="round", key=round_id, by=by, reason=reason, at=at)
