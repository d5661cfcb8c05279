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
     NoticeKind.SESSION_MOVED, NoticeKind.SESSION_BACK, NoticeKind.SESSION_ADDED}
)  # fmt: skip
CANCELS = frozenset({NoticeKind.CANCELLED, NoticeKind.CALLED_OFF, NoticeKind.SESSION_OFF})
# A mail of more would be refused by some, and a calendar of them is on the page of the activity.
MOST_SESSIONS_TOLD = 20


def published_calendar(forum: Forum, now: datetime) -> bytes:
    """Of a series, one event for each session."""
    hub = get_identity(read_public_state(now).version_of("hub")).hub
    events = events_of(forum, forum.sessions.all(), hub)
    return published_file([shown_as_cancelled(event) for event in events])


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
    events = [replace(event, changed_at=now) for event in _events_told(registration, kind, now, session)]
    person = Person(registration.name, registration.email)
    return [
        (calendar_file(event, method, person).decode(), f"text/calendar; method={method}")
        for event in events[:MOST_SESSIONS_TOLD]
    ]


def _events_told(
    registration: Registration, kind: NoticeKind, now: datetime, session: Session | None
) -> list[CalendarEvent]:
    """Of a series, the sessions to come that this person registered for, or the one that the mail is about."""
    forum = registration.forum
    hub = get_identity(read_public_state(now).version_of("hub")).hub
    if session:
        return [session_event(forum, session, hub)]
    if kind in SESSION_KINDS:
        return []
    sessions = sessions_of(registration)
    if not sessions:
        return [forum_event(forum, hub)]
    return [session_event(forum, each, hub) for each in to_come(sessions, now)]


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
