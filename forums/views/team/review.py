"""The team reads, rewords, accepts, refuses, hides and chooses the recommendations of a forum."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.views.returning import next_address
from forums.forms.recommendations import (
    BilingualRecommendationForm,
    RecommendationFilter,
    RefusalForm,
    ReviewForm,
)
from forums.models import Forum, Recommendation
from forums.models.recommendation import RecommendationQuerySet
from forums.recommendations import editing
from forums.recommendations.editing import RecommendationChanged, RecommendationRefused
from forums.recommendations.history import genealogy_of, origin_counts
from forums.recommendations.rules import Actor
from forums.results.sentences import quote
from pole.access import role_required
from pole.forms import with_changed_value
from pole.hooks.moderation import ChangedMeanwhile
from pole.refusals import say
from pole.server.long_lists import bounded_counts
from pole.server.staff_lists import keeps_filters
from pole.text.matching import matching_text, typed_text
from pole.views.paging import page_of

RECOMMENDATIONS_A_PAGE = 30
STATES = ("en-attente", "acceptees", "regroupees", "refusees")


def team_actor(request: HttpRequest) -> Actor:
    return Actor(request.user)  # type: ignore[arg-type]  # staff_only


def get_recommendation_or_404(slug: str, recommendation_id: int) -> Recommendation:
    return get_object_or_404(Recommendation.objects.for_page(), pk=recommendation_id, forum__slug=slug)


@role_required("forums")
@require_safe
@keeps_filters
def recommendation_list(request: HttpRequest, slug: str) -> HttpResponse:
    """What waits, the oldest first; or those of another state, the newest first."""
    forum = get_object_or_404(Forum.objects.for_lists().prefetch_related("tracks"), slug=slug)
    asked = RecommendationFilter(request.GET, forum=forum)
    words = typed_text(request.GET.get("q", ""))
    shown = filter_recommendations(forum.recommendations.all(), asked)
    shown = matching_text(shown, words, "title", "description", "author__name")
    counts = state_counts(shown, STATES)
    state = request.GET.get("etat", "")
    if state not in STATES:
        state = "en-attente" if counts[0][1] else "acceptees"
    rows = shown.filter(state=RecommendationFilter.STATES[state]).for_lists().select_related("author")
    rows = rows.order_by("id" if state == "en-attente" else "-id")
    page = page_of(rows, RECOMMENDATIONS_A_PAGE, request.GET.get("page"))
    origins = origin_counts([row.pk for row in page])
    context = {
        "forum": forum,
        "filter": asked,
        "state": state,
        "words": words,
        "counts": counts,
        "page": page,
        "rows": [(row, origins[row.pk]) for row in page],
    }
    return render(request, "forums/review_list.html", context)


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
    """How many in each state, by its word in the address: one query, which counts so far and no further."""
    counts = bounded_counts([rows.filter(state=RecommendationFilter.STATES[word]) for word in states])
    return list(zip(states, counts, strict=True))


@role_required("forums")
@require_http_methods(["GET", "HEAD", "POST"])
def recommendation(request: HttpRequest, slug: str, recommendation_id: int) -> HttpResponse:
    """Everything about one; a save over someone else's shows what is stored and keeps what was typed."""
    row = get_recommendation_or_404(slug, recommendation_id)
    form = ReviewForm(
        request.POST or None, forum=row.forum, initial=BilingualRecommendationForm.initial_of(row)
    )
    status = 400 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        if _save(request, row, form):
            messages.success(request, _("The recommendation is up to date."))
            return redirect("staff:recommendation", slug, row.pk)
        status = 409
    return _page(request, row, form, RefusalForm(), status)


def _page(
    request: HttpRequest, row: Recommendation, form: ReviewForm, refusal: RefusalForm, status: int
) -> HttpResponse:
    context = {
        "forum": row.forum,
        "recommendation": row,
        "form": form,
        "refusal": refusal,
        "genealogy": genealogy_of(row, for_team=True),
        "is_public": row.is_public(timezone.now()),
    }
    return render(request, "forums/review.html", context, status=status)


