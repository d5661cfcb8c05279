from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString

from blog import metadata
from blog.models import Author, Post
from pole.caching.public_pages import get_public_state
from pole.text.bilingual import current_language
from pole.text.html import with_absolute_addresses

register = template.Library()


@register.inclusion_tag("blog/latest.html")
def latest_posts(count: int) -> dict[str, Any]:
    """The latest posts, for the home page: one query."""
    now = timezone.now()
    posts = Post.objects.published(now).for_readers_of(current_language(), now).for_lists()
    return {"posts": posts[:count], "language": current_language()}


@register.simple_tag(takes_context=True)
def has_posts(context: dict[str, Any]) -> bool:
    """Whether visitors have any post to read: a query for each public state."""

    def count() -> int:
        return int(Post.objects.published(timezone.now()).exists())

    return bool(get_public_state(context["request"]).cached_count("blog", "has posts", count))


@register.simple_tag(takes_context=True)
def structured_data(context: dict[str, Any], post: Post, authors: list[Author]) -> SafeString:
    return metadata.structured_data(post, authors, context["hub"])


@register.filter
def feed_body(post: Post) -> str:
    """Its text, every address of it whole: a reader of feeds has no page to complete them by."""
    return with_absolute_addresses(post.body, metadata.public_url(post))


@register.filter
def own_path(post: Post) -> str:
    """The address of a post in its own language, on this site."""
    return metadata.own_path(post)
