"""Which pages the menus of the hub may link to."""

from __future__ import annotations

from django.utils import timezone

from blog.models import Page


def page_exists(slug: str) -> bool:
    """Whether a page, published or not, has this address."""
    return Page.objects.filter(slug=slug).exists()


def public_page_slugs() -> frozenset[str]:
    """The slugs of the pages that visitors may read now."""
    return frozenset(Page.objects.published(timezone.now()).values_list("slug", flat=True))
