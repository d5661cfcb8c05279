"""Moments that tests type into forms, as people would, whatever the hour of the tests."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from django.utils import timezone


def as_typed(moment: datetime) -> str:
    """What an input of type datetime-local sends."""
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def typeable(moment: datetime) -> datetime:
    """To the minute; an hour later when what is typed would mean the hour before, in November."""
    minute = moment.astimezone(UTC).replace(second=0, microsecond=0)
    return minute + timedelta(hours=timezone.localtime(minute).fold)


def at_nine(*, days: int) -> datetime:
    """Nine in the morning, so many days from today: what lasts six hours from there ends on the same day."""
    day = timezone.localdate() + timedelta(days=days)
    return timezone.make_aware(datetime.combine(day, time(9)))
