"""What the templates of forums use, and what the home page shows of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone

from forums.models import Forum, Priority, Results
from pole.language import current

register = template.Library()

TOP_PRIORITIES = 5


@register.filter
def stage_at(forum: Forum, now: datetime) -> Forum.Stage:
    return forum.stage_at(now)


@register.inclusion_tag("forums/now_card.html")
def now_card() -> dict[str, Any]:
    """What to do now: a forum with open registration, else the next one, else the latest results.

    One query, or two when no forum is to come.
    """
    now = timezone.now()
    upcoming = list(Forum.objects.upcoming(now).for_card()[:10])
    forum = next((each for each in upcoming if each.stage_at(now) is Forum.Stage.REGISTRATION), None)
    forum = forum or next(iter(upcoming), None)
    results = None if forum else Results.objects.readable(now).for_cards().first()
    return {
        "forum": forum,
        "stage": forum.stage_at(now) if forum else None,
        "results": results,
        "language": current(),
    }


@register.inclusion_tag("forums/top_priorities.html")
def top_priorities() -> dict[str, Any]:
    """The first priorities of the latest results, and where they stand: one query."""
    first = list(Priority.objects.readable(timezone.now()).for_home()[:TOP_PRIORITIES])
    if not first:
        return {}
    latest = first[0].results
    return {
        "priorities": [priority for priority in first if priority.results_id == latest.pk],
        "address": latest.get_absolute_url(),
    }
