"""What a search index answers, to compare one with another or with PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from pole.caching.public_pages import read_public_state
from pole.search import Synonyms, query_words
from pole.search.documents import term
from pole.search.index import SearchIndex, SearchState
from pole.search.ranking import ask, keys_by_relevance

SCOPES = tuple(settings.SEARCH_SOURCES)
LANGUAGES = ("fr", "en")
SYNONYMS = Synonyms(
    [["vélo", "bicyclette"], ["coop", "coopérative"], ["daycare", "garderie", "centre de la petite enfance"]]
)


def caught_up(index: SearchIndex, scopes: Sequence[str] = SCOPES) -> SearchState:
    """Its state of now: as visitors ask for it, one scope after the other."""
    public_state = read_public_state(timezone.now())
    state = None
    for scope in scopes:
        state = index.at(scope, public_state)
        assert state is not None, scope
    assert state is not None
    return state


def made_anew(*sources: str) -> SearchState:
    index = SearchIndex()
    index.make_all()
    return caught_up(index, sources or SCOPES)


def answer(state: SearchState, scope: str, typed: str, language: str = "fr") -> tuple[Any, ...]:
    """What some words find: the count, the facets, the keys by relevance and in their order, the words corrected."""
    question = ask(query_words(typed), typed, SYNONYMS, scope=scope, language=language, state=state)
    count = state.count(question.query)
    return (
        count,
        dict(state.count_facets(question.query)),
        keys_by_relevance(state, question, question.query, 0, count),
        state.keys_in_order(question.query, 0, count),
        question.mistyped,
    )


def everything(state: SearchState, scope: str, typed: Sequence[str] = ()) -> dict[str, Any]:
    """All that a state says of a scope, with what it answers to some words."""
    whole = term("scope", scope)
    total = state.totals.get(scope, 0)
    said: dict[str, Any] = {
        "total": total,
        "facets": dict(state.facets.get(scope, {})),
        "counted": state.count(whole),
        "counted facets": dict(state.count_facets(whole)),
        "keys": state.keys_in_order(whole, 0, total + 10),
    }
    for words in typed:
        for language in LANGUAGES:
            said[f"{language} {words}"] = answer(state, scope, words, language)
    return said


def execute(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
