"""The table board: recommendations of the tables are typed, merged and put on the ballot.

For staff, and for the day team of the forum. Every action works without JavaScript; with it, entries wait
on the device until they are acknowledged (201), and the list refreshes itself (304 while nothing changed).
"""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.db.models import FETCH_RAISE, Count, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from forums.forms.recommendations import BilingualRecommendationForm, MergeForm, TableBoardForm
from forums.models import MANY_OPTIONS, Forum, Recommendation
from forums.recommendations import editing, merging, rules
from forums.recommendations.editing import RecommendationRefused
from forums.recommendations.rules import Actor
from forums.views.day.day_access import day_team_or_staff_only, get_helper
from pole.caching.public_pages import read_public_state
from pole.hooks.moderation import ChangedMeanwhile
from pole.refusals import Refusal, refusal_shown
from pole.server import long_lists
from pole.text.bilingual import current_language

# The newest on the board; the pages of the team show them all.
MAX_SHOWN = 200


def get_forum_or_404(slug: str) -> Forum:
    forums = Forum.objects.filter(has_participation=True).for_lists()
    return get_object_or_404(forums.prefetch_related("tracks"), slug=slug)


def current_actor(request: HttpRequest) -> Actor:
    """Whoever works here, as history names them."""
    helper = get_helper(request)
    kind, number = helper.typist.split(":")
    return Actor(user=request.user) if kind == "user" else Actor(helper_id=int(number))  # type: ignore[arg-type]  # staff


def board_context(forum: Forum) -> dict[str, Any]:
    """What the refreshed part shows: three queries."""
    accepted = forum.recommendations.filter(state=Recommendation.State.ACCEPTED, is_hidden=False)
    on_ballot = forum.recommendations.filter(is_on_ballot=True)
    counts = list(
        Recommendation.objects.filter(pk__in=on_ballot.order_by().values("pk")[: long_lists.MAX_COUNTED])
        .order_by("track__position")
        .values_list("track", "track__title")
        .annotate(total=Count("id"))
    )
    sources = Recommendation.objects.filter(survivor=OuterRef("pk")).order_by().values("survivor")
    rows = accepted.annotate(source_count=Subquery(sources.values(count=Count("pk"))))
    # The forum is known, and what is accepted has no survivor: two models less to make of each row.
    rows = rows.select_related("track", "author").defer("document").fetch_mode(FETCH_RAISE)
    return {
        "forum": forum,
        "rows": rows.order_by("-id")[:MAX_SHOWN],
        "on_ballot": sum(total for _track, _title, total in counts),
        "crowded": [(title, total) for _track, title, total in counts if total > MANY_OPTIONS],
        "many": MANY_OPTIONS,
    }


@day_team_or_staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def table_board(request: HttpRequest, slug: str) -> HttpResponse:
    """The board. A script asks for JSON and gets 201 once the entry is stored, 422 with what is wrong."""
    forum = get_forum_or_404(slug)
    form = TableBoardForm(request.POST or None, forum=forum, initial=_initial_from_last_entry(request))
    wants_json = request.headers.get("Accept") == "application/json"
    if request.method == "POST" and form.is_valid() and (row := _save_entry(request, forum, form)):
        if wants_json:
            return JsonResponse({"id": row.pk}, status=201)
        messages.success(request, _("“%(title)s” is noted.") % {"title": row.title})
        return redirect(f"{reverse('staff:room', args=[slug])}?{_query_for_next_entry(form)}")
    if wants_json and form.is_bound:
        texts = [str(error) for errors in form.errors.values() for error in errors]
        return JsonResponse({"errors": texts}, status=422)
    context = {**board_context(forum), "form": form, "helper": get_helper(request)}
    return render(request, "forums/room.html", context, status=400 if form.is_bound else 200)


def _initial_from_last_entry(request: HttpRequest) -> dict[str, str]:
    """The table, kind and track of the entry before: a table says several in a row."""
    carried = {"table_number": "table", "kind": "type", "track": "axe"}
    return {name: request.GET[word] for name, word in carried.items() if word in request.GET}


def _query_for_next_entry(form: TableBoardForm) -> str:
    data = form.cleaned_data
    track = data.get("track")
    carried = {"table": data["table_number"], "type": data["kind"], "axe": track.pk if track else None}
    return urlencode({word: value for word, value in carried.items() if value is not None})


def _save_entry(request: HttpRequest, forum: Forum, form: TableBoardForm) -> Recommendation | None:
    try:
        return editing.add_accepted(
            forum=forum,
            by=current_actor(request),
            content=form.content(),
            table_number=form.cleaned_data["table_number"],
            idempotency_key=form.cleaned_data["submission"],
            now=timezone.now(),
        )
    except Refusal as refusal:
        form.add_error(None, refusal.message)
        return None


@day_team_or_staff_only
@require_safe
def table_board_list(request: HttpRequest, slug: str) -> HttpResponse:
    """The list alone, for the script that refreshes it: one query while nothing has changed."""
    parts = (
        settings.RELEASE,
        slug,
        current_language(),
        read_public_state(timezone.now()).key_of("forums", "recommendations"),
    )
    etag = f'W/"{hashlib.sha256(repr(parts).encode()).hexdigest()[:24]}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = render(request, "forums/room_list.html", board_context(get_forum_or_404(slug)))
        response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@day_team_or_staff_only
