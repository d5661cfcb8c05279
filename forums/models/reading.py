"""What reading pages take of events, by prepared queries: see `pole.server.database.instances`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from forums.models.event import Attendance, Forum, Track
from pole.models import Municipality
from pole.server.database.instances import Instances, attach, columns_of
from pole.server.database.prepared import prepared

MUNICIPALITY = Instances(Municipality, "code", "name", "designation", "is_homonym")
TRACK = Instances(Track, "id", "forum_id", "position", "title", "title_en")
_ATTENDANCE = Instances(Attendance, "id", "forum_id", "kind", "count")
# Without its text.
FORUM = Instances(
    Forum, *columns_of(Forum, without=("document", "body", "body_en")), municipality=MUNICIPALITY
)


@prepared(FORUM)
def announced_forum(slug: str, now: datetime) -> QuerySet[Forum, Any]:
    return Forum.objects.announced(now).filter(slug=slug).values_list(*FORUM.columns)


@prepared(TRACK)
def _tracks(forum: int) -> QuerySet[Track, Any]:
    return Track.objects.filter(forum=forum).order_by("position", "id").values_list(*TRACK.columns)


@prepared(_ATTENDANCE)
def _attendance(forum: int) -> QuerySet[Attendance, Any]:
    return Attendance.objects.filter(forum=forum).order_by("id").values_list(*_ATTENDANCE.columns)


def attach_tracks(forum: Forum) -> list[Track]:
    tracks = _tracks(forum.pk)
    attach(forum, "tracks", tracks)
    return tracks


def attach_attendance(forum: Forum) -> None:
    attach(forum, "attendance", _attendance(forum.pk))
