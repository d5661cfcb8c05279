"""Forums, recommendations and priorities for the portal's search."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.postgres.search import SearchRank
from django.db.models import Case, F, IntegerField, Value, When
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from forums.models import Forum, Priority, Recommendation
from pole.search import Hit, Results, any_of, words_of

LETTERS, FEWEST_NOTIONS = 4, 2


def search_forums(words: Sequence[str], language: str, limit: int) -> Results:
    """Announced forums. `language` is that of the page, in which titles are shown when they can be."""
    query = any_of(words)
    if query is None:
        return Results("forums", _("Forums"), 0, ())
    found = Forum.objects.announced(timezone.now()).filter(document=query)
    ranked = found.annotate(rank=SearchRank(F("document"), query)).order_by("-rank", "-starts_at")
    hits = [
        Hit(
            title=forum.shown_title,
            url=forum.get_absolute_url(),
            excerpt=forum.shown_summary,
            language=forum.shown_title.language,
            dated=forum.starts_at,
        )
        for forum in ranked.for_lists()[:limit]
    ]
    return Results("forums", _("Forums"), found.count(), hits)


def search_recommendations(words: Sequence[str], language: str, limit: int) -> Results:
    """Recommendations that everyone may read, of announced forums."""
    query = any_of(words)
    if query is None:
        return Results("recommandations", _("Recommendations"), 0, ())
    found = Recommendation.objects.readable(timezone.now()).filter(document=query)
    ranked = found.annotate(rank=SearchRank(F("document"), query)).order_by("-rank", "-id")
    hits = [
        Hit(
            title=recommendation.shown_title,
            url=recommendation.get_absolute_url(),
            excerpt=Truncator(recommendation.shown_description).words(40),
            language=recommendation.shown_title.language,
            dated=recommendation.created_at,
        )
        for recommendation in ranked.for_lists()[:limit]
    ]
    return Results("recommandations", _("Recommendations"), found.count(), hits)


def resembling(forum: Forum, text: str, limit: int) -> list[Recommendation]:
    """The accepted recommendations of a forum that share the most notions with `text`. One query.

    A notion is a word of four letters or more, with its synonyms; half of those of `text`, and two at
    least, must be found.
    """
    notions = [query for word in words_of(text) if len(word) >= LETTERS and (query := any_of([word]))]
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


def search_priorities(words: Sequence[str], language: str, limit: int) -> Results:
    """Priorities of published results, each at its place on the results page."""
    query = any_of(words)
    if query is None:
        return Results("priorites", _("Priorities"), 0, ())
    found = Priority.objects.readable(timezone.now()).filter(document=query)
    ranked = found.annotate(rank=SearchRank(F("document"), query)).order_by("-rank", "-id")
    hits = [
        Hit(
            title=priority.shown_title,
            url=priority.get_absolute_url(),
            excerpt=priority.shown_description,
            language=priority.shown_title.language,
            dated=priority.results.forum.starts_at,
        )
        for priority in ranked.for_lists().select_related("results__forum")[:limit]
    ]
    return Results("priorites", _("Priorities"), found.count(), hits)
