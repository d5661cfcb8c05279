"""Sessions of a series in mails: which ones a person comes to, and who is told when one is cancelled or moved.

Locks: none; the caller holds that of the forum.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from forums.models import Forum, NoticeKind, Registration, Session, SessionChoice
from forums.models.registration import RegistrationQuerySet
from pole.server import work_queue

SESSION_KINDS = frozenset(
    {NoticeKind.SESSION_OFF, NoticeKind.SESSION_MOVED, NoticeKind.SESSION_BACK, NoticeKind.SESSION_ADDED}
)


def sessions_of(registration: Registration) -> list[Session]:
    """Those that a person registered for, the cancelled ones too: all, unless they chose some."""
    sessions = list(registration.forum.sessions.all())
    if not sessions or not registration.forum.chooses_sessions or registration.pk is None:
        return sessions
    chosen = set(registration.chosen_sessions.values_list("session_id", flat=True))
    return [session for session in sessions if session.pk in chosen] if chosen else sessions


def to_come(sessions: Iterable[Session], now: datetime) -> list[Session]:
    return [session for session in sessions if session.cancelled_at is None and session.ends_at > now]


def who_comes(rows: RegistrationQuerySet, session: Session) -> RegistrationQuerySet:
    """Of these registrations, those for this session: as `sessions_of` says of one."""
    if not session.forum.chooses_sessions:
        return rows
    choices = SessionChoice.objects.filter(registration=OuterRef("pk"))
    return rows.filter(Q(Exists(choices.filter(session=session))) | ~Exists(choices))


def tell_of_changes(*, forum: Forum, before: Collection[Session], now: datetime) -> int:
    """Has those concerned told of each session of `before` that was since cancelled, restored or moved; of how many.

    `before`: the sessions as they were, read before they were written. Of what is over or not public, nothing is told.
    """
    if not forum.is_public(now) or forum.cancelled_at is not None:
        return 0
    former = {session.pk: session for session in before}
    told = 0
    for session in Session.objects.filter(forum=forum, pk__in=former):
        kind = _change(former[session.pk], session)
        if kind and max(session.ends_at, former[session.pk].ends_at) > now:
            schedule_session_notice(session=session, kind=kind, now=now)
            told += 1
    return told


def tell_of_additions(*, forum: Forum, before: Collection[Session], now: datetime) -> int:
    """Has those who come to the whole of a series told of each session to come that was not of it `before`; of how many."""
    if not before or not forum.is_public(now) or forum.cancelled_at is not None:
        return 0
    added = forum.sessions.filter(cancelled_at=None, ends_at__gt=now)
    added = added.exclude(pk__in=[session.pk for session in before])
    for session in added:
        schedule_session_notice(session=session, kind=NoticeKind.SESSION_ADDED, now=now)
    return len(added)


def _change(old: Session, new: Session) -> NoticeKind | None:
    if new.cancelled_at is not None:
        return NoticeKind.SESSION_OFF if old.cancelled_at is None else None
    if old.cancelled_at is not None:
        return NoticeKind.SESSION_BACK
    was, is_now = ((row.starts_at, row.ends_at, row.venue) for row in (old, new))
    return NoticeKind.SESSION_MOVED if was != is_now else None


def schedule_session_notice(*, session: Session, kind: NoticeKind, now: datetime) -> None:
    """Queues the mail of one change of a session, once this transaction commits."""
    work_queue.defer(
        "write_to_forum", forum_id=session.forum_id, kind=kind.value, about=session_key(session, now)
    )


def session_key(session: Session, now: datetime) -> str:
    """The `Notice.about` of a change of a session, made at `now`, to its present dates."""
    return f"{session.pk} {session.starts_at.timestamp():.0f} {now.timestamp():.0f}"


def session_told(about: str) -> Session | None:
    """The session of a `session_key`; None when it is not there any more, or not at that date."""
    key, starts_at, _told_at = about.split()
    session = Session.objects.select_related("forum").filter(pk=int(key)).first()
    return session if session and f"{session.starts_at.timestamp():.0f}" == starts_at else None


def is_still_so(session: Session, kind: NoticeKind, now: datetime) -> bool:
    """Whether what a mail of this kind says of a session is true as the worker runs."""
    if session.forum.cancelled_at or not session.forum.is_public(now):
        return False
    return (session.cancelled_at is not None) == (kind is NoticeKind.SESSION_OFF)
