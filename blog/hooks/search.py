"""Posts for the portal's search."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.postgres.search import SearchRank
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog.models import Post
from pole.search import SearchHit, SearchResults, any_word_query


def search_posts(words: Sequence[str], language: str, limit: int) -> SearchResults:
    query = any_word_query(words)
    if query is None:
        return SearchResults("actualites", _("News"), 0, ())
    found = Post.objects.published(timezone.now()).for_readers_of(language).filter(document=query)
    ranked = found.annotate(rank=SearchRank(F("document"), query)).order_by("-rank", "-published_at")
    hits = [
        SearchHit(post.title, post.get_absolute_url(), post.summary, post.language, post.published_at)
        for post in ranked.defer("body", "document")[:limit]
    ]
    return SearchResults("actualites", _("News"), found.count(), hits)
