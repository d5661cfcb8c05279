"""Seasons and the activities that they gather, as visitors read them: by prepared queries."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet, Value
from django.utils import timezone

from forums.models import Forum, Season
from forums.models.reading import MUNICIPALITY
from pole.server.database.instances import Instances, columns_of
from pole.server.database.prepared import prepared

ACTIVITIES_A_PAGE = 60

_SEASON = Instances(Season, *columns_of(Season))
# What `forums.agenda.pieces` says of an activity, and what `Forum.stage_at` asks of one that is not over.
LINE = Instances(
    Forum,
    *("id", "slug", "kind", "title", "title_en", "starts_at", "ends_at", "mode", "price", "venue"),
    *("municipality_id", "announced_at", "cancelled_at", "is_full", "registration_opens_at"),
    *("registration_closes_at", "chooses_sessions"),
    municipality=MUNICIPALITY,
)


class Counted(NamedTuple):
    total: int


class Day(NamedTuple):
    day: date
    activities: list[Forum]


@prepared(_SEASON)
def _of_slug(slug: str) -> QuerySet[Season, Any]:
    return Season.objects.filter(slug=slug).values_list(*_SEASON.columns)


@prepared(_SEASON)
def _nearest(today: date, latest: date) -> QuerySet[Season, Any]:
    near = Season.objects.filter(last_day__gte=today, first_day__lte=latest)
    return near.order_by("first_day", "id").values_list(*_SEASON.columns)[:1]


def season_of(slug: str) -> Season | None:
    return _of_slug.first(slug)


def nearest_season(today: date, latest: date) -> Season | None:
    """The first that is not over and begins on `latest` at most."""
    return _nearest.first(today, latest)


def _gathered(season: int, now: datetime) -> QuerySet[Forum, Any]:
    announced = Forum.objects.announced(now).filter(seasons=season)
    return announced.order_by("starts_at", "id").values_list(*LINE.columns)


@prepared(LINE)
def _first_gathered(season: int, now: datetime) -> QuerySet[Forum, Any]:
    return _gathered(season, now)[:ACTIVITIES_A_PAGE]


@prepared(Counted)
def _how_many(season: int, now: datetime) -> QuerySet[Forum, Any]:
    gathered = Forum.objects.announced(now).filter(seasons=season)
    return gathered.order_by().values(together=Value(1)).annotate(total=Count("pk")).values_list("total")


class ActivitiesOfSeason:
    """Those that everyone may read, in the order of their dates; a slice of it is read."""

    def __init__(self, season: Season, now: datetime) -> None:
        self._season, self._now = season.pk, now

    def __len__(self) -> int:
        counted = _how_many.first(self._season, self._now)
        return counted.total if counted else 0

    def __getitem__(self, at: slice) -> list[Forum]:
        if at.start:
            return [LINE(*row) for row in _gathered(self._season, self._now)[at]]
        return _first_gathered(self._season, self._now)[at]


def by_day(activities: Iterable[Forum], season: Season) -> list[Day]:
    """Each on the day when it begins, or on the first of the season if it began before."""

    def day_of(activity: Forum) -> date:
        return max(timezone.localdate(activity.starts_at), season.first_day)

    return [Day(day, list(those)) for day, those in groupby(activities, day_of)]


@prepared(LINE)
def coming_activities(now: datetime) -> QuerySet[Forum, Any]:
    """The ten nearest of those to come, of any kind."""
    return Forum.objects.upcoming(now).values_list(*LINE.columns)[:10]
