"""Series of sessions, and calendars as programs read them."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from icalendar import Calendar

from forums.models import Session
from tests.factories import ForumFactory


def series(*days, **changes):
    """A training whose sessions last three hours, so many days after its own beginning, at nine: each on one day."""
    nine = (timezone.localtime() + timedelta(days=30)).replace(hour=9, minute=0, second=0, microsecond=0)
    changes.setdefault("starts_at", nine)
    forum = ForumFactory(kind="training", has_participation=False, **changes)
    for position, day in enumerate(days):
        starts_at = forum.starts_at + timedelta(days=day)
        Session.objects.create(
            forum=forum, position=position, starts_at=starts_at, ends_at=starts_at + timedelta(hours=3)
        )
    # As staff's editor keeps it.
    forum.ends_at = starts_at + timedelta(hours=3)
    forum.save()
    return forum


def events_of(content):
    """The events of an iCalendar file, by UID without its host."""
    events = Calendar.from_ical(content).walk("VEVENT")
    return {str(event["UID"]).split("@")[0]: event for event in events}


def fetched(client, path="/agenda.ics"):
    response = client.get(path)
    assert response.status_code == 200, path
    return events_of(response.content)
