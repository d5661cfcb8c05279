"""Every write to an event: preparing, announcing, postponing, cancelling, attendance.

Locks: the forum row (FOR UPDATE), which protects its tracks, programme and attendance too; those of
`forums.registration.capacity` for writes that concern registrations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accounts import journal
from accounts.models import User
from desk.models import Document
from forums.event.sessions import move_all, save_sessions
from forums.mail.notices import postponement_key, schedule_notices
from forums.models import (
    Attendance,
    Forum,
    NoticeKind,
    ParticipantKind,
    ProgrammeItem,
    Registration,
    Round,
    Session,
    Track,
)
from forums.registration import day_team
from forums.registration.capacity import lock_forum, promote_from_waitlist
from pole.refusals import Refusal
from pole.text.slugs import unused_slug


class VoteUnderWay(Refusal):
    messages = {
        "vote_under_way": _(
            "A vote of this forum is not sealed. Seal it or annul it first: nothing was changed."
        )
    }


class ProposalNotAccepted(Refusal):
    messages = {
        "proposal_not_accepted": _(
            "An enterprise proposes this activity: accept it or refuse it, on its own page."
        )
    }


@transaction.atomic
def save_event(
    *,
    forum: Forum,
    tracks: Sequence[Mapping[str, Any]] | None,
    programme: Sequence[Mapping[str, Any]],
    attendance: Mapping[str, int | None] | None,
    sessions: Sequence[Mapping[str, Any]] | None = None,
    documents: Iterable[Document] = (),
    by: User | None = None,
) -> Forum:
    """Saves an activity, new or locked by the caller (`forums.forms.event_page`), and replaces what it has: sessions, tracks, programme,
    attendance, documents. What is None stays.

    A track or session with a known `id` keeps its row, to which others point. Without a slug, the activity gets
    one from its title. Raises `IntegrityError` when another took the slug in between.
    """
    if not forum.slug:
        forum.slug = unused_slug(forum.title, Forum.objects.exclude(pk=forum.pk), fallback=forum.kind)
    is_new = forum._state.adding
    if sessions is not None and not is_new:
        # First: while it has sessions, an activity takes no other dates than theirs.
        save_sessions(forum, sessions)
    forum.save()
    if sessions and is_new:
        save_sessions(forum, sessions)
    forum.documents.set(documents)
    day_team.update_access_end(forum)
    if tracks is not None:
        _save_tracks(forum, tracks)
    forum.programme.all().delete()
    ProgrammeItem.objects.bulk_create(ProgrammeItem(forum=forum, **item) for item in programme)
    if attendance is not None:
        forum.attendance.all().delete()
        Attendance.objects.bulk_create(
            Attendance(forum=forum, kind=kind, count=count) for kind, count in attendance.items()
        )
    journal.note(action="written" if is_new else "changed", kind="forum", key=forum.pk, by=by)
    return forum


def _save_tracks(forum: Forum, tracks: Sequence[Mapping[str, Any]]) -> None:
    known = {track.pk: track for track in forum.tracks.all()}
    for position, wanted in enumerate(tracks, start=1):
        track = known.pop(wanted.get("id") or 0, None) or Track(forum=forum)
        track.position, track.title, track.title_en = position, wanted["title"], wanted["title_en"]
        track.save()
    for left_out in known.values():
        left_out.delete()


@transaction.atomic
def announce(*, forum: Forum, at: datetime, by: User | None = None) -> None:
    """Makes a forum public from `at` on, now or later. Raises `ProposalNotAccepted`."""
    row = Forum.objects.select_for_update().get(pk=forum.pk)
    if not Forum.objects.of_team().filter(pk=row.pk).exists():
        raise ProposalNotAccepted
    row.announced_at = at
    row.save(update_fields=["announced_at", "changed_at"])
    journal.note(action="announced", kind="forum", key=row.pk, by=by)


@transaction.atomic
def withdraw(*, forum: Forum, by: User | None = None) -> None:
    """Hides a forum and its results, or cancels a scheduled announcement. Raises `VoteUnderWay`."""
    row = lock_forum(forum.pk)
    _refuse_during_vote(row)
    if row.announced_at is None:
        return
    row.announced_at = None
    row.save(update_fields=["announced_at", "changed_at"])
    journal.note(action="withdrawn", kind="forum", key=row.pk, by=by)


@transaction.atomic
def postpone(
    *,
    forum: Forum,
    starts_at: datetime,
    ends_at: datetime,
    registration_closes_at: datetime | None,
    now: datetime,
    by: User | None = None,
) -> None:
    """Moves a forum to other dates, mails everyone registered, and moves the end of the day team's access.

    The sessions of a series all move by as much of wall time, and `ends_at` follows them. Free places go to the waitlist
    again, if it had begun.
    Raises `ValueError` when the new dates are past, out of order, or unchanged.
    """
    row = lock_forum(forum.pk)
    if not now < starts_at < ends_at or (row.starts_at, row.ends_at) == (starts_at, ends_at):
        raise ValueError("the new dates are not dates to come")
    if row.is_public(now) and row.starts_at != starts_at:
        row.postponed_from = row.starts_at
    if row.sessions.exists():
        move_all(row, starts_at)
    else:
        row.starts_at, row.ends_at = starts_at, ends_at
    row.registration_closes_at = registration_closes_at
    row.version += 1
    row.save()
    journal.note(action="postponed", kind="forum", key=row.pk, by=by)
    day_team.update_access_end(row)
    if row.cancelled_at is None:
        schedule_notices(forum=row, kind=NoticeKind.POSTPONED, about=postponement_key(row, now))
    promote_from_waitlist(row, now)


@transaction.atomic
def cancel(*, forum: Forum, now: datetime, by: User | None = None) -> None:
    """Cancels a forum, whose page stays public, and mails everyone registered. Idempotent.

    Raises `VoteUnderWay`.
    """
    row = lock_forum(forum.pk)
    _refuse_during_vote(row)
    if row.cancelled_at is None:
        row.cancelled_at = now
        row.version += 1
        row.save(update_fields=["cancelled_at", "version", "changed_at"])
        schedule_notices(forum=row, kind=NoticeKind.CALLED_OFF, about=f"{now:%Y-%m-%d %H:%M:%S}")
        journal.note(action="cancelled", kind="forum", key=row.pk, by=by)


def _refuse_during_vote(forum: Forum) -> None:
    if Round.objects.unsealed().filter(forum=forum).exists():
        raise VoteUnderWay


@transaction.atomic
def restore(*, forum: Forum, now: datetime, by: User | None = None) -> None:
    """Undoes `cancel`, and mails everyone registered that the forum takes place after all."""
    row = lock_forum(forum.pk)
    if row.cancelled_at is not None:
        row.cancelled_at = None
        row.version += 1
        row.save(update_fields=["cancelled_at", "version", "changed_at"])
        if now < row.ends_at:
            schedule_notices(forum=row, kind=NoticeKind.RESTORED, about=f"{now:%Y-%m-%d %H:%M:%S}")
        promote_from_waitlist(row, now)
        journal.note(action="restored", kind="forum", key=row.pk, by=by)


# --- Who came ----------------------------------------------------------------------------------------


def count_checked_in(forum: Forum, session: Session | None = None) -> dict[str, int]:
    """How many people of each kind were checked in, at this session or at all, in the order of `ParticipantKind`. One query."""
    rows = Registration.objects.filter(forum=forum).checked_in()
    if session:
        rows = rows.filter(attended_sessions__session=session)
    counts = dict(rows.values_list("kind").annotate(models.Count("pk")).order_by())
    return {kind.value: counts[kind.value] for kind in ParticipantKind if kind.value in counts}


@transaction.atomic
def copy_counted_attendance(*, forum: Forum, by: User | None = None) -> dict[str, int]:
    """Replaces the attendance on the forum's page by that of check-in, for the kinds that have some; returns it."""
    row = lock_forum(forum.pk)
    counts = count_checked_in(row)
    for kind, count in counts.items():
        Attendance.objects.update_or_create(forum=row, kind=kind, defaults={"count": count})
    if counts:
        journal.note(action="attendance", kind="forum", key=row.pk, by=by)
    return counts
