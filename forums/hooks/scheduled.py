"""When something public of forums changes by itself."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Min, Q

from forums.models.event import Forum
from forums.models.results import Results

DATE_FIELDS = ("announced_at", "starts_at", "ends_at", "registration_opens_at", "registration_closes_at")


def next_change_at(now: datetime) -> datetime | None:
    """When a forum next changes stage, a vote closes, or scheduled results appear: two queries."""
    to_come = {field: Min(field, filter=Q(**{f"{field}__gt": now})) for field in DATE_FIELDS}
    open_rounds = Q(rounds__opened_at__isnull=False, rounds__closed_at=None, rounds__annulled_at=None)
    to_come["closes_at"] = Min("rounds__closes_at", filter=open_rounds & Q(rounds__closes_at__gt=now))
    stages = Forum.objects.aggregate(**to_come)
    results = Results.objects.scheduled(now).aggregate(first=Min("published_at"))
    return min((moment for moment in (*stages.values(), *results.values()) if moment), default=None)
