"""Full-text search in French and English: words are unaccented, stemmed, OR-ed and ranked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector
from django.db.models import F, Model, QuerySet
from django.db.models.expressions import CombinedExpression
from django.utils.functional import Promise
from django.utils.safestring import SafeString

from pole.caching.public_pages import PublicState
from pole.search.synonyms import Synonyms, current_synonyms, expand_synonyms, synonyms_at
from pole.search.words import MAX_QUERY_LENGTH, MAX_WORDS, query_words, unaccented
from pole.text.markup import EMPTY

__all__ = [
    "ENGLISH_CONFIG",
    "FRENCH_CONFIG",
    "MAX_QUERY_LENGTH",
    "MAX_WORDS",
    "Search",
    "SearchHit",
    "SearchResults",
    "Synonyms",
    "any_word_query",
    "any_word_text",
    "best_rows_in_database",
    "bilingual_document",
    "current_synonyms",
    "expand_synonyms",
    "query_words",
    "synonyms_at",
    "unaccented",
]

FRENCH_CONFIG, ENGLISH_CONFIG = "pole_french", "pole_english"


@dataclass(frozen=True, slots=True)
class SearchHit:
    title: str
    url: str
    excerpt: str
    language: str
    dated: datetime | None = None
    # An `<img>`, as `pole.files.thumbnails` makes it.
    picture: SafeString = EMPTY
    # What it is, where results of several kinds stand together.
    label: str | Promise = ""


@dataclass(frozen=True, slots=True)
class Search:
    """What someone asks of the whole portal."""

    # As `query_words` gives them, from what was typed.
    words: Sequence[str]
    typed: str
    language: str
    # Of each kind.
    limit: int
    public_state: PublicState


@dataclass(frozen=True, slots=True)
class SearchResults:
    """The results of one kind (posts, listings…): how many in all, and the first of them."""

    kind: str
    label: str | Promise
    total: int
    hits: Sequence[SearchHit]
    # Where the whole list of this kind is, when its package has a search of its own.
    url: str = ""
    # Words of the query that nothing of this kind contains: similar words were searched instead.
    mistyped: tuple[str, ...] = ()


def any_word_text(words: Sequence[str], synonyms: Synonyms) -> str:
    """What `to_tsquery` reads as any of the words or synonyms."""
    others = [
        " <-> ".join(term) for alternative in synonyms.alternatives(words) for term in alternative.terms
    ]
    return " | ".join(f"({term})" for term in dict.fromkeys([*words, *others]))


def any_word_query(words: Sequence[str], synonyms: Synonyms | None = None) -> SearchQuery | None:
    """A full-text query for any of the words or synonyms, stemmed in French and English; None without words.

    A synonym of several words is searched as a phrase. One query without `synonyms`.
    """
    if not words:
        return None
    raw = any_word_text(words, synonyms or current_synonyms())
    french = SearchQuery(raw, config=FRENCH_CONFIG, search_type="raw")
    return french | SearchQuery(raw, config=ENGLISH_CONFIG, search_type="raw")


def best_rows_in_database[M: Model](
    rows: QuerySet[M], words: Sequence[str], limit: int, *, tie: str
) -> tuple[int, list[M]]:
    """How many rows have any of the words in their `document`, and the best of them. Three queries, none without words."""
    query = any_word_query(words)
    if query is None:
        return 0, []
    found = rows.filter(document=query)
    ranked = found.annotate(rank=SearchRank(F("document"), query)).order_by("-rank", tie)
    return found.count(), list(ranked[:limit])


def bilingual_document(
    french: Sequence[tuple[str, str]], english: Sequence[tuple[str, str]]
) -> CombinedExpression:
    """French fields read as French and English fields as English, in one document."""
    document: CombinedExpression = _document(FRENCH_CONFIG, french) + _document(ENGLISH_CONFIG, english)
    return document


def _document(config: str, weighted: Sequence[tuple[str, str]]) -> Any:
    first, *others = (SearchVector(field, weight=weight, config=config) for field, weight in weighted)
    return sum(others, start=first)
