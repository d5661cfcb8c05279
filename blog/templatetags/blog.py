from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from blog.models import Post
from pole.language import current

register = template.Library()


@register.inclusion_tag("blog/latest.html")
def latest_posts(count: int) -> dict[str, Any]:
    """The latest posts, for the home page: one query."""
    posts = Post.objects.published(timezone.now()).for_readers_of(current()).for_lists()
    return {"posts": posts[:count], "language": current()}
