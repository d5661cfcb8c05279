"""What reading pages take of events, by prepared queries: see `pole.server.database.instances`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from desk.models import Document
from forums.models.agenda import ActivityProposal
from forums.models.event import Attendance, Forum, ProgrammeItem, Track
from forums.models.kinds import NEVER_OF_A_FORUM
from forums.models.recommendation import Recommendation
from forums.models.results import Results
from forums.models.session import Session
from pole.models import Municipality
from pole.server.database.instances import Instances, attach, columns_of
from pole.server.database.prepared import prepared

MUNICIPALITY = Instances(Municipality, "code", "name", "designation", "is_homonym")
TRACK = Instances(Track, "id", "forum_id", "position", "title", "title_en")
_ATTENDANCE = Instances(Attendance, "id", "forum_id", "kind", "count")
# Without its text, nor what registrants alone read.
FORUM = Instances(
    Forum,
    *columns_of(Forum, without=("document", "body", "body_en", *NEVER_OF_A_FORUM)),
    municipality=MUNICIPALITY,
)

PAGE = Instances(
    Forum,
    # The link is for registrants: whoever reads it here is told.
    *columns_of(Forum, without=("document", "online_link")),
    *("has_public_recommendations", "has_sessions", "proposed_by"),
    municipality=MUNICIPALITY,
    # For the stage.
    results=Instances(Results, "id", "forum_id", "published_at"),
)
_PROGRAMME = Instances(ProgrammeItem, "id", "starts_at", "title", "title_en")
_SESSION = Instances(Session, *columns_of(Session, without=("online_link", "position")))
_DOCUMENT = Instances(Document, "id", "title", "file", "size_bytes")


@prepared(FORUM)
def announced_forum(slug: str, now: datetime) -> QuerySet[Forum, Any]:
    return Forum.objects.announced(now).filter(slug=slug).values_list(*FORUM.columns)


@prepared(TRACK)
def _tracks(forum: int) -> QuerySet[Track, Any]:
    return Track.objects.filter(forum=forum).order_by("position", "id").values_list(*TRACK.columns)


@prepared(_ATTENDANCE)
def _attendance(forum: int) -> QuerySet[Attendance, Any]:
    return Attendance.objects.filter(forum=forum).order_by("id").values_list(*_ATTENDANCE.columns)


@prepared(PAGE)
def _page(slug: str) -> QuerySet[Forum, Any]:
    public = Recommendation.objects.public().filter(forum=OuterRef("pk"))
    accepted = ActivityProposal.objects.filter(
        forum=OuterRef("pk"), state=ActivityProposal.State.ACCEPTED.value
    )
    found = Forum.objects.annotate(
        has_public_recommendations=Exists(public),
        has_sessions=Exists(Session.objects.filter(forum=OuterRef("pk"))),
        # The key of a listing.
        proposed_by=Subquery(accepted.values("listing_id")),
    )
    return found.filter(slug=slug).values_list(*PAGE.columns)


@prepared(_PROGRAMME)
def _programme(forum: int) -> QuerySet[ProgrammeItem, Any]:
    items = ProgrammeItem.objects.filter(forum=forum).order_by("starts_at", "id")
    return items.values_list(*_PROGRAMME.columns)


@prepared(_SESSION)
def _sessions(forum: int) -> QuerySet[Session, Any]:
    held = Session.objects.filter(forum=forum).order_by("starts_at", "id")
    return held.values_list(*_SESSION.columns)


@prepared(_DOCUMENT)
def _documents(forum: int) -> QuerySet[Document, Any]:
    offered = Document.objects.filter(forums=forum).order_by("-uploaded_at", "-id")
    return offered.values_list(*_DOCUMENT.columns)


def forum_for_page(slug: str) -> Forum | None:
    """With all that its page shows, announced or not, `has_public_recommendations`, and `proposed_by`, the key of a listing or None."""
    found = _page.first(slug)
    if found is not None:
        attach_tracks(found)
        attach_attendance(found)
        attach(found, "programme", _programme(found.pk))
        attach(found, "documents", _documents(found.pk))
        attach(found, "sessions", _sessions(found.pk) if found.has_sessions else [])  # type: ignore[attr-defined]  # of `PAGE`
    return found


def attach_tracks(forum: Forum) -> list[Track]:
    tracks = _tracks(forum.pk)
    attach(forum, "tracks", tracks)
    return tracks


def attach_attendance(forum: Forum) -> None:
    attach(forum, "attendance", _attendance(forum.pk))
