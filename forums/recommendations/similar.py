"""Recommendations similar to a text."""

from __future__ import annotations

from django.db.models import Case, IntegerField, Value, When

from forums.models import Forum, Recommendation
from pole.search import any_word_query, current_synonyms, query_words

MIN_LETTERS, MIN_TERMS = 4, 2


def find_similar(forum: Forum, text: str, limit: int) -> list[Recommendation]:
    """The accepted recommendations of a forum that share the most terms with `text`. Two queries.

    A term is a word of four letters or more, with its synonyms; half of those of `text`, and two at
    least, must be found.
    """
    words = [word for word in query_words(text) if len(word) >= MIN_LETTERS]
    if len(words) < MIN_TERMS:
        return []
    synonyms = current_synonyms()
    terms = [query for word in words if (query := any_word_query([word], synonyms))]
    shared = sum(
        (Case(When(document=term, then=1), default=0, output_field=IntegerField()) for term in terms),
        start=Value(0),
    )
    likely = forum.recommendations.public().filter(state=Recommendation.State.ACCEPTED)
    needed = max(MIN_TERMS, -(-len(terms) // 2))
    ranked = likely.alias(shared=shared).filter(shared__gte=needed).order_by("-shared", "id")
    return list(ranked.for_lists()[:limit])
