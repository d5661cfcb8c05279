"""What other packages' pages show of the agenda."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from forums.agenda.proposed import activities_of

register = template.Library()


@register.inclusion_tag("forums/listing_activities.html")
def activities_of_listing(listing: int) -> dict[str, Any]:
    """On the page of a listing, its activities to come: one query."""
    return {"activities": activities_of(listing, timezone.now())}
