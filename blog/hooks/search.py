"""Posts for the portal's search."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from django.contrib.postgres.aggregates import ArrayAgg
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from blog.models import Post
from pole.files.thumbnails import Thumbnail, thumbnail_html
from pole.search import Search, SearchHit, SearchResults
from pole.search.documents import NAME, OFFER, TEXT, SearchDocument, newest_first, text_of
from pole.search.rows import best_rows


def search_posts(search: Search) -> SearchResults:
    now = search.public_state.now
    published = Post.objects.published(now).for_readers_of(search.language, now)
    found = best_rows(
        published.defer("body", "document").select_related("lead_picture"),
        search,
        scope="blog",
        tie="-published_at",
    )
    hits = [
        SearchHit(
            post.title,
            post.get_absolute_url(),
            post.summary,
            post.language,
            post.published_at,
            _picture(post),
        )
        for post in found.rows
    ]
    return SearchResults("actualites", _("News"), found.total, hits, mistyped=tuple(found.mistyped))


def _picture(post: Post) -> SafeString:
    picture = Thumbnail.of(post.lead_picture) if post.lead_picture else None
    return thumbnail_html(picture, f"genre-{post.kind}")


def post_documents(keys: Collection[int] | None, now: datetime) -> Iterator[SearchDocument]:
    """Published posts: one query."""
    rows = Post.objects.published(now).order_by()
    if keys is not None:
        rows = rows.filter(pk__in=keys)
    read = rows.annotate(signatures=ArrayAgg("authors__name", default=[])).values_list(
        "pk", "published_at", "language", "title", "heading", "summary", "body", "signatures"
    )
    for key, published_at, language, title, heading, summary, body, signatures in read.iterator():
        yield SearchDocument(
            key=key,
            order=newest_first(published_at) if published_at else "",
            texts=(
                (NAME, language, title),
                *((OFFER, language, text) for text in (heading, summary)),
                *((OFFER, "fr", name) for name in signatures if name),
                (TEXT, language, text_of(body)),
            ),
            names=(title,),
        )
