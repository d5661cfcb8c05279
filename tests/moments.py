"""Moments that tests type into forms, as people would, whatever the hour of the tests."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from django.utils import timezone


def as_typed(moment: datetime) -> str:
    """What an input of type datetime-local sends."""
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def typeable(moment: datetime) -> datetime:
    """To the minute; later when the hour comes twice, in November, which forms refuse."""
    minute = moment.astimezone(UTC).replace(second=0, microsecond=0)
    while comes_twice(minute):
        minute += timedelta(hours=1)
    return minute


def comes_twice(moment: datetime) -> bool:
    local = timezone.localtime(moment)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def at_nine(*, days: int) -> datetime:
    """Nine in the morning, so many days from today: what lasts six hours from there ends on the same day."""
    day = timezone.localdate() + timedelta(days=days)
    return timezone.make_aware(datetime.combine(day, time(9)))
