"""A forum for calendars: the file that everyone downloads, and the part of a mail that keeps a person's calendar right."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings

from forums.mail.ics import CalendarEvent, Method, Person, calendar_file
from forums.models import Forum, NoticeKind, Registration
from pole.caching.public_pages import read_public_state
from pole.hub.identity import get_identity

REQUESTS = frozenset(
    {NoticeKind.CONFIRMATION, NoticeKind.PROMOTION, NoticeKind.REMINDER, NoticeKind.POSTPONED, NoticeKind.RESTORED}
)  # fmt: skip
CANCELS = frozenset({NoticeKind.CANCELLED, NoticeKind.CALLED_OFF})


def published_calendar(forum: Forum, now: datetime) -> bytes:
    return calendar_file(_event(forum, now))


def calendar_part(registration: Registration, kind: NoticeKind, now: datetime) -> tuple[str, str] | None:
    """The text and the type of the alternative that a mail of this kind brings; None if it says nothing to calendars.

    An event enters the calendar of whoever has a place; it leaves anyone's, who may have put it in themselves, unless
    somebody else of the same address, as a couple's, still goes.
    """
    if kind is NoticeKind.CANCELLED and _goes_all_the_same(registration):
        return None
    if kind in CANCELS:
        method = Method.CANCEL
    elif kind in REQUESTS and registration.state == Registration.State.CONFIRMED:
        method = Method.REQUEST
    else:
        return None
    # Two messages of one revision, as the confirmations of a person who cancelled and came back, differ by this.
    event = replace(_event(registration.forum, now), changed_at=now)
    file = calendar_file(event, method, Person(registration.name, registration.email))
    return file.decode(), f"text/calendar; method={method}"


def _goes_all_the_same(registration: Registration) -> bool:
    others = Registration.objects.filter(forum=registration.forum, email=registration.email)
    return others.confirmed().exclude(pk=registration.pk).exists()


def _event(forum: Forum, now: datetime) -> CalendarEvent:
    """In the current language. `forum.municipality` is read."""
    place = (forum.venue, forum.venue_address, str(forum.municipality or ""))
    hub = get_identity(read_public_state(now).version_of("hub")).hub
    return CalendarEvent(
        uid=f"forum-{forum.pk}@{urlsplit(settings.BASE_URL).hostname}",
        # The first is 0 (RFC 5545, § 3.8.7.4).
        revision=forum.version - 1,
        changed_at=forum.changed_at,
        starts_at=forum.starts_at,
        ends_at=forum.ends_at,
        has_hours=forum.has_hours,
        title=forum.shown_title,
        description=forum.shown_summary,
        location=", ".join(part for part in place if part),
        url=settings.BASE_URL + forum.get_absolute_url(),
        language=forum.shown_title.language,
        is_cancelled=forum.cancelled_at is not None,
        # As From: a calendar takes orders from the organizer alone.
        organizer=Person(str(hub.shown_name), parseaddr(settings.DEFAULT_FROM_EMAIL)[1]),
    )
