"""What reading pages take of events, by prepared queries: see `pole.server.database.instances`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When

from desk.models import Document
from forums.models.agenda import ActivityProposal
from forums.models.event import Attendance, Forum, ProgrammeItem, Track
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
    *columns_of(Forum, without=("document", "body", "body_en", "online_link")),
    municipality=MUNICIPALITY,
)

# Of the directory, which stands beside forums: the model is known by the key that leads to it.
_LISTING: Any = ActivityProposal._meta.get_field("listing").related_model

PAGE = Instances(
    Forum,
    *columns_of(Forum, without=("document",)),
    *("has_public_recommendations", "has_sessions", "proposer_name", "proposer_slug"),
    municipality=MUNICIPALITY,
    # For the stage.
    results=Instances(Results, "id", "forum_id", "published_at"),
    # Of an enterprise's activity.
    proposal=Instances(
        ActivityProposal,
        *("id", "forum_id", "listing_id", "state"),
        listing=Instances(_LISTING, "id", "slug", "name", "state"),
    ),
)
_PROGRAMME = Instances(ProgrammeItem, "id", "starts_at", "title", "title_en")
_SESSION = Instances(Session, *columns_of(Session, without=("online_link",)))
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


def _of_proposer(column: str) -> Case:
    """A column of the listing that proposed it and that everyone may read, else ""."""
    is_shown = Q(proposal__state="accepted", proposal__listing__state="published")
    return Case(When(is_shown, then=F(f"proposal__listing__{column}")), default=Value(""))


@prepared(PAGE)
def _page(slug: str) -> QuerySet[Forum, Any]:
    public = Recommendation.objects.public().filter(forum=OuterRef("pk"))
    found = Forum.objects.annotate(
        has_public_recommendations=Exists(public),
        has_sessions=Exists(Session.objects.filter(forum=OuterRef("pk"))),
        proposer_name=_of_proposer("name"),
        proposer_slug=_of_proposer("slug"),
    )
    return found.filter(slug=slug).values_list(*PAGE.columns)


@prepared(_PROGRAMME)
def _programme(forum: int) -> QuerySet[ProgrammeItem, Any]:
    items = ProgrammeItem.objects.filter(forum=forum).order_by("starts_at", "id")
    return items.values_list(*_PROGRAMME.columns)


@prepared(_SESSION)
def _sessions(forum: int) -> QuerySet[Session, Any]:
    return Session.objects.filter(forum=forum).order_by("starts_at", "id").values_list(*_SESSION.columns)


@prepared(_DOCUMENT)
def _documents(forum: int) -> QuerySet[Document, Any]:
    offered = Document.objects.filter(forums=forum).order_by("-uploaded_at", "-id")
    return offered.values_list(*_DOCUMENT.columns)


def forum_for_page(slug: str) -> Forum | None:
    """With all that its page shows, announced or not, `has_public_recommendations`, and who proposed it."""
    found = _page.first(slug)
    if found is not None:
        attach_tracks(found)
        attach_attendance(found)
        attach(found, "programme", _programme(found.pk))
        attach(found, "documents", _documents(found.pk))
        has_sessions: bool = found.has_sessions  # type: ignore[attr-defined]  # annotated
        attach(found, "sessions", _sessions(found.pk) if has_sessions else [])
    return found


def attach_tracks(forum: Forum) -> list[Track]:
    tracks = _tracks(forum.pk)
    attach(forum, "tracks", tracks)
    return tracks


def attach_attendance(forum: Forum) -> None:
    attach(forum, "attendance", _attendance(forum.pk))