@require_POST
def table_board_choose(request: HttpRequest, slug: str, recommendation_id: int) -> HttpResponse:
    """On the ballot with `bulletin=1`, else off it."""
    row = get_object_or_404(Recommendation, pk=recommendation_id, forum__slug=slug)
    with refusal_shown(request, at=f"r{row.pk}"):
        editing.set_on_ballot(
            recommendation=row,
            is_on_ballot=request.POST.get("bulletin") == "1",
            seen=request.POST.get("seen", ""),
            by=current_actor(request),
            now=timezone.now(),
        )
    return redirect(f"{reverse('staff:room', args=[slug])}#r{row.pk}")


@day_team_or_staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def recommendation_merge(request: HttpRequest, slug: str) -> HttpResponse:
    """The joint text of those ticked (`r`, several), begun with the words of the one that would stay."""
    forum = get_forum_or_404(slug)
    sent = request.POST if request.method == "POST" else request.GET
    rows, refused = _ticked_recommendations(forum, sent, current_actor(request))
    if refused and (request.method != "POST" or not rows):
        messages.error(request, refused.message)
        return redirect(_url_to_return_to(slug, sent.get("retour", "")))
    survivor = merging.choose_survivor(rows)
    form = MergeForm(
        request.POST or None, forum=forum, initial=BilingualRecommendationForm.initial_of(survivor)
    )
    if refused:
        form.add_error(None, refused.message)
    elif request.method == "POST" and form.is_valid():
        if _merge(request, forum, rows, form):
            return redirect(_url_to_return_to(slug, sent.get("retour", "")))
        # As they are now, beside the text that was typed.
        rows, _refused = _ticked_recommendations(forum, sent, current_actor(request))
    context = {
        "forum": forum,
        "form": form,
        "rows": rows,
        "survivor": survivor,
        "seen": merging.version_of_merge(rows),
        "helper": get_helper(request),
    }
    context |= {"back": _url_to_return_to(slug, sent.get("retour", "")), "return_to": sent.get("retour", "")}
    return render(request, "forums/room_merge.html", context, status=400 if form.is_bound else 200)


def _ticked_recommendations(
    forum: Forum, sent: QueryDict, by: Actor
) -> tuple[list[Recommendation], Refusal | None]:
    """Those ticked that `by` may bring together, and why they can't be."""
    ids = {int(word) for word in sent.getlist("r") if word.isascii() and word.isdecimal() and len(word) < 19}
    found = forum.recommendations.filter(pk__in=ids).for_page().order_by("id")
    rows = [row for row in found[: rules.MAX_MERGED] if rules.may_merge(by, row)]
    if not 2 <= len(ids) <= rules.MAX_MERGED:
        return rows, RecommendationRefused("too_few_to_merge")
    return rows, RecommendationRefused("recommendation_changed") if len(rows) < len(ids) else None


def _url_to_return_to(slug: str, word: str) -> str:
    return reverse("staff:recommendation_list" if word == "liste" else "staff:room", args=[slug])


def _merge(request: HttpRequest, forum: Forum, rows: list[Recommendation], form: MergeForm) -> bool:
    ids = [row.pk for row in rows]
    try:
        row = merging.merge(
            forum=forum,
            ids=ids,
            content=form.content(),
            seen=request.POST.get("seen", ""),
            by=current_actor(request),
            now=timezone.now(),
        )
    except Refusal as refusal:
        form.add_error(None, refusal.message)
        return False
    messages.success(request, _("Brought together under “%(title)s”.") % {"title": row.title})
    return True


@day_team_or_staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def recommendation_separate(request: HttpRequest, slug: str, recommendation_id: int) -> HttpResponse:
    """Asks once, then undoes a merge for one of its sources."""
    forum = get_forum_or_404(slug)
    row = get_object_or_404(forum.recommendations.for_page(), pk=recommendation_id)
    back = _url_to_return_to(slug, request.GET.get("retour", "") or request.POST.get("retour", ""))
    if not rules.may_separate(current_actor(request), row):
        messages.info(request, _("It stands on its own already."))
        return redirect(back)
    restores_content = request.method != "POST" or request.POST.get("texte") == "1"
    if request.method == "POST":
        if _separate(request, row, restores_content=restores_content):
            return redirect(back)
        row = get_object_or_404(forum.recommendations.for_page(), pk=recommendation_id)
    context = {
        "forum": forum,
        "recommendation": row,
        "survivor": row.survivor,
        "before": merging.content_before_merge(row),
        "restores_content": restores_content,
        "seen": merging.version_of_separation(row),
        "back": back,
        "return_to": request.GET.get("retour", "") or request.POST.get("retour", ""),
        "helper": get_helper(request),
    }
    return render(
        request, "forums/room_separate.html", context, status=409 if request.method == "POST" else 200
    )


def _separate(request: HttpRequest, row: Recommendation, *, restores_content: bool) -> bool:
    """False when the page has to be read again: one of the two is no longer what it showed."""
    try:
        merging.separate(
            recommendation=row,
            seen=request.POST.get("seen", ""),
            by=current_actor(request),
            now=timezone.now(),
            restores_content=restores_content,
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return not isinstance(refusal, ChangedMeanwhile)
    messages.success(request, _("“%(title)s” stands on its own again.") % {"title": row.title})
    return True
