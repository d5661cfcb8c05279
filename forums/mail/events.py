"""What a calendar is told of an activity: one event, or one for each session of a series. In the current language.

Pure of queries: the forum's `municipality` and its sessions are read already.
"""

from __future__ import annotations

from collections.abc import Iterable
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from forums.mail.ics import CalendarEvent, Person
from forums.models import Forum, Mode, Session
from pole.models import Hub


def uid_of(kind: str, key: int) -> str:
    return f"{kind}-{key}@{urlsplit(settings.BASE_URL).hostname}"


def organizer_of(hub: Hub) -> Person:
    """As From: a calendar takes orders from the organizer alone."""
    return Person(str(hub.shown_name), parseaddr(settings.DEFAULT_FROM_EMAIL)[1])


def events_of(forum: Forum, sessions: Iterable[Session], hub: Hub) -> list[CalendarEvent]:
    """One for each of these sessions; of an activity that has none, its own."""
    return [session_event(forum, session, hub) for session in sessions] or [forum_event(forum, hub)]


def forum_event(forum: Forum, hub: Hub) -> CalendarEvent:
    return CalendarEvent(
        uid=uid_of("forum", forum.pk),
        # The first is 0 (RFC 5545, § 3.8.7.4).
        revision=forum.version - 1,
        changed_at=forum.changed_at,
        starts_at=forum.starts_at,
        ends_at=forum.ends_at,
        has_hours=forum.has_hours,
        title=forum.shown_title,
        description=forum.shown_summary,
        location=place_of(forum),
        url=settings.BASE_URL + forum.get_absolute_url(),
        language=forum.shown_title.language,
        is_cancelled=forum.cancelled_at is not None,
        organizer=organizer_of(hub),
    )


def session_event(forum: Forum, session: Session, hub: Hub) -> CalendarEvent:
    """Its number rises with those of the activity, whose title and place it says, and with its own."""
    own = session.shown_title
    return CalendarEvent(
        uid=uid_of("session", session.pk),
        revision=forum.version - 1 + session.revision,
        changed_at=max(forum.changed_at, session.changed_at),
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        has_hours=session.has_hours,
        title=f"{forum.shown_title} – {own}" if own else forum.shown_title,
        description=forum.shown_summary,
        location=place_of(forum, session),
        url=settings.BASE_URL + forum.get_absolute_url(),
        language=forum.shown_title.language,
        is_cancelled=bool(session.cancelled_at or forum.cancelled_at),
        organizer=organizer_of(hub),
    )


def place_of(forum: Forum, session: Session | None = None) -> str:
    """Where one goes, in a line. A session elsewhere says its own place, without the address of another.

    Of what takes place online alone, no link: a calendar is shown to others.
    """
    if forum.mode == Mode.ONLINE:
        return _("Online")
    if session and session.venue and session.venue != forum.venue:
        return session.venue
    place = (forum.venue, forum.venue_address, str(forum.municipality or ""))
    return ", ".join(part for part in place if part)
