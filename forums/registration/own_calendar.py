"""What a person put their name down for, for their own calendar: with the links that nobody else reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from forums.mail.calendar import event_of
from forums.mail.ics import CalendarEvent, calendar_of
from forums.models import Registration
from forums.registration.sessions import OwnSession, link_for, own_agenda


def registered_calendar(registration: Registration, now: datetime) -> bytes:
    """The sessions of whoever has a place, else the activity, in the current language."""
    whole = event_of(registration.forum, now)
    sessions = own_agenda(registration, now)
    if not sessions:
        return calendar_of([_joined(whole, link_for(registration, now))])
    return calendar_of([_event_of_session(whole, each) for each in sessions])


def _event_of_session(whole: CalendarEvent, own: OwnSession) -> CalendarEvent:
    session = own.session
    event = replace(
        whole,
        uid=f"session-{session.pk}@{urlsplit(settings.BASE_URL).hostname}",
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        has_hours=session.has_hours,
        title=f"{whole.title} – {own.name}",
        location=session.venue or whole.location,
        is_cancelled=whole.is_cancelled or session.cancelled_at is not None,
    )
    return _joined(event, own.link)


def _joined(event: CalendarEvent, link: str) -> CalendarEvent:
    """With the link to take part online, where there is one."""
    if not link:
        return event
    said = _("To take part online: %(link)s") % {"link": link}
    return replace(
        event, description="\n".join(filter(None, (event.description, said))), location=event.location or link
    )
