"""Forums, recommendations and priorities for the portal's search."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.postgres.search import SearchRank
from django.db.models import F
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from forums.models import Forum, Priority, Recommendation
from pole.search import SearchHit, SearchResults, any_word_query


def search_forums(words: Sequence[str], language: str, limit: int) -> SearchResults:
    """Announced forums. `language` is that of the page, in which titles are shown when they can be."""
    query = any_word_query(words)
    if query is None:
        return SearchResults("forums", _("Forums"), 0, ())
    found = Forum.objects.announced(timezone.now()).filter(document=query)
    ranked = found.annotate(rank=SearchRank(F("document"), query)).order_by("-rank", "-starts_at")
    hits = [
        SearchHit(
            title=forum.shown_title,
            url=forum.get_absolute_url(),
            excerpt=forum.shown_summary,
            language=forum.shown_title.language,
            dated=forum.starts_at,
        )
        for forum in ranked.for_lists()[:limit]
    ]
    return SearchResults("forums", _("Forums"), found.count(), hits)


def search_recommendations(words: Sequence[str], language: str, limit: int) -> SearchResults:
    """Recommendations that everyone may read, of announced forums."""
    query = any_word_query(words)
    if query is None:
        return SearchResults("recommandations", _("Recommendations"), 0, ())
    found = Recommendation.objects.readable(timezone.now()).filter(document=query)
    ranked = found.annotate(rank=SearchRank(F("document"), query)).order_by("-rank", "-id")
    hits = [
        SearchHit(
            title=recommendation.shown_title,
            url=recommendation.get_absolute_url(),
            excerpt=Truncator(recommendation.shown_description).words(40),
            language=recommendation.shown_title.language,
            dated=recommendation.created_at,
        )
        for recommendation in ranked.for_lists()[:limit]
    ]
    return SearchResults("recommandations", _("Recommendations"), found.count(), hits)


def search_priorities(words: Sequence[str], language: str, limit: int) -> SearchResults:
    """Priorities of published results, each at its place on the results page."""
    query = any_word_query(words)
    if query is None:
        return SearchResults("priorites", _("Priorities"), 0, ())
    found = Priority.objects.readable(timezone.now()).filter(document=query)
    ranked = found.annotate(rank=SearchRank(F("document"), query)).order_by("-rank", "-id")
    hits = [
        SearchHit(
            title=priority.shown_title,
            url=priority.get_absolute_url(),
            excerpt=priority.shown_description,
            language=priority.shown_title.language,
            dated=priority.results.forum.starts_at,
        )
        for priority in ranked.for_lists().select_related("results__forum")[:limit]
    ]
    return SearchResults("priorites", _("Priorities"), found.count(), hits)
