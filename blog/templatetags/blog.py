from __future__ import annotations

from typing import Any

from django import template
from django.core.paginator import Page
from django.http import QueryDict
from django.utils import timezone
from django.utils.safestring import SafeString

from blog.models import Author, Post
from blog.reading import metadata, pieces
from blog.reading.post import ReadAuthor, Sibling
from blog.reading.rows import ListedPost, any_post, latest_cards
from pole.caching.public_pages import get_public_state
from pole.text.bilingual import current_language
from pole.text.html import with_absolute_addresses

register = template.Library()


@register.simple_tag
def latest_posts(count: int) -> SafeString:
    """The latest posts, `CARDS` at most, for the home page: one query."""
    language = current_language()
    return pieces.cards(latest_cards(language, timezone.now())[:count], language)


@register.simple_tag
def post_entries(page: Page[ListedPost]) -> SafeString:
    return pieces.entries(page.object_list, current_language(), is_first_page=page.number == 1)


@register.simple_tag
def related_posts(posts: list[ListedPost]) -> SafeString:
    return pieces.related(posts, current_language())


@register.simple_tag
def kinds_of_posts(query: QueryDict, chosen: str) -> SafeString:
    return pieces.kinds(query, chosen)


@register.simple_tag(takes_context=True)
def has_posts(context: dict[str, Any]) -> bool:
    """Whether visitors have any post to read: a query for each public state."""

    def count() -> int:
        return len(any_post(timezone.now()))

    return bool(get_public_state(context["request"]).cached_count("blog", "has posts", count))


@register.simple_tag(takes_context=True)
def structured_data(context: dict[str, Any], post: Post, authors: list[Author | ReadAuthor]) -> SafeString:
    return metadata.structured_data(post, authors, context["hub"])


@register.filter
def feed_body(post: Post) -> str:
    """Its text, every address of it whole: a reader of feeds has no page to complete them by."""
    return with_absolute_addresses(post.body, metadata.public_url(post))


@register.filter
def own_path(post: Post | Sibling) -> str:
    """The address of a post in its own language, on this site."""
    return metadata.own_path(post)
