"""What visitors read of the recommendations of a forum."""

from __future__ import annotations

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from forums.forms.recommendations import RecommendationFilter
from forums.models import Forum, Recommendation
from forums.models.recommendation import RecommendationQuerySet
from forums.recommendations import ordering, rules
from forums.recommendations.history import genealogy_of, origin_counts
from forums.recommendations.rules import Actor
from pole.caching.public_pages import reading_page
from pole.hub.page_head import PageHead
from pole.views.neighbours import Neighbours, neighbours_in_order
from pole.views.paging import page_or_404

RECOMMENDATIONS_A_PAGE = 20
# States that readers choose from, by their word in the address; the first is what a list begins with.
PUBLIC_STATES = ("acceptees", "regroupees", "refusees")


def get_forum_or_404(slug: str) -> Forum:
    """An announced forum that has recommendations, with its tracks."""
    forums = Forum.objects.announced(timezone.now()).filter(has_participation=True)
    return get_object_or_404(forums.for_lists().prefetch_related("tracks"), slug=slug)


@reading_page(
    reads=("forums", "people", "recommendations", "results"),
    parameters=("axe", "etat", "page", "tri", "type"),
)
def recommendation_list(request: HttpRequest, slug: str) -> HttpResponse:
    """By track, kind and state, in the order asked for. With a session, one's own that await review."""
    forum = get_forum_or_404(slug)
    asked = RecommendationFilter(request.GET, forum=forum)
    state = request.GET.get("etat", "")
    state = state if state in PUBLIC_STATES else PUBLIC_STATES[0]
    shown = filter_recommendations(forum.recommendations.public(), asked)
    order = ordering.asked_order(forum, request.GET.get("tri", ""))
    listed = shown.filter(state=RecommendationFilter.STATES[state])
    page = page_or_404(ordering.keys_in_order(listed, order), RECOMMENDATIONS_A_PAGE, request.GET.get("page"))
    found = listed.for_lists().in_bulk(list(page))
    origins = origin_counts(list(found))
    context = {
        "forum": forum,
        "filter": asked,
        "state": state,
        "counts": state_counts(shown, PUBLIC_STATES),
        "page": page,
        "page_head": PageHead(number=page.number),
        "rows": [(found[key], origins[key]) for key in page if key in found],
        "order": order.value,
        "orders": ordering.order_links(forum, order),
        "own": own_waiting(request, forum),
        "accepts_proposals": rules.accepts_proposals(forum, timezone.now()),
    }
    return render(request, "forums/recommendation_list.html", context)


def filter_recommendations(
    rows: RecommendationQuerySet, asked: RecommendationFilter
) -> RecommendationQuerySet:
    """By the track and the kind that were asked for, when there are such."""
    asked.is_valid()
    if track := asked.cleaned_data.get("axe"):
        rows = rows.filter(track=track)
    if kind := RecommendationFilter.KINDS.get(asked.cleaned_data.get("type", "")):
        rows = rows.filter(kind=kind)
    return rows


def state_counts(rows: RecommendationQuerySet, states: tuple[str, ...]) -> list[tuple[str, int]]:
    """How many in each state, by its word in the address: one query."""
    counts = rows.aggregate(
        **{
            word.replace("-", "_"): Count("id", filter=Q(state=RecommendationFilter.STATES[word]))
            for word in states
        }
    )
    return [(word, counts[word.replace("-", "_")]) for word in states]


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
    found = get_object_or_404(Recommendation.objects.filter(forum=forum).for_page(), pk=recommendation_id)
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
    """Those of the same forum and state, in the order in which the list begins. The tracks of `forum` are read."""
    listed = forum.recommendations.public().filter(state=recommendation.state)
    keys = ordering.keys_in_order(listed, ordering.asked_order(forum, ""))
    rows = listed.select_related("forum").only("title", "title_en", "forum__slug")
    return neighbours_in_order(keys, rows, recommendation.pk)
