"""What visitors read of activities that enterprises propose, by prepared queries."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.urls import reverse

from forums.models import ActivityProposal, Forum, Kind
from forums.models.event import NEVER
from pole.server.database.prepared import prepared
from pole.text.bilingual import LocalizedField

MAX_SHOWN = 6


class _ActivityColumns(NamedTuple):
    slug: str
    title: str
    title_en: str
    kind: str
    starts_at: datetime
    ends_at: datetime


class ActivityRow(_ActivityColumns):
    """An activity to come, in a line."""

    __slots__ = ()

    shown_title = LocalizedField("title")

    @property
    def kind_label(self) -> str:
        return str(Kind(self.kind).label)

    def get_absolute_url(self) -> str:
        return reverse("forums:forum", args=[self.slug])


@prepared(ActivityRow)
def activities_of(listing: int, now: datetime) -> QuerySet[Forum, Any]:
    """Of a listing, those that visitors read and that are not over, the nearest first."""
    found = Forum.objects.filter(
        proposal__listing=listing, proposal__state=ActivityProposal.State.ACCEPTED, announced_at__lte=now,
        ends_at__gt=now, ends_at__lt=NEVER, cancelled_at=None,
    )  # fmt: skip
    columns = ("slug", "title", "title_en", "kind", "starts_at", "ends_at")
    return found.order_by("starts_at", "id").values_list(*columns)[:MAX_SHOWN]
