"""Posts for the portal's search."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog.models import Post
from pole.search import SearchHit, SearchResults, best_rows


def search_posts(words: Sequence[str], language: str, limit: int) -> SearchResults:
    published = Post.objects.published(timezone.now()).for_readers_of(language).defer("body", "document")
    total, best = best_rows(published, words, limit, tie="-published_at")
    hits = [
        SearchHit(post.title, post.get_absolute_url(), post.summary, post.language, post.published_at)
        for post in best
    ]
    return SearchResults("actualites", _("News"), total, hits)
