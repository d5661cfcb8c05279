"""When something public of forums changes by itself."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Min, Q

from forums.models.event import Forum
from forums.models.results import Results
from forums.models.round import Round

DATE_FIELDS = ("announced_at", "starts_at", "ends_at", "registration_opens_at", "registration_closes_at")


def next_stage_at(now: datetime) -> datetime | None:
    """When a forum next changes stage: one query."""
    stages = Forum.objects.aggregate(
        **{field: Min(field, filter=Q(**{f"{field}__gt": now})) for field in DATE_FIELDS}
    )
    return min((moment for moment in stages.values() if moment), default=None)


def next_vote_change_at(now: datetime) -> datetime | None:
    """When a vote closes, or the forum of an open one is announced: one query."""
    votes = Round.objects.filter(opened_at__isnull=False, closed_at=None, annulled_at=None).aggregate(
        closes_at=Min("closes_at", filter=Q(closes_at__gt=now)),
        announced_at=Min("forum__announced_at", filter=Q(forum__announced_at__gt=now)),
    )
    return min((moment for moment in votes.values() if moment), default=None)


def next_results_at(now: datetime) -> datetime | None:
    """When scheduled results appear: one query."""
    scheduled = Results.objects.scheduled(now).order_by("published_at")
    return scheduled.values_list("published_at", flat=True).first()
