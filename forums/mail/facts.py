"""What a mail says of when and where, beside its text: the dates, each session of a series, and the link to take part online."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from forums.mail.sessions import SESSION_KINDS, sessions_of, to_come
from forums.models import Mode, NoticeKind, Registration, Session

REMINDER_LEAD = timedelta(days=2)
KINDS_WITH_EVENT_FACTS = frozenset(
    {NoticeKind.CONFIRMATION, NoticeKind.PROMOTION, NoticeKind.REMINDER, NoticeKind.WAITLISTED,
     NoticeKind.POSTPONED, NoticeKind.RESTORED, *SESSION_KINDS}
)  # fmt: skip
# To whom has just got a place so near to the beginning that no reminder follows.
KINDS_INSTEAD_OF_REMINDER = frozenset({NoticeKind.CONFIRMATION, NoticeKind.PROMOTION})


def facts_of(
    registration: Registration, kind: NoticeKind, now: datetime, session: Session | None
) -> dict[str, Any]:
    """`session`: the one that the mail is about; without one, a series says the dates of those to come."""
    if kind not in KINDS_WITH_EVENT_FACTS:
        return {}
    forum = registration.forum
    # Of one that is cancelled, what is left; of one that takes place, itself.
    about = None if kind is NoticeKind.SESSION_OFF else session
    sessions = [] if about else to_come(sessions_of(registration), now)
    return {
        "shows_facts": True,
        "is_about": about,
        "sessions": sessions,
        # What is left of a series whose last session is cancelled is nothing: not the dates of the activity.
        "shows_dates": kind is not NoticeKind.SESSION_OFF,
        "venue": (about.venue if about else "") or forum.venue,
        "is_elsewhere": bool(about and about.venue and about.venue != forum.venue),
        "has_door": forum.mode != Mode.ONLINE,
        "online_url": _online_link(registration, kind, now, about or next(iter(sessions), None)),
    }


def _online_link(
    registration: Registration, kind: NoticeKind, now: datetime, next_one: Session | None
) -> str:
    """For whoever has a place, in the reminder or in what stands for it; else on their page alone."""
    forum = registration.forum
    if not forum.is_online or registration.state != Registration.State.CONFIRMED:
        return ""
    begins = (next_one or forum).starts_at
    is_near = kind in KINDS_INSTEAD_OF_REMINDER and begins <= now + REMINDER_LEAD
    if kind is not NoticeKind.REMINDER and not is_near:
        return ""
    return (next_one.online_link if next_one else "") or forum.online_link