def _save(request: HttpRequest, row: Recommendation, form: ReviewForm) -> bool:
    try:
        editing.edit(
            recommendation=row,
            content=form.content(),
            seen_version=form.cleaned_data["version"],
            by=team_actor(request),
            now=timezone.now(),
            withholds_before=form.cleaned_data["withholds_before"],
            signature=_signature(row, form),
        )
    except RecommendationChanged as change:
        stored = change.stored
        form.data = with_changed_value(form.data, "version", str(stored.version))
        form.add_error(
            None,
            _("Someone else changed it while you were writing. Your text is kept below; theirs is:")
            + f" {quote(stored.title)} {stored.description}",
        )
        return False
    return True


def _signature(row: Recommendation, form: ReviewForm) -> dict[str, object]:
    """A name that the team changes is no longer the author's own."""
    typed = form.signature()
    is_same = typed["author_name"] == row.author_name
    return {**typed, "is_person_named": row.is_person_named and is_same}


@role_required("forums")
@require_safe
def history(request: HttpRequest, slug: str, recommendation_id: int) -> HttpResponse:
    """The whole history, with former texts, including those withheld from readers."""
    row = get_recommendation_or_404(slug, recommendation_id)
    context = {
        "forum": row.forum,
        "recommendation": row,
        "genealogy": genealogy_of(row, for_team=True),
    }
    return render(request, "forums/review_history.html", context)


def _apply_change(
    request: HttpRequest,
    slug: str,
    recommendation_id: int,
    change: Callable[..., object],
    message: str,
    refusal: RefusalForm | None = None,
    **values: Any,
) -> HttpResponse:
    row = get_recommendation_or_404(slug, recommendation_id)
    seen = request.POST.get("seen", "")
    target = next_address(request, reverse("staff:recommendation", args=[slug, row.pk]))
    place = urlsplit(target).fragment
    try:
        change(recommendation=row, seen=seen, by=team_actor(request), now=timezone.now(), **values)
    except ChangedMeanwhile as changed:
        messages.error(request, changed.message)
        if refusal:
            return _read_again(request, slug, recommendation_id, refusal, 409)
        return redirect("staff:recommendation", slug, row.pk)
    except RecommendationRefused as refused:
        if refused.code == "recommendation_decided":
            say(request, messages.INFO, refused.message, at=place)
        else:
            otherwise = _("Someone else did otherwise in between: here is how it stands now.")
            say(request, messages.ERROR, otherwise, at=place)
    else:
        say(request, messages.SUCCESS, message, at=place)
    return redirect(target)


def _read_again(
    request: HttpRequest, slug: str, recommendation_id: int, refusal: RefusalForm, status: int
) -> HttpResponse:
    """The page as things stand now, with the reason that was typed."""
    row = get_recommendation_or_404(slug, recommendation_id)
    unsaved = ReviewForm(forum=row.forum, initial=BilingualRecommendationForm.initial_of(row))
    return _page(request, row, unsaved, refusal, status)


@role_required("forums")
@require_POST
def accept(request: HttpRequest, slug: str, recommendation_id: int) -> HttpResponse:
    message = _("Accepted: everyone can read it.")
    return _apply_change(request, slug, recommendation_id, editing.accept, message)


@role_required("forums")
@require_POST
def refuse(request: HttpRequest, slug: str, recommendation_id: int) -> HttpResponse:
    form = RefusalForm(request.POST)
    if not form.is_valid():
        return _read_again(request, slug, recommendation_id, form, 400)
    message = _("Refused: its page gives the reason, and its author is told.")
    return _apply_change(request, slug, recommendation_id, editing.refuse, message, form, **form.cleaned_data)


@role_required("forums")
@require_POST
def hide(request: HttpRequest, slug: str, recommendation_id: int) -> HttpResponse:
    """Hides, or shows again with `montrer=1`."""
    is_hidden = request.POST.get("montrer") != "1"
    message = _("Hidden: readers don’t see it any more.") if is_hidden else _("Readers see it again.")
    return _apply_change(request, slug, recommendation_id, editing.set_hidden, message, is_hidden=is_hidden)


@role_required("forums")
@require_POST
def choose(request: HttpRequest, slug: str, recommendation_id: int) -> HttpResponse:
    """On the ballot with `bulletin=1`, else off it."""
    chosen = request.POST.get("bulletin") == "1"
    message = _("It is on the ballot.") if chosen else _("It is off the ballot.")
    return _apply_change(
        request, slug, recommendation_id, editing.set_on_ballot, message, is_on_ballot=chosen
    )
