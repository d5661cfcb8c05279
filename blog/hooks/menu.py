"""Which pages the menus of the hub may link to."""

from __future__ import annotations

from blog.models import Page


def page_exists(slug: str) -> bool:
    """Whether a page, published or not, has this address."""
    return Page.objects.filter(slug=slug).exists()
