"""Recommendations that say much the same as a text."""

from __future__ import annotations

from django.db.models import Case, IntegerField, Value, When

from forums.models import Forum, Recommendation
from pole.search import any_word_query, query_words

LETTERS, FEWEST_NOTIONS = 4, 2


def find_similar(forum: Forum, text: str, limit: int) -> list[Recommendation]:
    """The accepted recommendations of a forum that share the most notions with `text`. One query.

    A notion is a word of four letters or more, with its synonyms; half of those of `text`, and two at
    least, must be found.
    """
    notions = [
        query for word in query_words(text) if len(word) >= LETTERS and (query := any_word_query([word]))
    ]
    if len(notions) < FEWEST_NOTIONS:
        return []
    shared = sum(
        (Case(When(document=notion, then=1), default=0, output_field=IntegerField()) for notion in notions),
        start=Value(0),
    )
    likely = forum.recommendations.public().filter(state=Recommendation.State.ACCEPTED)
    needed = max(FEWEST_NOTIONS, -(-len(notions) // 2))
    ranked = likely.alias(shared=shared).filter(shared__gte=needed).order_by("-shared", "id")
    return list(ranked.for_lists()[:limit])
