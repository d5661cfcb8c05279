"""Every write to the sessions of a series. The activity begins with the first that is held and ends with the last: the
database sees to it too (`forums/sql/11_sessions.sql`).

Locks: the caller holds the forum row, or `lock_forum` is called here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import journal
from accounts.models import User
from forums.event.wall_time import shifted_span, wall_difference
from forums.mail.notices import CONFIRMED_OR_WAITLISTED
from forums.mail.sessions import tell_of_changes
from forums.models import Forum, Registration, Session
from forums.registration import day_team
from forums.registration.capacity import lock_forum, promote_from_waitlist
from pole.refusals import Refusal

TYPED = ("starts_at", "ends_at", "title", "title_en", "venue", "online_link", "trainer")


class SessionRefused(Refusal):
    messages = {
        "session_last": _("No other session is left: cancel the whole activity instead."),
        "session_over": _("This session is over."),
    }


def span(spans: Iterable[tuple[datetime, datetime]]) -> tuple[datetime, datetime]:
    """When a series begins and ends, from the (beginning, end) of each session that is held."""
    each = list(spans)
    return min(first for first, _last in each), max(last for _first, last in each)


def is_awaited(forum: Forum) -> bool:
    """Whether someone has a place, or waits for one."""
    return Registration.objects.filter(forum=forum, state__in=CONFIRMED_OR_WAITLISTED).exists()


def kept_sessions(forum: Forum) -> set[int]:
    """Those that are cancelled, never removed: someone chose or attended them, or is registered for the whole series."""
    sessions = Session.objects.filter(forum=forum)
    if not forum.chooses_sessions and is_awaited(forum):
        return set(sessions.values_list("pk", flat=True))
    chosen = sessions.filter(choices__isnull=False).values_list("pk", flat=True)
    return {*chosen, *sessions.filter(attended__isnull=False).values_list("pk", flat=True)}


def save_sessions(forum: Forum, planned: Sequence[Mapping[str, Any]]) -> None:
    """Replaces the sessions of a locked forum; one with a known `id` keeps its row."""
    known = {session.pk: session for session in forum.sessions.all()}
    ordered = sorted(planned, key=lambda row: (row["starts_at"], row["ends_at"]))
    for position, wanted in enumerate(ordered, start=1):
        session = known.pop(wanted.get("id") or 0, None) or Session(forum=forum)
        for name in TYPED:
            setattr(session, name, wanted[name])
        session.position = position
        session.save()
    for left_out in known.values():
        left_out.delete()


def move_all(forum: Forum, starts_at: datetime) -> None:
    """Moves the sessions that are held so that the first begins at `starts_at`, and the others by as much of wall time."""
    later = wall_difference(forum.starts_at, starts_at)
    held = list(forum.sessions.filter(cancelled_at=None))
    for session in held:
        session.starts_at, session.ends_at = shifted_span(session.starts_at, session.ends_at, later)
        session.save(update_fields=["starts_at", "ends_at"])
    forum.starts_at, forum.ends_at = span((each.starts_at, each.ends_at) for each in held)


@transaction.atomic
def cancel_session(*, forum: Forum, session_id: int, now: datetime, by: User | None = None) -> None:
    """The page goes on showing it, struck; whoever was to come is told by mail. Idempotent.

    Raises `SessionRefused`, and `Session.DoesNotExist` when it is of another activity.
    """
    row = lock_forum(forum.pk)
    if row.sessions.get(pk=session_id).cancelled_at:
        return
    if not row.sessions.filter(cancelled_at=None).exclude(pk=session_id).exists():
        raise SessionRefused("session_last")
    _change(row, session_id, now, cancelled_at=now)
    journal.note(action="session_cancelled", kind="forum", key=row.pk, by=by)


@transaction.atomic
def restore_session(*, forum: Forum, session_id: int, now: datetime, by: User | None = None) -> None:
    """Undoes `cancel_session`, and mails whoever was told. Idempotent; raises as it does."""
    row = lock_forum(forum.pk)
    if not row.sessions.get(pk=session_id).cancelled_at:
        return
    _change(row, session_id, now, cancelled_at=None)
    journal.note(action="session_restored", kind="forum", key=row.pk, by=by)


def _change(forum: Forum, session_id: int, now: datetime, *, cancelled_at: datetime | None) -> None:
    before = list(forum.sessions.filter(pk=session_id))
    if before[0].is_over(now):
        raise SessionRefused("session_over")
    forum.sessions.filter(pk=session_id).update(cancelled_at=cancelled_at)
    held = forum.sessions.filter(cancelled_at=None)
    forum.starts_at, forum.ends_at = span(held.values_list("starts_at", "ends_at"))
    forum.version += 1
    forum.save(update_fields=["starts_at", "ends_at", "version", "changed_at"])
    day_team.update_access_end(forum)
    tell_of_changes(forum=forum, before=before, now=now)
    promote_from_waitlist(forum, now)
