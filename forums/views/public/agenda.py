"""The agenda that visitors read: every public activity, in a list or in the table of a month."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from forums.agenda.calendar import Around, around, grid_of
from forums.agenda.filters import PARAMETERS, AgendaFilters, UnknownFilter, read_filters
from forums.agenda.listing import (
    ACTIVITIES_A_PAGE,
    MOST_OF_A_MONTH,
    Coming,
    Occurrence,
    Past,
    cards_of,
    first_and_last,
    of_month,
    once_each,
)
from forums.agenda.months import Month, month_of, months_from
from forums.agenda.words import heading, page_title
from forums.agenda.zones import zones_of
from pole.caching.public_pages import PublicState, get_public_state, reading_page
from pole.geo.levels import levels_of
from pole.hub.identity import get_identity
from pole.hub.page_head import PageHead
from pole.views.paging import page_or_404

MONTHS_OFFERED = 12


@reading_page(reads=("forums",), parameters=("page", *PARAMETERS))
def agenda(request: HttpRequest) -> HttpResponse:
    """To come, the nearest first; `mois` says a month, `passees` what is over, `vue=mois` the table; the others narrow."""
    now, state = timezone.now(), get_public_state(request)
    zones = zones_of(state)
    try:
        filters = read_filters(request.GET, zones)
    except UnknownFilter as error:
        raise Http404 from error
    this_month = month_of(timezone.localdate(now))
    shown = (
        _table(filters, filters.month or this_month, now) if filters.is_grid else _list(request, filters, now)
    )
    levels = levels_of(get_identity(state.version_of("hub")).hub)
    context = {
        "now": now,
        "filters": filters,
        "chips": filters.chips(levels.middle),
        "title": page_title(filters, levels.middle, shown.get("month")),
        "zones": zones.values(),
        "middle": levels.middle_heading,
        "offered_months": _offered_months(filters, this_month),
        "around": _around(filters, this_month, state, now) if filters.is_grid or filters.month else None,
        # A month in which nothing is makes no page of a search engine.
        "page_head": PageHead(
            kept=filters.values(), number=shown["page"].number if "page" in shown else 1,
            is_hidden=shown["is_empty"] and bool(request.GET),
        ),
    }  # fmt: skip
    return render(request, "forums/agenda.html", context | shown)


def _list(request: HttpRequest, filters: AgendaFilters, now: datetime) -> dict[str, Any]:
    state = get_public_state(request)
    rows: Coming | Past | list[Occurrence]
    if filters.month:
        is_over = filters.month.ends_at <= now
        found = of_month(filters.month, filters, now)
        rows = once_each(found, now, is_past=filters.is_past, is_over=is_over)
        count, has_more = len(rows), len(found) > MOST_OF_A_MONTH
    else:
        is_over, has_more = False, False
        rows = Past(filters, now) if filters.is_past else Coming(filters, now)
        count = state.cached_count("forums", ("agenda", filters), rows.count)
    page = page_or_404(rows, ACTIVITIES_A_PAGE, request.GET.get("page"), count=count)
    occurrences = list(page.object_list)
    return {
        "page": page,
        "occurrences": occurrences,
        "cards": cards_of(occurrences),
        "heading": heading(count, filters, is_over=is_over),
        "is_empty": not occurrences,
        "has_more": has_more,
    }


def _table(filters: AgendaFilters, month: Month, now: datetime) -> dict[str, Any]:
    found = of_month(month, filters, now)
    has_more = len(found) > MOST_OF_A_MONTH
    found = found[:MOST_OF_A_MONTH]
    return {
        "month": month,
        "grid": grid_of(month, found, timezone.localdate(now)),
        "cards": cards_of(found),
        "is_empty": not found,
        "has_more": has_more,
    }


def _offered_months(filters: AgendaFilters, this_month: Month) -> list[Month]:
    """Those of the year that comes, and the one that is chosen."""
    coming = list(months_from(this_month, MONTHS_OFFERED))
    if filters.month and filters.month not in coming:
        return sorted([filters.month, *coming])
    return coming


def _around(filters: AgendaFilters, this_month: Month, state: PublicState, now: datetime) -> Around:
    first, last = first_and_last(state, now)
    return around(filters, filters.month or this_month, this_month, first, last)
