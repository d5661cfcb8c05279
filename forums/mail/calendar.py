"""A forum and its votes for calendars: the file that everyone downloads, and the part of a mail that keeps a person's calendar right."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext as _

from forums.mail.events import events_of, forum_event, organizer_of, session_event, uid_of
from forums.mail.ics import CalendarEvent, Method, Person, Reminder, calendar_file, published_file
from forums.mail.sessions import SESSION_KINDS, sessions_of, to_come
from forums.models import Forum, NoticeKind, Registration, Round, RoundEvent, Session
from pole.caching.public_pages import PublicState, read_public_state
from pole.hub.identity import get_identity
from pole.text.bilingual import current_language

# Of a vote: what changes when it takes place.
TOLD = (RoundEvent.Kind.OPENED, RoundEvent.Kind.PROLONGED, RoundEvent.Kind.CLOSED, RoundEvent.Kind.ANNULLED)
REQUESTS = frozenset(
    {NoticeKind.CONFIRMATION, NoticeKind.PROMOTION, NoticeKind.REMINDER, NoticeKind.POSTPONED, NoticeKind.RESTORED,
     NoticeKind.SESSION_MOVED, NoticeKind.SESSION_BACK}
)  # fmt: skip
CANCELS = frozenset({NoticeKind.CANCELLED, NoticeKind.CALLED_OFF, NoticeKind.SESSION_OFF})
# A mail of more would be refused by some, and a calendar of them is on the page of the activity.
MOST_SESSIONS_TOLD = 20


def published_calendar(forum: Forum, now: datetime) -> bytes:
    return calendar_file(event_of(forum, now))


def shown_as_cancelled(event: CalendarEvent) -> CalendarEvent:
    """Many calendars show a subscribed or imported event as if it took place, whatever its status: its title says so."""
    title = _("Cancelled: %(title)s") % {"title": event.title}
    return replace(event, title=title) if event.is_cancelled else event


def calendar_parts(
    registration: Registration, kind: NoticeKind, now: datetime, session: Session | None = None
) -> list[tuple[str, str]]:
    """The text and the type of each calendar that a mail of this kind brings; none if it says nothing to calendars.

    An event enters the calendar of whoever has a place; it leaves anyone's, who may have put it in themselves, unless
    somebody else of the same address, as a couple's, still goes.

    One for each session: a REQUEST names one event (RFC 5546, § 3.2.2), and of several programs take the first alone.
    """
    if kind is NoticeKind.CANCELLED and _goes_all_the_same(registration):
        return []
    if kind in CANCELS:
        method = Method.CANCEL
    elif kind in REQUESTS and registration.state == Registration.State.CONFIRMED:
        method = Method.REQUEST
    else:
        return []
    # Two messages of one revision, as the confirmations of a person who cancelled and came back, differ by this.
    event = replace(event_of(registration.forum, now), changed_at=now)
    file = calendar_file(event, method, Person(registration.name, registration.email))
    return file.decode(), f"text/calendar; method={method}"


def _goes_all_the_same(registration: Registration) -> bool:
    others = Registration.objects.filter(forum=registration.forum, email=registration.email)
    return others.confirmed().exclude(pk=registration.pk).exists()


def vote_calendar(round: Round, state: PublicState) -> bytes:
    """The opening and the closing of a vote, in the current language. `round.forum` is read; one query."""
    forum = round.forum
    told = RoundEvent.objects.filter(round=round, kind__in=TOLD).aggregate(at=Max("at"))["at"]
    title = round.shown_title or forum.shown_title
    event = CalendarEvent(
        uid=uid_of("vote", round.pk),
        # A vote counts no versions of its own: that of all votes rises whenever one of them is changed or prolonged.
        revision=state.version_of("votes") + forum.version,
        changed_at=max(forum.changed_at, told or forum.changed_at),
        starts_at=round.opens_at,
        ends_at=round.closes_at,
        has_hours=True,
        title=_("Vote: %(title)s") % {"title": title},
        description=_("The vote opens then closes at these times; its page says if it is extended."),
        location="",
        url=settings.BASE_URL + round.get_absolute_url(),
        language=current_language(),
        is_cancelled=round.annulled_at is not None or forum.cancelled_at is not None,
        organizer=organizer_of(get_identity(state.version_of("hub")).hub),
        reminders=_reminders(round),
    )
    return calendar_file(event)


def _reminders(round: Round) -> tuple[Reminder, ...]:
    """As it opens, and an hour before it closes, unless it lasts for little more."""
    opening = Reminder(timedelta(0))
    closing = Reminder(timedelta(hours=1), of_end=True)
    return (opening, closing) if round.closes_at - round.opens_at > timedelta(hours=2) else (opening,)


def _organizer(hub: Hub) -> Person:
    """As From: a calendar takes orders from the organizer alone."""
    return Person(str(hub.shown_name), parseaddr(settings.DEFAULT_FROM_EMAIL)[1])


def event_of(forum: Forum, now: datetime) -> CalendarEvent:
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
        organizer=_organizer(hub),
    )
