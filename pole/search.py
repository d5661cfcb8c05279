"""Full-text search in French and English: words are unaccented, stemmed, OR-ed and ranked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector
from django.db.models import F, Model, QuerySet
from django.db.models.expressions import CombinedExpression
from django.utils.functional import Promise

FRENCH_CONFIG, ENGLISH_CONFIG = "pole_french", "pole_english"
MAX_QUERY_LENGTH = 200
MAX_WORDS = 12

# Each line is a set of synonyms: a word also searches for the others. Compared unaccented and in lower case.
_SYNONYMS_FILE = Path(__file__).parent / "data" / "synonyms.txt"
SYNONYMS = tuple(frozenset(line.split()) for line in _SYNONYMS_FILE.read_text(encoding="utf-8").splitlines())


@dataclass(frozen=True, slots=True)
class SearchHit:
    title: str
    url: str
    excerpt: str
    language: str
    dated: datetime | None = None


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


def unaccented(text: str) -> str:
    """Lower case without accents, as `pole_unaccent_lower` does in the database."""
    decomposed = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe").replace("æ", "ae"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def query_words(text: str) -> list[str]:
    """The words of a query, unaccented, without elided articles, at most MAX_WORDS."""
    words = re.findall(r"[a-z0-9]+", re.sub(r"\b(?:l|d|j|qu|n|s|c|m|t)['’]", " ", unaccented(text)))
    return list(dict.fromkeys(words))[:MAX_WORDS]


def expand_synonyms(words: Sequence[str]) -> list[str]:
    """`words`, then their synonyms, whether a word ends in a plural s or x or not."""
    expanded = list(words)
    for word in words:
        singular = word.rstrip("sx") or word
        for synonyms in SYNONYMS:
            if word in synonyms or singular in synonyms:
                expanded.extend(sorted(synonyms))
    return list(dict.fromkeys(re.sub(r"[^a-z0-9]", "", word) for word in expanded))


def any_word_query(words: Sequence[str]) -> SearchQuery | None:
    """A full-text query for any of the words or synonyms, stemmed in French and English; None without words."""
    expanded = expand_synonyms(words)
    if not expanded:
        return None
    raw = " | ".join(expanded)
    french = SearchQuery(raw, config=FRENCH_CONFIG, search_type="raw")
    return french | SearchQuery(raw, config=ENGLISH_CONFIG, search_type="raw")


def best_rows[M: Model](
    rows: QuerySet[M], words: Sequence[str], limit: int, *, tie: str
) -> tuple[int, list[M]]:
    """How many rows have any of the words in their `document`, and the best of them. Two queries, none without words."""
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
