"""The rows of one kind that answer a search: found in the index, shown only if PostgreSQL says that they may be."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Model, QuerySet

from pole.search import Search, best_rows_in_database, synonyms_at
from pole.search.index import search_index
from pole.search.ranking import ask, keys_by_relevance

# The best documents that are looked at, whether they may be shown or not.
MAX_FOUND = 2000


@dataclass(frozen=True, slots=True)
class FoundRows[M: Model]:
    total: int
    # The best, at most `Search.limit`.
    rows: list[M]
    # Words that no document has: similar ones were searched instead.
    mistyped: list[str] = field(default_factory=list)


def best_rows[M: Model](rows: QuerySet[M], search: Search, *, scope: str, tie: str) -> FoundRows[M]:
    """Those of `rows` that answer, of the documents of a scope. Two queries; `tie` orders them while the index is made."""
    state = search_index().at(scope, search.public_state)
    if state is None:
        search.public_state.be_provisional()
        return FoundRows(*best_rows_in_database(rows, search.words, search.limit, tie=tie))
    question = ask(
        search.words,
        search.typed,
        synonyms_at(search.public_state),
        scope=scope,
        language=search.language,
        state=state,
    )
    found = keys_by_relevance(state, question, question.query, 0, MAX_FOUND)
    visible = set(rows.filter(pk__in=found).order_by().values_list("pk", flat=True)) if found else set()
    best = [key for key in found if key in visible][: search.limit]
    by_key = rows.in_bulk(best) if best else {}
    return FoundRows(len(visible), [by_key[key] for key in best if key in by_key], question.mistyped)
