"""Sessions of a series in mails: who is told when one is cancelled or moved.

Locks: none; the caller holds that of the forum.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from forums.models import Forum, NoticeKind, Session
from pole.server import work_queue


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
