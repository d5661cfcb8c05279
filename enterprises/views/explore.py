"""Other ways to the same listings: files, portrait of the region, public buyers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from math import ceil

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.exporting import made, rows, shortlists, workbook
from enterprises.exporting.formats import FORMATS
from enterprises.models import Listing
from enterprises.search.addresses import query_without, url_changed
from enterprises.search.filters import DirectoryFilters
from enterprises.search.portrait import portrait_of
from enterprises.search.query import Order, find
from enterprises.search.region_pictures import region_picture
from enterprises.search.result_rows import load_entries
from enterprises.search.snapshot import Snapshot, snapshot_at
from pole.caching.public_pages import get_public_state, reading_page
from pole.files.downloads import as_file
from pole.hub.identity import get_identity
from pole.text.bilingual import current_language

# Compressed as it is sent: more rows go as CSV.
MAX_SHEET_ROWS = 5_000
MAX_SELECTED = 60
BUYER_ENTRIES = 40


def _read_filters(request: HttpRequest) -> tuple[Snapshot, DirectoryFilters]:
    snapshot = snapshot_at(get_public_state(request))
    return snapshot, DirectoryFilters(request.GET, snapshot=snapshot)


# --- Files ----------------------------------------------------------------------------------------


@reading_page(reads=("enterprises",), parameters=DirectoryFilters.PARAMETERS)
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The listings of any list, as a file."""
    if kind not in FORMATS:
        raise Http404
    snapshot, filters = _read_filters(request)
    keys = None
    if filters.restricts or filters.order != Order.NAME:
        keys = find(filters.search, snapshot, language=current_language(), count=snapshot.total).keys
    total = snapshot.total if keys is None else len(keys)
    kind = "csv" if kind == "xlsx" and total > MAX_SHEET_ROWS else kind
    try:
        content = made.pieces(kind, keys, snapshot, get_public_state(request))
    except made.BeingMade as being_made:
        return _being_made(request, total, being_made.ready_at)
    if kind == "xlsx":
        content = workbook.pieces(_("Directory"), content)
    return as_file(StreamingHttpResponse(content), f"repertoire.{kind}")


def _being_made(request: HttpRequest, total: int, ready_at: datetime) -> HttpResponse:
    context = {"total": total, "ready_at": ready_at}
    response = render(request, "enterprises/being_made.html", context, status=503)
    response.headers["Retry-After"] = str(ceil((ready_at - timezone.now()).total_seconds()))
    return response


# --- Portrait -------------------------------------------------------------------------------------


@reading_page(reads=("enterprises",), when_away=True)
def portrait(request: HttpRequest) -> HttpResponse:
    """The region in charts, each with its table, and on a map: two queries once a state of the directory."""
    snapshot = snapshot_at(get_public_state(request))
    language = current_language()
    portrait = snapshot.derived.get_or_make(("portrait", language), lambda: portrait_of(snapshot))
    picture = snapshot.derived.get_or_make(("picture", language), lambda: region_picture(snapshot))
    context = {
        "portrait": portrait, "map": picture, "total": snapshot.total,
        "towns": len(snapshot.counts.municipalities),
    }  # fmt: skip
    return render(request, "enterprises/portrait.html", context)


# --- Public buyers --------------------------------------------------------------------------------


@reading_page(reads=("enterprises",), parameters=(*DirectoryFilters.PARAMETERS, "s"), when_away=True)
def buyer(request: HttpRequest) -> HttpResponse:
    """Who can supply what, where; the shortlist is in the address."""
    snapshot, filters = _read_filters(request)
    chosen = _selected_keys(request)
    found = find(filters.search, snapshot, language=current_language(), count=BUYER_ENTRIES)
    facets = {facet.parameter: facet for facet in filters.facets(found.counts)}
    toggle_url = _toggle_urls(request.GET, chosen)
    context = {
        "lines": [(entry, toggle_url(entry.key), entry.key in chosen)
                  for entry in load_entries(found.keys, snapshot, origin=filters.origin,
                                            tells_check=filters.order == Order.VERIFIED)],
        "picked": [(entry, toggle_url(entry.key)) for entry in load_entries(chosen, snapshot)],
        "total": found.total, "shown": BUYER_ENTRIES, "query": filters.query, "supply": facets["achat"],
        "served": facets["dessert"], "selection": _encode_selection(chosen), "is_full": len(chosen) >= MAX_SELECTED,
        "most": MAX_SELECTED, "list_url": url_changed(request.GET, "s"),
        "is_asked": bool(filters.query or filters.search.supplies or filters.search.served),
        "orders": filters.order_links(), "kept_order": filters.kept_order, "near": filters.typed_place,
        "origin": filters.origin, "has_positions": snapshot.has_positions,
        "comparison": shortlists.compare(list(rows.listings_of(chosen)), snapshot) if chosen else None,
        "shared_address": f"{settings.BASE_URL}{request.path}?s={_encode_selection(chosen)}",
    }  # fmt: skip
    return render(request, "enterprises/buyer.html", context)


@reading_page(reads=("enterprises",), parameters=("s",))
def selection(request: HttpRequest, kind: str) -> HttpResponse:
    """The shortlist as a file."""
    snapshot = snapshot_at(get_public_state(request))
    listings = list(rows.listings_of(_selected_keys(request)))
    if kind == "xlsx":
        return shortlists.as_sheet(listings, snapshot)
    if kind == "pdf":
        hub = get_identity(get_public_state(request).version_of("hub")).hub
        return shortlists.as_pdf(listings, snapshot, hub=str(hub.shown_name))
    raise Http404


def _selected_keys(request: HttpRequest) -> list[int]:
    """The keys in `s`, written "12-45": published ones, each once, at most MAX_SELECTED. One query, if there are any."""
    parts = request.GET.get("s", "")[:2000].split("-")
    keys = dict.fromkeys(int(part) for part in parts if part.isdecimal() and len(part) < 12)
    asked = list(keys)[: 2 * MAX_SELECTED]
    if not asked:
        return []
    published = set(Listing.objects.published().filter(pk__in=asked).values_list("pk", flat=True))
    return [key for key in asked if key in published][:MAX_SELECTED]


def _encode_selection(keys: list[int]) -> str:
    return "-".join(map(str, keys))


def _toggle_urls(asked: QueryDict, chosen: list[int]) -> Callable[[int], str]:
    """Of a listing, the same page with it added to the shortlist, or taken from it."""
    rest = query_without(asked, "s")
    others = f"?{rest}&s=" if rest else "?s="
    whole = _encode_selection(chosen)

    def toggled(key: int) -> str:
        if key not in chosen:
            return f"{others}{whole}-{key}" if chosen else f"{others}{key}"
        keys = [each for each in chosen if each != key]
        return f"{others}{_encode_selection(keys)}" if keys else f"?{rest}"

    return toggled
