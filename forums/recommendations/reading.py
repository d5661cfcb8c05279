"""Recommendations as their list and their page read them, by prepared queries."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from comments.models import Thread
from forums.models import Forum, Recommendation
from forums.models.reading import TRACK
from pole.server.database.instances import Instances, columns_of
from pole.server.database.prepared import prepared

ROW = Instances(
    Recommendation,
    *columns_of(Recommendation, without=("document",)),
    track=TRACK,
    thread=Instances(Thread, "id", "is_open"),
)


@prepared(ROW)
def _rows(forum: int, keys: list[int]) -> QuerySet[Recommendation, Any]:
    return Recommendation.objects.filter(forum=forum, pk__any=keys).order_by("pk").values_list(*ROW.columns)


def recommendations_of(forum: Forum, keys: list[int]) -> list[Recommendation]:
    """Those of `keys` that are of this forum, in the order of `keys`, whatever their state."""
    found = {row.pk: row for row in _rows(forum.pk, keys)} if keys else {}
    for row in found.values():
        row.forum = forum
    return [found[key] for key in keys if key in found]
