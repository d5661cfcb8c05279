"""Forums as lists show them, past ones with what they retained: by prepared queries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet, Value

from forums.models import Forum, Kind, Priority, Results
from forums.models.reading import MUNICIPALITY
from pole.server.database.instances import Instances, attach
from pole.server.database.prepared import prepared
from pole.views.neighbours import Neighbours, nearest, on_both_sides

# The number of past forums on one page.
FORUMS_A_PAGE = 20

_CARD = Instances(
    Forum,
    *("id", "slug", "title", "title_en", "summary", "summary_en", "starts_at", "ends_at", "venue"),
    *("municipality_id", "announced_at", "cancelled_at", "registration_opens_at", "registration_closes_at"),
    "chooses_sessions",
    municipality=MUNICIPALITY,
    # For the stage.
    results=Instances(Results, "id", "forum_id", "published_at"),
)
_BESIDE = Instances(Forum, "id", "slug", "title", "title_en", "starts_at")
_PRIORITY = Instances(Priority, "id", "results_id", "title", "title_en")


# Other activities are in the agenda (`forums.agenda`).
_FORUMS = Forum.objects.filter(kind=Kind.FORUM.value)


class Counted(NamedTuple):
    upcoming: int
    past: int


def upcoming_forums(now: datetime, voting: frozenset[int], on_page: slice) -> list[Forum]:
    """Those to come, but for those that vote, the nearest first."""
    if on_page.start:
        return [_CARD(*row) for row in _upcoming(now, list(voting))[on_page]]
    return _nearest(now, list(voting))


def past_forums(now: datetime, voting: frozenset[int], on_page: slice) -> list[Forum]:
    """Those that are over, but for those that vote, the latest first."""
    if on_page.start:
        return _with_priorities([_CARD(*row) for row in _past(now, list(voting))[on_page]])
    return _with_priorities(_latest(now, list(voting)))


def _upcoming(now: datetime, voting: list[int]) -> QuerySet[Forum, Any]:
    return _FORUMS.upcoming(now).exclude(pk__any=voting).values_list(*_CARD.columns)


@prepared(_CARD)
def _nearest(now: datetime, voting: list[int]) -> QuerySet[Forum, Any]:
    return _upcoming(now, voting)[:FORUMS_A_PAGE]


def _past(now: datetime, voting: list[int]) -> QuerySet[Forum, Any]:
    return _FORUMS.past(now).exclude(pk__any=voting).values_list(*_CARD.columns)


@prepared(_CARD)
def _latest(now: datetime, voting: list[int]) -> QuerySet[Forum, Any]:
    return _past(now, voting)[:FORUMS_A_PAGE]


@prepared(Counted)
def _how_many(now: datetime, voting: list[int]) -> QuerySet[Forum, Any]:
    is_coming = Q(ends_at__gt=now, cancelled_at=None)
    together = _FORUMS.announced(now).exclude(pk__any=voting).order_by().values(together=Value(1))
    counted = together.annotate(upcoming=Count("pk", filter=is_coming), past=Count("pk", filter=~is_coming))
    return counted.values_list("upcoming", "past")


def longest_list(now: datetime, voting: frozenset[int]) -> int:
    """How many there are of those to come, or of past ones, whichever are more: pages show both."""
    return max(_how_many(now, list(voting))[0])


@prepared(_CARD)
def voting_forums(now: datetime, voting: list[int]) -> QuerySet[Forum, Any]:
    announced = Forum.objects.announced(now).filter(pk__any=voting)
    return announced.order_by("starts_at", "id").values_list(*_CARD.columns)


@prepared(_BESIDE)
def _forums_beside(forum: int, at: datetime, now: datetime) -> QuerySet[Forum, Any]:
    return _held_beside(_FORUMS.announced(now), forum, at)


@prepared(_BESIDE)
def _activities_beside(forum: int, at: datetime, now: datetime) -> QuerySet[Forum, Any]:
    return _held_beside(Forum.objects.announced(now).exclude(kind=Kind.FORUM.value), forum, at)


def _held_beside(rows: QuerySet[Forum, Any], forum: int, at: datetime) -> QuerySet[Forum, Any]:
    return nearest(rows.filter(cancelled_at=None).values_list(*_BESIDE.columns), forum, at, "starts_at")


def neighbours_of(forum: Forum, now: datetime) -> Neighbours:
    """The forums held just before and just after a forum; of another activity, the other activities."""
    read = _forums_beside if forum.is_forum else _activities_beside
    return on_both_sides(read(forum.pk, forum.starts_at, now), forum.pk, forum.starts_at, "starts_at")


@prepared(_PRIORITY)
def _priorities(results: list[int]) -> QuerySet[Priority, Any]:
    retained = Priority.objects.filter(results__pk__any=results).order_by("results_id", "position")
    return retained.values_list(*_PRIORITY.columns)


def _with_priorities(forums: Sequence[Forum]) -> list[Forum]:
    """One query for all of them."""
    published = {forum.results.pk: forum.results for forum in forums if getattr(forum, "results", None)}
    priorities = _priorities(list(published)) if published else []
    for key, results in published.items():
        attach(results, "priorities", [each for each in priorities if each.results_id == key])
    return list(forums)
