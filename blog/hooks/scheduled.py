"""When what the public sees of the blog next changes without a write."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

from blog.models import Page, Post
from pole.server.database.prepared import prepared


class Moment(NamedTuple):
    at: datetime


@prepared(Moment)
def _scheduled_posts(now: datetime) -> QuerySet[Post, Any]:
    return Post.objects.scheduled(now).order_by("published_at").values_list("published_at")[:1]


@prepared(Moment)
def _scheduled_pages(now: datetime) -> QuerySet[Page, Any]:
    return Page.objects.scheduled(now).order_by("published_at").values_list("published_at")[:1]


def next_post_at(now: datetime) -> datetime | None:
    """When the next scheduled post appears: one query."""
    first = _scheduled_posts.first(now)
    return first.at if first else None


def next_page_at(now: datetime) -> datetime | None:
    """When the next scheduled page appears: one query."""
    first = _scheduled_pages.first(now)
    return first.at if first else None
