"""Where priorities stand, as everyone reads it: their updates, and the answers that the hub confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet, Value

from forums.models import Answer, Dossier, Priority, PriorityUpdate, Results
from forums.models.reading import FORUM
from forums.results.published import PRIORITY, UPDATE
from pole.server.database.instances import Instances, attach
from pole.server.database.prepared import prepared

# The number of results on one page of those of all forums.
RESULTS_A_PAGE = 10

_RESULTS = Instances(Results, "id", "forum_id", forum=FORUM)
_ANSWER = Instances(
    Answer,
    *("id", "dossier_id", "priority_id", "state", "text", "body", "due_on", "language", "answered_at"),
    dossier=Instances(Dossier, "id", "organisation"),
)


class RetainedByForums:
    """The results that retained something, those of the newest forum first; a slice of it is read."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def __len__(self) -> int:
        return _how_many(self._now)[0].total

    def __getitem__(self, at: slice) -> list[Results]:
        if at.start:
            return with_progress([_RESULTS(*row) for row in _retaining(self._now)[at]])
        return with_progress(_latest(self._now)[at])


class Counted(NamedTuple):
    total: int


@prepared(Counted)
def _how_many(now: datetime) -> QuerySet[Results, Any]:
    together = _retaining(now).order_by().values(together=Value(1))
    return together.annotate(total=Count("pk")).values_list("total")


def _retaining(now: datetime) -> QuerySet[Results, Any]:
    return Results.objects.readable(now).for_cards().values_list(*_RESULTS.columns)


@prepared(_RESULTS)
def _latest(now: datetime) -> QuerySet[Results, Any]:
    return _retaining(now)[:RESULTS_A_PAGE]


@prepared(_RESULTS)
def _of_forum(slug: str, now: datetime) -> QuerySet[Results, Any]:
    return _retaining(now).filter(forum__slug=slug)


def progress_of_forum(slug: str, now: datetime) -> Results | None:
    """The results of this forum, if they retained something."""
    return next(iter(with_progress(_of_forum(slug, now))), None)


def with_progress(found: Sequence[Results]) -> list[Results]:
    """Results with their priorities. Three queries for any number."""
    priorities = _priorities([each.pk for each in found]) if found else []
    keys = [each.pk for each in priorities]
    updates, answers = (_updates(keys), _answers(keys)) if keys else ([], [])
    for priority in priorities:
        attach(priority, "updates", [each for each in updates if each.priority_id == priority.pk])
        attach(priority, "answers", [each for each in answers if each.priority_id == priority.pk])
    for each in found:
        attach(each, "priorities", [row for row in priorities if row.results_id == each.pk])
    return list(found)


@prepared(PRIORITY)
def _priorities(results: list[int]) -> QuerySet[Priority, Any]:
    retained = Priority.objects.filter(results__pk__any=results).order_by("results_id", "position")
    return retained.values_list(*PRIORITY.columns)


@prepared(UPDATE)
def _updates(priorities: list[int]) -> QuerySet[PriorityUpdate, Any]:
    written = PriorityUpdate.objects.filter(priority__pk__any=priorities).order_by("-dated_on", "-id")
    return written.values_list(*UPDATE.columns)


@prepared(_ANSWER)
def _answers(priorities: list[int]) -> QuerySet[Answer, Any]:
    return Answer.objects.confirmed().filter(priority__pk__any=priorities).values_list(*_ANSWER.columns)


# --- How many stand where --------------------------------------------------------------------------------


def _counted(state: str, total: int) -> tuple[str, int]:
    return state, total


@prepared(_counted)
def _by_state(now: datetime) -> QuerySet[Priority, Any]:
    return Priority.objects.readable(now).count_by_state()


@prepared(_counted)
def _by_state_of(results: int, now: datetime) -> QuerySet[Priority, Any]:
    return Priority.objects.readable(now).filter(results=results).count_by_state()


def states_at(now: datetime, results: Results | None = None) -> list[tuple[Priority.State, int]]:
    """How many are in each state that some are in, in the order of progress; of all forums, or of one."""
    counted = dict(_by_state_of(results.pk, now) if results else _by_state(now))
    return [(state, counted[state.value]) for state in Priority.State if state.value in counted]
