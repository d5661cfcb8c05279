"""What visitors read of forums. Results and priorities: `outcomes`, `progress`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.paginator import Page
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from forums.agenda.kinds import KINDS
from forums.event.json_ld import Organiser, event_json
from forums.mail.calendar import published_calendar
from forums.models import Forum, Kind
from forums.models.reading import forum_for_page
from forums.results.drawings import stage_drawing
from forums.results.listed import (
    FORUMS_A_PAGE,
    longest_list,
    neighbours_of,
    past_forums,
    upcoming_forums,
    voting_forums,
)
from forums.vote.open_rounds import forums_voting
from pole.caching.public_pages import get_public_state, reading_page
from pole.files.downloads import as_file
from pole.hooks.activities import Owner, owner_of
from pole.hub.identity import get_identity
from pole.hub.page_head import PageHead
from pole.templatetags.typography import date_range
from pole.views.paging import asked_number, page_or_404


@reading_page(reads=("forums", "results"), parameters=("page",))
def forum_list(request: HttpRequest) -> HttpResponse:
    """Those that vote, then, by pages, those to come, the nearest first, beside past ones, the latest first."""
    now, state = timezone.now(), get_public_state(request)
    voting, number = forums_voting(state), asked_number(request.GET.get("page"))

    def page_among_all() -> Page[int]:
        count = state.cached_count("forums", ("forums", *sorted(voting)), lambda: longest_list(now, voting))
        return page_or_404(range(count), FORUMS_A_PAGE, str(number))

    # Past the end, nothing is read; and nothing is counted of few.
    page = page_among_all() if number > 1 else None
    on_page = slice((number - 1) * FORUMS_A_PAGE, number * FORUMS_A_PAGE)
    upcoming, past = upcoming_forums(now, voting, on_page), past_forums(now, voting, on_page)
    if page is None and FORUMS_A_PAGE in {len(upcoming), len(past)}:
        page = page_among_all()
    context = {
        "page": page,
        "upcoming": upcoming,
        "past": past,
        "voting": voting_forums(now, list(voting)) if voting and number == 1 else [],
        "now": now,
        "number": number,
        "page_head": PageHead(number=number),
    }
    return render(request, "forums/forum_list.html", context)


@reading_page(reads=("desk", "enterprises", "forums", "recommendations", "results"))
def forum(request: HttpRequest, slug: str) -> HttpResponse:
    now = timezone.now()
    found = forum_for_page(slug)
    if found is None or not found.is_public(now):
        raise Http404
    is_voting = found.pk in forums_voting(get_public_state(request))
    if not found.is_forum:
        request.menu_path = reverse("forums:agenda").removeprefix("/en")  # type: ignore[attr-defined]  # read by `aria_current`
    stage = found.stage_at(now)
    context = {
        "stage": stage,
        "now": now,
        "is_voting": is_voting,
        "picture": drawing_of(found, stage, is_voting=is_voting),
    } | page_context(request, found)
    context["neighbours"] = neighbours_of(found, now)
    return render(request, "forums/forum.html", context)


def page_context(request: HttpRequest, forum: Forum) -> dict[str, Any]:
    """What the page of an event shows, whatever its stage; `forum` comes from `forum_for_page`."""
    hub = get_identity(get_public_state(request).version_of("hub")).hub
    owner = owner_of(forum.proposed_by) if forum.proposed_by else None  # type: ignore[attr-defined]  # by forum_for_page
    structured = event_json(
        forum,
        base_url=settings.BASE_URL,
        organiser=_organiser(forum, owner, str(hub.shown_name)),
        region=hub.schema_region(),
        sessions=forum.sessions.all(),
    )
    return {
        "forum": forum,
        "page_head": forum_head(forum, str(date_range(forum.starts_at, forum.ends_at)), kind="website"),
        "structured": structured,
        "owner": owner,
        "offers_recommendations": _offers_recommendations(forum, timezone.now()),
    }


def drawing_of(forum: Forum, stage: Forum.Stage, *, is_voting: bool = False) -> str:
    """Of a forum, what people do there at this stage; of another activity, its kind."""
    if forum.is_forum:
        return stage_drawing(stage, is_voting=is_voting)
    return KINDS[Kind(forum.kind)].drawing


def _organiser(forum: Forum, owner: Owner | None, hub: str) -> Organiser:
    """The enterprise that proposed it, else its hosts, else the hub."""
    if owner:
        return Organiser(owner.name, settings.BASE_URL + owner.address)
    return Organiser(str(forum.shown_hosts) or hub, settings.BASE_URL)


def forum_head(forum: Forum, kicker: str, kind: str = "article") -> PageHead:
    """The head of a page about a forum, whose text exists in English or not."""
    return PageHead(kind=kind, kicker=kicker, is_french_only=not forum.title_en)


def _offers_recommendations(forum: Forum, now: datetime) -> bool:
    """Before its end, to propose some; after, to read them, if there are any: a forum entered years later has none."""
    if not forum.has_participation or forum.cancelled_at:
        return False
    has_some: bool = forum.has_public_recommendations  # type: ignore[attr-defined]  # by forum_for_page
    return now < forum.ends_at or has_some


@reading_page(reads=("forums", "results"))
def calendar(request: HttpRequest, slug: str) -> HttpResponse:
    now = timezone.now()
    found = get_object_or_404(Forum.objects.announced(now).for_lists(), slug=slug)
    return as_file(HttpResponse(published_calendar(found, now)), f"{found.slug}.ics")
