"""When what the public sees of the blog next changes without a write."""

from __future__ import annotations

from datetime import datetime

from blog.models import Page, Post


def next_post_at(now: datetime) -> datetime | None:
    """When the next scheduled post appears: one query."""
    return _first_of(Post, now)


def next_page_at(now: datetime) -> datetime | None:
    """When the next scheduled page appears: one query."""
    return _first_of(Page, now)


def _first_of(model: type[Post | Page], now: datetime) -> datetime | None:
    scheduled = model.objects.scheduled(now).order_by("published_at")
    return scheduled.values_list("published_at", flat=True).first()
