"""What visitors read of the recommendations of a forum."""

from __future__ import annotations

from collections import Counter
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from forums.forms.recommendations import RecommendationFilter
from forums.models import Forum, Recommendation
from forums.models.reading import announced_forum, attach_tracks
from forums.recommendations import ordering, rules
from forums.recommendations.history import genealogy_of, origin_counts
from forums.recommendations.ordering import Placed
from forums.recommendations.reading import recommendation_for_page, recommendations_of
from forums.recommendations.rules import Actor
from pole.caching.public_pages import reading_page
from pole.hub.page_head import PageHead
from pole.views.neighbours import Neighbours, neighbours_in_order
from pole.views.paging import page_or_404

RECOMMENDATIONS_A_PAGE = 20
# States that readers choose from, by their word in the address; the first is what a list begins with.
PUBLIC_STATES = ("acceptees", "regroupees", "refusees")


def get_forum_or_404(slug: str) -> Forum:
    """An announced forum that has recommendations."""
    forum = announced_forum.first(slug, timezone.now())
    if forum is None or not forum.has_participation:
        raise Http404
    return forum


@reading_page(
    reads=("forums", "people", "recommendations", "results"),
    parameters=("axe", "etat", "page", "tri", "type"),
)
def recommendation_list(request: HttpRequest, slug: str) -> HttpResponse:
    """By track, kind and state, in the order asked for. With a session, one's own that await review."""
    forum = get_forum_or_404(slug)
    attach_tracks(forum)
    asked = RecommendationFilter(request.GET, forum=forum)
    state = request.GET.get("etat", "")
    state = state if state in PUBLIC_STATES else PUBLIC_STATES[0]
    order = ordering.asked_order(forum, request.GET.get("tri", ""))
    shown = _narrowed(ordering.public_in_order(forum, order), asked)
    listed = [row.pk for row in shown if row.state == RecommendationFilter.STATES[state]]
    if order == ordering.Order.SUPPORTED:
        listed = ordering.by_support(listed)
    page = page_or_404(listed, RECOMMENDATIONS_A_PAGE, request.GET.get("page"))
    found = recommendations_of(forum, list(page))
    origins = origin_counts([row.pk for row in found])
    states = Counter(row.state for row in shown)
    context = {
        "forum": forum,
        "filter": asked,
        "state": state,
        "counts": [(word, states[RecommendationFilter.STATES[word]]) for word in PUBLIC_STATES],
        "page": page,
        "page_head": PageHead(number=page.number),
        "rows": [(row, origins[row.pk]) for row in found],
        "order": order.value,
        "orders": ordering.order_links(forum, order),
        "own": own_waiting(request, forum),
        "accepts_proposals": rules.accepts_proposals(forum, timezone.now()),
    }
    return render(request, "forums/recommendation_list.html", context)


def _narrowed(rows: list[Placed], asked: RecommendationFilter) -> list[Placed]:
    """By the track and the kind that were asked for, when there are such."""
    asked.is_valid()
    track, kind = (
        asked.cleaned_data.get("axe"),
        RecommendationFilter.KINDS.get(asked.cleaned_data.get("type", "")),
    )
    if track:
        rows = [row for row in rows if str(row.track) == track]
    return [row for row in rows if row.kind == kind] if kind else rows


def own_waiting(request: HttpRequest, forum: Forum) -> list[Recommendation]:
    if not request.user.is_authenticated:
        return []
    return list(forum.recommendations.awaiting_review().filter(author=request.user).for_lists())


@reading_page(
    reads=("comments", "forums", "people", "recommendations", "results"), parameters=("commentaires",)
)
def recommendation(request: HttpRequest, slug: str, recommendation_id: int) -> HttpResponse:
    """One, with where it comes from; its author reads it before it is reviewed."""
    now = timezone.now()
    forum = get_forum_or_404(slug)
    found = recommendation_for_page(forum, recommendation_id)
    if found is None:
        raise Http404
    is_own = request.user.is_authenticated and found.author_id == request.user.pk
    is_public = found.is_public(now)
    if not is_public and not (is_own and not found.is_hidden):
        raise Http404
    context = {
        "forum": found.forum,
        "recommendation": found,
        "genealogy": genealogy_of(found),
        "is_public": is_public,
        "neighbours": _neighbours(forum, found) if is_public else None,
        "may_edit": is_own and rules.may_edit(Actor(request.user), found, now),  # type: ignore[arg-type]  # own means signed in
        "page_head": PageHead(
            kind="article",
            kicker=str(found.forum.shown_title),
            is_french_only=not found.title_en,
            is_hidden=not is_public,
        ),
    }
    return render(request, "forums/recommendation.html", context)


def _neighbours(forum: Forum, recommendation: Recommendation) -> Neighbours:
    """Those of the same forum and state, in the order in which the list begins."""
    attach_tracks(forum)
    listed = ordering.public_in_order(forum, ordering.asked_order(forum, ""))
    keys = [row.pk for row in listed if row.state == recommendation.state]
    return neighbours_in_order(keys, partial(recommendations_of, forum), recommendation.pk)
