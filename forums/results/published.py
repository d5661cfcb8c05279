"""Published results as their page and their files read them: by prepared queries, and none from a template."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from comments.models import Thread
from forums.models import Priority, PriorityUpdate, Results, Round
from forums.models.reading import FORUM, TRACK, attach_attendance, attach_tracks
from forums.results import sealed_rounds
from forums.results.report import RoundReport, published_rounds, reports_of
from pole.server.database.instances import Instances, attach, columns_of
from pole.server.database.prepared import prepared

RESULTS = Instances(Results, *columns_of(Results), forum=FORUM, thread=Instances(Thread, "id", "is_open"))
PRIORITY = Instances(Priority, *columns_of(Priority, without=("document",)), track=TRACK)
UPDATE = Instances(PriorityUpdate, "id", "priority_id", "dated_on", "text", "text_en")
ROUND = Instances(Round, *columns_of(Round), forum=FORUM)


@prepared(RESULTS)
def _results(slug: str, now: datetime) -> QuerySet[Results, Any]:
    return Results.objects.readable(now).filter(forum__slug=slug).values_list(*RESULTS.columns)


@prepared(PRIORITY)
def _priorities(results: int) -> QuerySet[Priority, Any]:
    return Priority.objects.filter(results=results).order_by("position").values_list(*PRIORITY.columns)


@prepared(ROUND)
def _opened_round(slug: str, number: int, now: datetime) -> QuerySet[Round, Any]:
    opened = Round.objects.filter(forum__announced_at__lte=now, opened_at__isnull=False)
    return opened.filter(forum__slug=slug, number=number).values_list(*ROUND.columns)


@prepared(sealed_rounds.ROUND.row)
def _published_round(slug: str, number: int, now: datetime) -> QuerySet[Round, Any]:
    return sealed_rounds.columns(published_rounds(now).filter(forum__slug=slug, number=number))


def published_results(slug: str, now: datetime) -> Results | None:
    """With all that their page shows."""
    found = _results.first(slug, now)
    if found is not None:
        attach_tracks(found.forum)
        attach_attendance(found.forum)
        attach(found, "priorities", _priorities(found.pk))
    return found


@prepared(UPDATE)
def _latest_updates(results: int) -> QuerySet[PriorityUpdate, Any]:
    written = PriorityUpdate.objects.filter(priority__results=results)
    return (
        written.order_by("priority_id", "-dated_on", "-id")
        .distinct("priority_id")
        .values_list(*UPDATE.columns)
    )


def latest_updates(results: Results) -> dict[int, PriorityUpdate]:
    """The last one of each priority that has some, by the key of the priority: one query."""
    return {update.priority_id: update for update in _latest_updates(results.pk)}


def reports_of_results(results: Results) -> list[RoundReport]:
    """Those that they publish, by number."""
    return reports_of(sealed_rounds.rows_of_results(results.pk))


def opened_round(slug: str, number: int, now: datetime) -> Round | None:
    """With its forum, of a forum that is announced."""
    return _opened_round.first(slug, number, now)


def report_of_round(slug: str, number: int, now: datetime) -> RoundReport | None:
    """Once everyone may read it."""
    return next(iter(reports_of(_published_round(slug, number, now))), None)
