"""When what the public sees of the blog next changes without a write."""

from __future__ import annotations

from datetime import datetime

from blog.models import Page, Post


def next_change_at(now: datetime) -> datetime | None:
    """When the next scheduled post or page appears: two queries."""
    moments = [
        model.objects.scheduled(now).order_by("published_at").values_list("published_at", flat=True).first()
        for model in (Post, Page)
    ]
    return min((moment for moment in moments if moment), default=None)
