"""Recommendations as their list and their page read them, by prepared queries."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from comments.models import Thread
from forums.models import Forum, Recommendation
from forums.models.reading import TRACK
from pole.server.database.instances import Instances, columns_of
from pole.server.database.prepared import prepared

_COLUMNS = columns_of(Recommendation, without=("document",))
_ROW = Instances(Recommendation, *_COLUMNS, track=TRACK)
_PAGE = Instances(Recommendation, *_COLUMNS, track=TRACK, thread=Instances(Thread, "id", "is_open"))


@prepared(_ROW)
def _rows(keys: list[int]) -> QuerySet[Recommendation, Any]:
    # By keys alone: with the forum too, PostgreSQL would go through all of the forum's.
    return Recommendation.objects.filter(pk__any=keys).order_by("pk").values_list(*_ROW.columns)


@prepared(_PAGE)
def _page(forum: int, key: int) -> QuerySet[Recommendation, Any]:
    return Recommendation.objects.filter(forum=forum, pk=key).values_list(*_PAGE.columns)


def recommendation_for_page(forum: Forum, key: int) -> Recommendation | None:
    """With its thread, whatever its state."""
    found = _page.first(forum.pk, key)
    if found is not None:
        found.forum = forum
    return found


def recommendations_of(forum: Forum, keys: list[int]) -> list[Recommendation]:
    """Those of `keys` that are of this forum, in the order of `keys`, whatever their state."""
    found = {row.pk: row for row in _rows(keys) if row.forum_id == forum.pk} if keys else {}
    for row in found.values():
        row.forum = forum
    return [found[key] for key in keys if key in found]
