"""When the votes of the demonstration took place, whatever the hour and the day at which it is written."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import NamedTuple

from pole.demo.hours import working_day

# A forum fills a working day; people vote in its afternoon, while the room is full.
STARTS, OPENS, ENDS = time(9), time(14), time(15)
VOTE_LASTS = timedelta(minutes=25)
# Papers are typed once everybody has left.
SEALED, PUBLISHED = time(15, 40), time(16, 30)
# A vote that is still open lasts until an evening of the fifth week to come.
ROUND_LENGTH, CLOSES = timedelta(weeks=5), time(20)


class VoteHours(NamedTuple):
    """Of a forum that was held, and of its vote. `sealed_at` and `published_at` come before today."""

    starts_at: datetime
    opens_at: datetime
    closed_at: datetime
    ends_at: datetime
    sealed_at: datetime
    published_at: datetime
    # Of a vote that is still open.
    closes_at: datetime


def vote_hours(now: datetime, *, days_ago: int) -> VoteHours:
    """Of a forum of `days_ago` days ago, two at least, or of the Friday before when that was a weekend."""
    held = now - timedelta(days=days_ago)
    opens_at = working_day(held, OPENS)
    return VoteHours(
        starts_at=working_day(held, STARTS),
        opens_at=opens_at,
        closed_at=opens_at + VOTE_LASTS,
        ends_at=working_day(held, ENDS),
        sealed_at=working_day(held, SEALED),
        published_at=working_day(held, PUBLISHED),
        closes_at=working_day(now + ROUND_LENGTH, CLOSES),
    )
