"""Sessions of a series: which ones a person chose, and which ones concern them.

Locks: `save_choices` is called under those of `forums.registration.capacity`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from forums.models import Forum, Registration, Session, SessionAttendance, SessionChoice
from forums.registration.capacity import RegistrationRefused
from forums.registration.day_team import DOOR_CLOSES
from pole.templatetags.typography import date_range

State = Registration.State


def session_name(session: Session) -> str:
    """Its title, else its number: "Session 2". In the current language."""
    return str(session.shown_title) or _("Session %(number)d") % {"number": session.position}


def session_line(session: Session) -> str:
    """ "Séance 2, le 10 novembre 2026, de 18 h à 20 h"."""
    return f"{session_name(session)}, {date_range(session.starts_at, session.ends_at)}"


# --- Choosing ------------------------------------------------------------------------------------


def choosable_sessions(forum: Forum, now: datetime) -> list[Session]:
    """Those that one may choose still; none where people come to all. One query, or none."""
    if not forum.chooses_sessions:
        return []
    return list(forum.sessions.filter(cancelled_at=None, ends_at__gt=now))


def save_choices(row: Registration, wanted: Collection[int], now: datetime) -> None:
    """Replaces what a person chose of the sessions to come; what they chose of the others stays.

    Raises `RegistrationRefused` when nothing is chosen, or what can't be chosen any more.
    """
    offered = {session.pk for session in choosable_sessions(row.forum, now)}
    chosen = set(row.chosen_sessions.values_list("session_id", flat=True))
    kept = chosen - offered
    if set(wanted) - offered - kept:
        raise RegistrationRefused("session_gone")
    new = (set(wanted) & offered) | kept
    if not new:
        raise RegistrationRefused("session_missing")
    row.chosen_sessions.exclude(session__in=new).delete()
    SessionChoice.objects.bulk_create(
        SessionChoice(registration=row, session_id=pk) for pk in sorted(new - chosen)
    )


def own_sessions(registration: Registration) -> list[Session]:
    """Those that the person comes to, cancelled ones too: what they chose, or all. Two queries at most."""
    sessions = registration.forum.sessions.all()
    if registration.forum.chooses_sessions:
        chosen = sessions.filter(choices__registration=registration)
        # Whoever registered before there was a choice comes to all.
        return list(chosen) or list(sessions)
    return list(sessions)


def is_awaited(forum: Forum, session: Session | None) -> Q:
    """Of registrations: those who come to this session, whoever chose it, or nothing. All, where there is no choice.

    Whoever came to it all the same is of those: no more people are in than are awaited.
    """
    if session is None or not forum.chooses_sessions:
        return Q(pk__isnull=False)
    choices = SessionChoice.objects.filter(registration=OuterRef("pk"))
    came = SessionAttendance.objects.filter(registration=OuterRef("pk"), session=session)
    return Q(Exists(choices.filter(session=session))) | ~Q(Exists(choices)) | Q(Exists(came))


# --- The link to take part online ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OwnSession:
    """A session on the page of whoever is registered; `link` is empty where there is nothing to join."""

    session: Session
    name: str
    link: str
    is_over: bool
    is_attended: bool


def own_agenda(registration: Registration, now: datetime) -> list[OwnSession]:
    """The sessions of a person, with the link of each that they may join. Three queries at most."""
    sessions = own_sessions(registration)
    came = set(registration.attended_sessions.values_list("session_id", flat=True)) if sessions else set()
    return [
        OwnSession(
            session,
            session_name(session),
            link_for(registration, now, session),
            session.is_over(now),
            session.pk in came,
        )
        for session in sessions
    ]


def link_for(registration: Registration, now: datetime, session: Session | None = None) -> str:
    """Where this person takes part online, in the session or in the activity; empty for whoever has no place, and after."""
    forum = registration.forum
    if registration.state != State.CONFIRMED or forum.cancelled_at:
        return ""
    common = forum.online_link if forum.is_online else ""
    if session is None:
        return common if now < forum.ends_at else ""
    if session.cancelled_at or session.is_over(now):
        return ""
    return session.online_link or common


# --- At the door ---------------------------------------------------------------------------------


def sessions_of_day(forum: Forum, now: datetime) -> list[Session]:
    """Those of the day of `now`, which ends with the night, as the door does. One query."""
    return of_day(forum.sessions.all(), now)


def of_day(sessions: Iterable[Session], now: datetime) -> list[Session]:
    day = timezone.localdate(now - timedelta(hours=DOOR_CLOSES.hour))
    return [
        session
        for session in sessions
        if session.cancelled_at is None
        and timezone.localdate(session.starts_at) <= day <= timezone.localdate(session.ends_at)
    ]


def session_now(sessions: list[Session], now: datetime) -> Session | None:
    """Of those of a day, the one under way or the next, else the last."""
    return next(
        (session for session in sessions if not session.is_over(now)), sessions[-1] if sessions else None
    )
