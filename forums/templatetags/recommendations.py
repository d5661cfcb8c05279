"""What templates ask about recommendations."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from forums.models import Recommendation
from forums.recommendations.history import Genealogy, genealogy_of
from forums.recommendations.pieces import entry_html, facts_html

register = template.Library()


@register.simple_tag
def genealogy(recommendation: Recommendation) -> Genealogy:
    """Where it comes from, for readers: three queries, none when its view has set `genealogy` on it."""
    ready: Genealogy | None = getattr(recommendation, "genealogy", None)
    return ready or genealogy_of(recommendation)


@register.simple_tag
def recommendation_entry(recommendation: Recommendation, origins: int) -> SafeString:
    return entry_html(recommendation, origins)


@register.simple_tag
def recommendation_facts(recommendation: Recommendation, origins: int) -> SafeString:
    return facts_html(recommendation, origins)
