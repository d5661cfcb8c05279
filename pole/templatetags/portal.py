"""Tags that every template may use."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

from pole.language import ENGLISH, current

register = template.Library()


@register.simple_tag
def local_address(address: str) -> str:
    """An address of this site, written as in French, in the language of the page."""
    return f"/en{address}" if current() == ENGLISH else address


@register.simple_tag(takes_context=True)
def here(context: dict[str, Any], address: str) -> SafeString:
    """` aria-current="page"` when the page lies under `address`."""
    path = context["request"].path.removeprefix("/en")
    return SafeString(' aria-current="page"') if path.startswith(address) else SafeString("")
