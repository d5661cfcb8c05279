from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from blog.models import Page, Post
from pole.hooks.sitemap import Section, SitemapEntry, bilingual_entry


def sections() -> list[Section]:
    """The home page and every public page; the list of posts, and every public post at the address of its language."""
    return [
        Section("pages", Page.objects.published, _pages, (reverse("home"), reverse("retention"))),
        Section("billets", Post.objects.published, _posts, (reverse("blog:list"),)),
    ]


def _pages(pages: QuerySet[Page]) -> Iterator[SitemapEntry]:
    for page in pages.only("slug", "published_at"):
        yield bilingual_entry(page.get_absolute_url(), page.published_at)


def _posts(posts: QuerySet[Post]) -> Iterator[SitemapEntry]:
    """Each post, and the same text in the other language where there is one: two queries."""
    shown = posts.only("slug", "published_at", "revised_at", "language", "translation_of")
    originals = {post.translation_of_id or post.pk for post in shown}
    same: dict[int, list[tuple[str, str]]] = {}
    of_them = Q(pk__in=originals) | Q(translation_of__in=originals)
    for post in (
        Post.objects.published(timezone.now()).filter(of_them).only("slug", "language", "translation_of")
    ):
        address = (f"{post.language}-CA", _path(post))
        same.setdefault(post.translation_of_id or post.pk, []).append(address)
    for post in shown:
        group = same.get(post.translation_of_id or post.pk, [])
        yield SitemapEntry(_path(post), post.updated_at, tuple(group) if len(group) > 1 else ())


def _path(post: Post) -> str:
    prefix = "" if post.language == Post.Language.FRENCH else "/en"
    return f"{prefix}{post.get_absolute_url()}"
