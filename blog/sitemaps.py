from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone

from blog.models import Page, Post
from pole.sitemaps import Entry, in_both_languages


def entries() -> Iterator[Entry]:
    """The lists, every public page, and every public post at the address of its language."""
    now = timezone.now()
    yield in_both_languages(reverse("home"))
    yield in_both_languages(reverse("blog:list"))
    for page in Page.objects.published(now).only("slug", "published_at"):
        yield in_both_languages(page.get_absolute_url(), page.published_at)
    for post in Post.objects.published(now).only("slug", "published_at", "language"):
        path = post.get_absolute_url()
        yield Entry(path if post.language == Post.Language.FRENCH else f"/en{path}", post.published_at)
