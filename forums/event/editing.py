"""Every write to an event: what staff prepare, and when visitors learn of it.

Locks: the forum row (FOR UPDATE), which also stands for its tracks, programme and attendance; those
of `forums.registration.capacity` where people registered are concerned.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import models, transaction

from desk.models import Document
from forums.mail.notices import about_dates, tell_everyone
from forums.models import (
    Attendance,
    Forum,
    NoticeKind,
    ParticipantKind,
    ProgrammeItem,
    Registration,
    Round,
    Track,
)
from forums.registration import day_team
from forums.registration.capacity import give_free_places, lock_forum
from pole.text.slugs import unused_slug


class VoteUnderWay(Exception):
    """People may be voting: the round is to be sealed or annulled before its forum is cancelled or hidden."""


@transaction.atomic
def save_event(
    *,
    forum: Forum,
    tracks: Sequence[Mapping[str, Any]],
    programme: Sequence[Mapping[str, Any]],
    attendance: Mapping[str, int | None],
    documents: Iterable[Document] = (),
) -> Forum:
    """Saves a forum, new or locked by the caller, and makes its lists those given.

    A track with a known `id` keeps its row, to which priorities point. Without a slug, the forum gets
    one from its title. Raises `IntegrityError` when another forum took the slug in between.
    """
    if not forum.slug:
        forum.slug = unused_slug(forum.title, Forum.objects.exclude(pk=forum.pk), fallback="forum")
    forum.save()
    forum.documents.set(documents)
    day_team.follow_dates(forum)
    _make_tracks(forum, tracks)
    forum.programme.all().delete()
    ProgrammeItem.objects.bulk_create(ProgrammeItem(forum=forum, **item) for item in programme)
    forum.attendance.all().delete()
    Attendance.objects.bulk_create(
        Attendance(forum=forum, kind=kind, count=count) for kind, count in attendance.items()
    )
    return forum


def _make_tracks(forum: Forum, tracks: Sequence[Mapping[str, Any]]) -> None:
    known = {track.pk: track for track in forum.tracks.all()}
    for position, wanted in enumerate(tracks, start=1):
        track = known.pop(wanted.get("id") or 0, None) or Track(forum=forum)
        track.position, track.title, track.title_en = position, wanted["title"], wanted["title_en"]
        track.save()
    for left_out in known.values():
        left_out.delete()


@transaction.atomic
def announce(*, forum: Forum, at: datetime) -> None:
    """Shows a forum to everyone from `at` on; a moment to come is a schedule."""
    row = Forum.objects.select_for_update().get(pk=forum.pk)
    row.announced_at = at
    row.save(update_fields=["announced_at", "changed_at"])


@transaction.atomic
def take_back(*, forum: Forum) -> None:
    """Hides a forum, and with it its results, or cancels the schedule of its announcement. Raises `VoteUnderWay`."""
    row = lock_forum(forum.pk)
    _refuse_under_a_vote(row)
    row.announced_at = None
    row.save(update_fields=["announced_at", "changed_at"])


@transaction.atomic
def postpone(
    *,
    forum: Forum,
    starts_at: datetime,
    ends_at: datetime,
    registration_closes_at: datetime | None,
    now: datetime,
) -> None:
    """Moves a forum to other dates and tells everyone registered; the day team's night moves with it.

    Places that are free are given again, since the forum has not begun any more.
    Raises `ValueError` when the new dates are past, or out of order, or those that it has.
    """
    row = lock_forum(forum.pk)
    if not now < starts_at < ends_at or (row.starts_at, row.ends_at) == (starts_at, ends_at):
        raise ValueError("the new dates are not dates to come")
    if row.is_public(now) and row.starts_at != starts_at:
        row.postponed_from = row.starts_at
    row.starts_at, row.ends_at = starts_at, ends_at
    row.registration_closes_at = registration_closes_at
    row.version += 1
    row.save()
    day_team.follow_dates(row)
    if row.cancelled_at is None:
        tell_everyone(forum=row, kind=NoticeKind.POSTPONED, about=about_dates(row, now))
    give_free_places(row, now)


@transaction.atomic
def cancel(*, forum: Forum, now: datetime) -> None:
    """Cancels a forum and tells everyone registered: its page stays, and says so. Again: changes nothing.

    Raises `VoteUnderWay`.
    """
    row = lock_forum(forum.pk)
    _refuse_under_a_vote(row)
    if row.cancelled_at is None:
        row.cancelled_at = now
        row.version += 1
        row.save(update_fields=["cancelled_at", "version", "changed_at"])
        tell_everyone(forum=row, kind=NoticeKind.CALLED_OFF, about=f"{now:%Y-%m-%d %H:%M:%S}")


def _refuse_under_a_vote(forum: Forum) -> None:
    if Round.objects.unsealed().filter(forum=forum).exists():
        raise VoteUnderWay


@transaction.atomic
def restore(*, forum: Forum, now: datetime) -> None:
    """Undoes `cancel`, and tells those who were told that it takes place after all."""
    row = lock_forum(forum.pk)
    if row.cancelled_at is not None:
        row.cancelled_at = None
        row.version += 1
        row.save(update_fields=["cancelled_at", "version", "changed_at"])
        if now < row.starts_at:
            tell_everyone(forum=row, kind=NoticeKind.RESTORED, about=f"{now:%Y-%m-%d %H:%M:%S}")
        give_free_places(row, now)


# --- Who came ----------------------------------------------------------------------------------------


def counted_attendance(forum: Forum) -> dict[str, int]:
    """How many people of each kind were checked in, in the order of `ParticipantKind`. One query."""
    rows = Registration.objects.filter(forum=forum).checked_in()
    counts = dict(rows.values_list("kind").annotate(models.Count("pk")).order_by())
    return {kind.value: counts[kind.value] for kind in ParticipantKind if kind.value in counts}


@transaction.atomic
def take_attendance(*, forum: Forum) -> dict[str, int]:
    """Makes the counted attendance that of the forum's page; kinds without anyone checked in stay as typed."""
    row = lock_forum(forum.pk)
    counts = counted_attendance(row)
    for kind, count in counts.items():
        Attendance.objects.update_or_create(forum=row, kind=kind, defaults={"count": count})
    return counts
