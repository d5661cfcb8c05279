"""Every write to an event: what staff prepare, and when visitors learn of it.

Locks: the forum row (FOR UPDATE), which also stands for its tracks, programme and attendance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from forums.models import Attendance, Forum, ProgrammeItem, Track
from pole.slugs import free_slug


@transaction.atomic
def save_event(
    *,
    forum: Forum,
    tracks: Sequence[Mapping[str, Any]],
    programme: Sequence[Mapping[str, Any]],
    attendance: Mapping[str, int | None],
) -> Forum:
    """Saves a forum, new or locked by the caller, and makes its lists those given.

    A track with a known `id` keeps its row, to which priorities point. Without a slug, the forum gets
    one from its title. Raises `IntegrityError` when another forum took the slug in between.
    """
    if not forum.slug:
        forum.slug = free_slug(forum.title, Forum.objects.exclude(pk=forum.pk), fallback="forum")
    forum.save()
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
    """Hides a forum, and with it its results, or cancels the schedule of its announcement."""
    row = Forum.objects.select_for_update().get(pk=forum.pk)
    row.announced_at = None
    row.save(update_fields=["announced_at", "changed_at"])


@transaction.atomic
def cancel(*, forum: Forum, now: datetime) -> None:
    """Cancels a forum: its page stays, and says so. Cancelling again keeps the first moment."""
    row = Forum.objects.select_for_update().get(pk=forum.pk)
    row.cancelled_at = row.cancelled_at or now
    row.save(update_fields=["cancelled_at", "changed_at"])


@transaction.atomic
def restore(*, forum: Forum) -> None:
    """Undoes `cancel`."""
    row = Forum.objects.select_for_update().get(pk=forum.pk)
    row.cancelled_at = None
    row.save(update_fields=["cancelled_at", "changed_at"])
