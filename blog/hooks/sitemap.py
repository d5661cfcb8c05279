from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone

from blog.models import Page, Post
from pole.hooks.sitemap import SitemapEntry, bilingual_entry


def entries() -> Iterator[SitemapEntry]:
    """The lists, every public page, and every public post at the address of its language."""
    now = timezone.now()
    yield bilingual_entry(reverse("home"))
    yield bilingual_entry(reverse("blog:list"))
    for page in Page.objects.published(now).only("slug", "published_at"):
        yield bilingual_entry(page.get_absolute_url(), page.published_at)
    yield from _posts(
        list(
            Post.objects.published(now).only(
                "slug", "published_at", "revised_at", "language", "translation_of"
            )
        )
    )


def _posts(posts: list[Post]) -> Iterator[SitemapEntry]:
    """Each post at the address of its language, and the same text in the other where there is one."""
    same: dict[int, list[tuple[str, str]]] = {}
    for post in posts:
        prefix = "" if post.language == Post.Language.FRENCH else "/en"
        address = (f"{post.language}-CA", f"{prefix}{post.get_absolute_url()}")
        same.setdefault(post.translation_of_id or post.pk, []).append(address)
    for post in posts:
        group = same[post.translation_of_id or post.pk]
        path = next(path for language, path in group if language == f"{post.language}-CA")
        yield SitemapEntry(path, post.updated_at, tuple(group) if len(group) > 1 else ())
