"""What the search of the portal finds, one kind at a time."""

from __future__ import annotations

from collections.abc import Callable

from django.utils import timezone

from pole.caching.public_pages import read_public_state
from pole.search import Search, SearchResults, query_words


def searched(
    kind: Callable[[Search], SearchResults], typed: str, limit: int = 5, *, language: str = "fr"
) -> SearchResults:
    """By a callable of `settings.SEARCHES`, now."""
    state = read_public_state(timezone.now())
    return kind(Search(query_words(typed), typed, language, limit, state))
