"""Which session the door is of: the one of the day; where there are several, the one that the door says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse

from forums.models import Forum, Registration, Session
from forums.registration.day_team import door_closes_at
from forums.registration.sessions import of_day, session_name, session_now


@dataclass(frozen=True, slots=True)
class SessionDay:
    # Those of today, with their names.
    sessions: Sequence[tuple[Session, str]]
    # None for an activity without sessions, and on a day without any.
    session: Session | None
    name: str
    # Of an activity in sessions, on a day without any.
    has_none_today: bool
    # Nobody is let in any more, or today.
    is_over: bool

    @property
    def wanted(self) -> int | None:
        return self.session.pk if self.session else None

    @property
    def shown_choice(self) -> int | None:
        """What pages hand on, where there is a choice."""
        return self.wanted if len(self.sessions) > 1 else None

    @property
    def query(self) -> str:
        return f"?seance={self.shown_choice}" if self.shown_choice else ""

    def address_of(self, view: str, *args: object) -> str:
        return reverse(view, args=args) + self.query


def session_day(request: HttpRequest, forum: Forum, now: datetime) -> SessionDay:
    """By `seance`, in the address or the form; else the session under way or the next. One query."""
    sessions = list(forum.sessions.all())
    today = of_day(sessions, now)
    asked = request.POST.get("seance") or request.GET.get("seance", "")
    chosen = next((session for session in today if str(session.pk) == asked), None) or session_now(today, now)
    has_none = bool(sessions) and not today
    return SessionDay(
        sessions=[(session, session_name(session)) for session in today],
        session=chosen,
        name=session_name(chosen) if chosen else "",
        has_none_today=has_none,
        is_over=has_none or bool(forum.cancelled_at) or now >= door_closes_at(forum),
    )


def arrival_of(person: Registration, session: Session | None) -> tuple[datetime | None, str]:
    """When the person arrived, at the session where there is one, and who let them in. One query at most."""
    if session is None:
        return person.checked_in_at, person.checked_in_by
    found = person.attended_sessions.filter(session=session).first()
    return (found.checked_in_at, found.checked_in_by) if found else (None, "")
