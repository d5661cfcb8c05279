"""What a person put their name down for, for their own calendar: with the links that nobody else reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from forums.mail.events import forum_event, session_event
from forums.mail.ics import CalendarEvent, published_file
from forums.models import Registration
from forums.registration.sessions import link_for, own_agenda
from pole.caching.public_pages import read_public_state
from pole.hub.identity import get_identity


def registered_calendar(registration: Registration, now: datetime) -> bytes:
    """The sessions of whoever has a place, else the activity, in the current language."""
    forum, hub = registration.forum, get_identity(read_public_state(now).version_of("hub")).hub
    sessions = own_agenda(registration, now)
    if not sessions:
        return published_file([_joined(forum_event(forum, hub), link_for(registration, now))])
    return published_file([_joined(session_event(forum, each.session, hub), each.link) for each in sessions])


def _joined(event: CalendarEvent, link: str) -> CalendarEvent:
    """With the link to take part online, where there is one."""
    if not link:
        return event
    said = _("To take part online: %(link)s") % {"link": link}
    return replace(
        event, description="\n".join(filter(None, (event.description, said))), location=event.location or link
    )
