"""A season of the agenda, as visitors read it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from forums.agenda.coming import activities_html
from forums.agenda.season_reading import ACTIVITIES_A_PAGE, ActivitiesOfSeason, by_day, season_of
from forums.results.drawings import drawing_of
from pole.caching.public_pages import get_public_state, reading_page
from pole.hub.page_head import PageHead
from pole.templatetags.typography import date_range
from pole.views.paging import page_or_404


@reading_page(reads=("forums",), parameters=("page",))
def season(request: HttpRequest, slug: str) -> HttpResponse:
    now = timezone.now()
    found = season_of(slug)
    if found is None:
        raise Http404
    gathered = ActivitiesOfSeason(found, now)
    count = get_public_state(request).cached_count("forums", ("season", found.pk), lambda: len(gathered))
    page = page_or_404(gathered, ACTIVITIES_A_PAGE, request.GET.get("page"), count=count)
    days = [
        (each.day, activities_html(each.activities, now, says_day=False))
        for each in by_day(page.object_list, found)
    ]
    context = {
        "season": found,
        "page": page,
        "days": days,
        "is_over": found.last_day < timezone.localdate(now),
        "drawing": drawing_of(found.first_day),
        "page_head": PageHead(
            kind="website",
            kicker=str(date_range(found.first_day, found.last_day)),
            is_french_only=not found.title_en,
            number=page.number,
        ),
    }
    return render(request, "forums/season.html", context)
