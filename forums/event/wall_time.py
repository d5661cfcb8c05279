"""Moving moments by what clocks show: what begins at nine begins at nine, whatever the daylight saving time of either day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils import timezone

WEEK = timedelta(weeks=1)
# Whole weeks keep the day of the week.
YEAR = timedelta(weeks=52)


def shifted(moment: datetime, later: timedelta) -> datetime:
    """At the same local time. In UTC, so that two can be compared."""
    wall = timezone.localtime(moment).replace(tzinfo=None) + later
    return timezone.make_aware(wall).astimezone(UTC)


def shifted_span(starts: datetime, ends: datetime, later: timedelta) -> tuple[datetime, datetime]:
    """Both at the same local time. Only in the night when clocks change, when it would not end after it begins, it lasts as long."""
    first, last = shifted(starts, later), shifted(ends, later)
    return first, last if last > first else first + (ends - starts)


def until_to_come(starts: datetime, step: timedelta, now: datetime) -> timedelta:
    """As many times `step` as it takes for `starts` to be in the future; once at least."""
    later = step
    while shifted(starts, later) <= now:
        later += step
    return later


def wall_difference(former: datetime, new: datetime) -> timedelta:
    """By how much clocks on a wall differ between two moments."""
    former, new = (timezone.localtime(moment).replace(tzinfo=None) for moment in (former, new))
    return new - former
