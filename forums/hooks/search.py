"""Forums, recommendations and priorities for the portal's search."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from forums.models import Forum, Priority, Recommendation
from pole.search import SearchHit, SearchResults, best_rows


def search_forums(words: Sequence[str], language: str, limit: int) -> SearchResults:
    """Announced forums. `language` is that of the page, in which titles are shown when they can be."""
    announced = Forum.objects.announced(timezone.now()).for_lists()
    total, best = best_rows(announced, words, limit, tie="-starts_at")
    hits = [_hit(forum, forum.shown_summary, forum.starts_at) for forum in best]
    return SearchResults("forums", _("Forums"), total, hits)


def search_recommendations(words: Sequence[str], language: str, limit: int) -> SearchResults:
    """Recommendations that everyone may read, of announced forums."""
    readable = Recommendation.objects.readable(timezone.now()).for_lists()
    total, best = best_rows(readable, words, limit, tie="-id")
    hits = [_hit(each, Truncator(each.shown_description).words(40), each.created_at) for each in best]
    return SearchResults("recommandations", _("Recommendations"), total, hits)


def search_priorities(words: Sequence[str], language: str, limit: int) -> SearchResults:
    """Priorities of published results, each at its place on the results page."""
    readable = Priority.objects.readable(timezone.now()).for_lists().select_related("results__forum")
    total, best = best_rows(readable, words, limit, tie="-id")
    hits = [_hit(each, each.shown_description, each.results.forum.starts_at) for each in best]
    return SearchResults("priorites", _("Priorities"), total, hits)


def _hit(row: Forum | Recommendation | Priority, excerpt: str, dated: datetime) -> SearchHit:
    return SearchHit(row.shown_title, row.get_absolute_url(), excerpt, row.shown_title.language, dated)
