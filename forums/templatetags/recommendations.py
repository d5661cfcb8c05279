"""What templates ask about recommendations."""

from __future__ import annotations

from django import template

from forums.models import Recommendation
from forums.recommendations.history import Genealogy, genealogy_of

register = template.Library()


@register.simple_tag
def genealogy(recommendation: Recommendation) -> Genealogy:
    """Where it comes from, for readers: three queries, none when its view has set `genealogy` on it."""
    ready: Genealogy | None = getattr(recommendation, "genealogy", None)
    return ready or genealogy_of(recommendation)
