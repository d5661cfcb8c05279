"""What templates ask about recommendations."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from forums.models import Recommendation
from forums.recommendations.pieces import entry_html, facts_html

register = template.Library()


@register.simple_tag
def recommendation_entry(recommendation: Recommendation, origins: int) -> SafeString:
    return entry_html(recommendation, origins)


@register.simple_tag
def recommendation_facts(recommendation: Recommendation, origins: int) -> SafeString:
    return facts_html(recommendation, origins)
