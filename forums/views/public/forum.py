"""What visitors read of forums. Results and priorities: `outcomes`, `progress`."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from forums.event.ics import CalendarEvent, calendar_file
from forums.event.json_ld import event_json
from forums.models import Forum, Priority
from forums.vote.open_rounds import open_votes
from pole.caching.public_pages import get_public_state, public_page
from pole.files.downloads import as_file
from pole.hub.identity import get_identity

FORUMS_A_PAGE = 20


@public_page
def forum_list(request: HttpRequest) -> HttpResponse:
    """Forums to come, the nearest first, then past ones by pages, the latest first."""
    now = timezone.now()
    past = (
        Forum.objects.past(now)
        .for_lists()
        .prefetch_related(Prefetch("results__priorities", Priority.objects.for_lists()))
    )
    page = Paginator(past, FORUMS_A_PAGE).get_page(request.GET.get("page"))
    upcoming = Forum.objects.upcoming(now).for_lists() if page.number == 1 else []
    return render(request, "forums/forum_list.html", {"upcoming": upcoming, "page": page, "now": now})


@public_page
def forum(request: HttpRequest, slug: str) -> HttpResponse:
    now = timezone.now()
    found = get_object_or_404(Forum.objects.announced(now).for_page(), slug=slug)
    is_voting = any(
        round.forum_id == found.pk and not round.is_trial for round in open_votes(get_public_state(request))
    )
    context = {"stage": found.stage_at(now), "now": now, "is_voting": is_voting} | page_context(
        request, found
    )
    return render(request, "forums/forum.html", context)


def page_context(request: HttpRequest, forum: Forum) -> dict[str, Any]:
    """What the page of an event shows, whatever its stage."""
    hub = get_identity(get_public_state(request).version_of("hub")).hub
    structured = event_json(
        forum, base_url=settings.BASE_URL, organiser=str(hub.shown_name), region=hub.schema_region()
    )
    return {"forum": forum, "base_url": settings.BASE_URL, "structured": structured}


@public_page
def calendar(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Forum.objects.announced(timezone.now()).for_lists(), slug=slug)
    place = (found.venue, found.venue_address, str(found.municipality or ""))
    event = CalendarEvent(
        uid=f"forum-{found.pk}@{urlsplit(settings.BASE_URL).hostname}",
        revision=found.version,
        changed_at=found.changed_at,
        starts_at=found.starts_at,
        ends_at=found.ends_at,
        title=found.shown_title,
        description=found.shown_summary,
        location=", ".join(part for part in place if part),
        url=settings.BASE_URL + found.get_absolute_url(),
        language=found.shown_title.language,
        is_cancelled=found.cancelled_at is not None,
    )
    return as_file(HttpResponse(calendar_file(event)), f"{found.slug}.ics")
