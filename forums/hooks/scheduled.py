"""When something public of forums changes by itself: one prepared query for each, since every page asks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Min, Model, Q, QuerySet, Subquery, Value
from django.db.models.functions import Least

from forums.models.event import Forum
from forums.models.results import Results
from forums.models.round import RUNNING, Round
from forums.models.session import Session
from pole.server.database.prepared import prepared

STAGES = ("announced_at", "starts_at", "ends_at", "registration_opens_at", "registration_closes_at")


class Next(NamedTuple):
    at: datetime | None


def next_stage_at(now: datetime) -> datetime | None:
    """When an activity next changes stage, or a session of it ends: what comes next is then another."""
    return _next_stage(now)[0].at


def next_vote_change_at(now: datetime) -> datetime | None:
    """When a vote closes, or the forum of an open one is announced."""
    return _next_vote_change(now)[0].at


def next_results_at(now: datetime) -> datetime | None:
    """When scheduled results appear."""
    scheduled = _next_results.first(now)
    return scheduled.at if scheduled else None


@prepared(Next)
def _next_stage(now: datetime) -> QuerySet[Forum, Any]:
    ending = Session.objects.filter(ends_at__gt=now).order_by("ends_at").values_list("ends_at")[:1]
    return _soonest(Forum.objects.all(), STAGES, now, Subquery(ending))


@prepared(Next)
def _next_vote_change(now: datetime) -> QuerySet[Round, Any]:
    return _soonest(Round.objects.filter(RUNNING), ("closes_at", "forum__announced_at"), now)


@prepared(Next)
def _next_results(now: datetime) -> QuerySet[Results, Any]:
    return Results.objects.scheduled(now).order_by("published_at").values_list("published_at")[:1]


def _soonest[M: Model](
    rows: QuerySet[M], fields: Iterable[str], now: datetime, *others: Subquery
) -> QuerySet[M, Any]:
    """The first of these moments after `now`, and of others, in one row: None where there is none."""
    soonest = [Min(field, filter=Q(**{f"{field}__gt": now})) for field in fields]
    # Grouped by nothing: all the rows together.
    together = rows.order_by().annotate(together=Value(1)).values("together")
    found: QuerySet[M, Any] = together.annotate(at=Least(*soonest, *others)).values_list("at")
    return found
