"""Hours at which people act: the demonstration is plausible at whatever hour it is written."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.utils import timezone

MORNING, EVENING = time(7), time(20)
_WEEKEND = 5


def working_day(moment: datetime, at: time) -> datetime:
    """`at`, on the day of `moment`, or on the Friday before when nobody works that day."""
    day = timezone.localdate(moment)
    day -= timedelta(days=max(0, day.weekday() - _WEEKEND + 1))
    return datetime.combine(day, at, tzinfo=timezone.get_current_timezone())


def awake(moment: datetime) -> datetime:
    """`moment`, with the first eight hours of its day drawn into one, and the last four into two: from 7 to 22 o’clock,
    in their order."""
    local = timezone.localtime(moment)
    midnight, morning, evening = (_on_day_of(local, hour) for hour in (time(), MORNING, EVENING))
    if local - morning < timedelta(hours=1):
        return morning + (local - midnight) / 8
    return evening + (local - evening) / 2 if local > evening else local


def last_awake(now: datetime) -> datetime:
    """`now`, or the evening before it when people sleep."""
    local = timezone.localtime(now)
    if local.time() < MORNING:
        return _on_day_of(local - timedelta(days=1), EVENING)
    return min(local, _on_day_of(local, EVENING))


def _on_day_of(local: datetime, at: time) -> datetime:
    return datetime.combine(local.date(), at, tzinfo=local.tzinfo)
