"""Other ways to the same listings: map, files, portrait of the region, public buyers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _

from enterprises.exporting import rows, shortlists
from enterprises.models import Listing
from enterprises.search import region_map
from enterprises.search.filters import DirectoryFilters
from enterprises.search.portrait import portrait_charts
from enterprises.search.query import Order, find
from enterprises.search.result_rows import load_entries
from enterprises.search.snapshot import Snapshot, snapshot_at
from pole.caching.public_pages import get_public_state, reading_page
from pole.files.downloads import as_file
from pole.geo.levels import NO_MRC
from pole.hub.identity import get_identity
from pole.spreadsheets import csv_pieces, xlsx_bytes
from pole.text.bilingual import current_language

# A spreadsheet is made in memory: more rows go as CSV.
MAX_SHEET_ROWS = 5_000
MAX_SELECTED = 60
BUYER_ENTRIES = 40


def _read_filters(request: HttpRequest) -> tuple[Snapshot, DirectoryFilters]:
    snapshot = snapshot_at(get_public_state(request))
    return snapshot, DirectoryFilters(request.GET, snapshot=snapshot)


def _url_changed(asked: QueryDict, *names: str, **changed: str) -> str:
    query = asked.copy()
    for name in (*names, *changed):
        query.pop(name, None)
    query.update(changed)
    return f"?{query.urlencode()}"


# --- Map ----------------------------------------------------------------------------------------


@reading_page(reads=("enterprises",), parameters=(*DirectoryFilters.base_filters, "zone"), when_away=True)
def directory_map(request: HttpRequest) -> HttpResponse:
    """Clusters made here, and the same places as a list; `zone` shows one MRC from near."""
    snapshot, filters = _read_filters(request)
    found = find(filters.search, snapshot, language=current_language(), count=0)
    chosen = filters.search.municipalities
    counts = {
        code: count
        for code, count in found.counts.municipalities.items()
        if count and (not chosen or code in chosen)
    }
    zone = request.GET.get("zone", "")
    shown = [
        municipality
        for municipality in snapshot.municipalities.values()
        if zone == (municipality.mrc_id or NO_MRC) or (not zone and municipality.is_in_territory)
    ]
    everywhere = list(snapshot.municipalities.values())
    frame = region_map.frame_of(shown, snapshot) or region_map.frame_of(everywhere, snapshot)
    placed = region_map.placed_counts(found.counts, snapshot, chosen)
    drawn = region_map.draw(frame, placed, snapshot) if frame else None
    without = snapshot.count_without_position(found.counts)
    facets = filters.facets(found.counts)
    context = {
        "map": drawn,
        "clusters": [(cluster, _cluster_url(request.GET, cluster, snapshot, zone)) for cluster in drawn.clusters]
        if drawn else [],
        "places": [
            (municipality, counts[code], _url_changed(request.GET, "zone", "page", municipalite=code))
            for code, municipality in snapshot.municipalities.items() if counts.get(code)
        ],
        "zones": [(code, snapshot.mrc_name(code), code == zone) for code in snapshot.mrc_facets if snapshot.counts.mrcs.get(code)],
        "zone": zone, "total": found.total, "query": filters.query, "facets": facets,
        "without_position": without, "outside": found.total - without - (drawn.drawn if drawn else 0),
        "chips": filters.chips(facets), "has_tiles": False, "near": filters.typed_place, "origin": filters.origin,
        "list_url": _url_changed(request.GET, "zone"),
    }  # fmt: skip
    return render(request, "enterprises/map.html", context)


def _cluster_url(asked: QueryDict, cluster: region_map.Cluster, snapshot: Snapshot, zone: str) -> str:
    """One municipality, or a map that is already near: its list; else the map of its MRC."""
    mrcs = {snapshot.municipalities[code].mrc_id for code in cluster.codes}
    if len(cluster.codes) > 1 and not zone and len(mrcs) == 1:
        return _url_changed(asked, "page", zone=mrcs.pop() or NO_MRC)
    query = asked.copy()
    for name in ("zone", "page", "municipalite"):
        query.pop(name, None)
    query.setlist("municipalite", list(cluster.codes))
    return f"../?{query.urlencode()}"


# --- Files ----------------------------------------------------------------------------------------


@reading_page(reads=("enterprises",), parameters=DirectoryFilters.base_filters)
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The listings of any list, as a file."""
    snapshot, filters = _read_filters(request)
    keys = find(filters.search, snapshot, language=current_language(), count=snapshot.total).keys
    if kind == "csv" or (kind == "xlsx" and len(keys) > MAX_SHEET_ROWS):
        lines = _in_language(rows.cells(listing, snapshot) for listing in rows.listings_of(keys))
        response = StreamingHttpResponse(csv_pieces(chain([rows.header(snapshot)], lines)))
        return as_file(response, "repertoire.csv")
    if kind == "xlsx":
        lines = (rows.cells(listing, snapshot) for listing in rows.listings_of(keys))
        content = xlsx_bytes((_("Directory"), chain([rows.header(snapshot)], lines)))
        return as_file(HttpResponse(content), "repertoire.xlsx")
    if kind == "geojson":
        features = _in_language(rows.as_geojson(listing, snapshot) for listing in rows.listings_of(keys))
        return _stream_json('{"type":"FeatureCollection","features":[', features, "repertoire.geojson")
    if kind == "jsonld":
        graph = _in_language(_jsonld(listing, snapshot) for listing in rows.listings_of(keys))
        return _stream_json('{"@context":"https://schema.org","@graph":[', graph, "repertoire.jsonld")
    raise Http404


def _in_language[T](items: Iterator[T]) -> Iterator[T]:
    """The items in the language of this request, although they are made after it has ended."""

    def translated(language: str) -> Iterator[T]:
        # Never active across a `yield`: the thread serves other requests in between.
        while True:
            with translation.override(language):
                item = next(items, None)
            if item is None:
                return
            yield item

    return translated(current_language())


def _jsonld(listing: Listing, snapshot: Snapshot) -> dict[str, Any]:
    municipality = snapshot.municipalities.get(listing.municipality_id)
    facts = rows.as_jsonld(
        listing,
        municipality=municipality.name if municipality else "",
        territory=rows.territory_names(listing, snapshot),
        region=snapshot.hub.schema_region(),
    )
    del facts["@context"]
    return facts


def _stream_json(opening: str, items: Iterator[dict[str, Any]], name: str) -> StreamingHttpResponse:
    def pieces() -> Iterator[str]:
        yield opening
        for at, item in enumerate(items):
            yield f"{',' if at else ''}{json.dumps(item, ensure_ascii=False)}"
        yield "]}"

    return as_file(StreamingHttpResponse(pieces()), name)


# --- Portrait -------------------------------------------------------------------------------------


@reading_page(reads=("enterprises",), when_away=True)
def portrait(request: HttpRequest) -> HttpResponse:
    """The region in charts, each with its table: two queries once a state of the directory."""
    snapshot = snapshot_at(get_public_state(request))
    charts = snapshot.derived.get_or_make(("portrait", current_language()), lambda: portrait_charts(snapshot))
    context = {"charts": charts, "total": snapshot.total,
               "towns": len(snapshot.counts.municipalities), "sectors": len(snapshot.counts.sectors)}  # fmt: skip
    return render(request, "enterprises/portrait.html", context)


# --- Public buyers --------------------------------------------------------------------------------


@reading_page(reads=("enterprises",), parameters=(*DirectoryFilters.base_filters, "s"), when_away=True)
def buyer(request: HttpRequest) -> HttpResponse:
    """Who can supply what, where; the shortlist is in the address."""
    snapshot, filters = _read_filters(request)
    chosen = _selected_keys(request)
    found = find(filters.search, snapshot, language=current_language(), count=BUYER_ENTRIES)
    facets = {facet.parameter: facet for facet in filters.facets(found.counts)}
    context = {
        "lines": [(entry, _toggle_url(request.GET, chosen, entry.key), entry.key in chosen)
                  for entry in load_entries(found.keys, snapshot, origin=filters.origin,
                                            tells_check=filters.order == Order.VERIFIED)],
        "picked": [(entry, _toggle_url(request.GET, chosen, entry.key)) for entry in load_entries(chosen, snapshot)],
        "total": found.total, "shown": BUYER_ENTRIES, "query": filters.query, "supply": facets["achat"],
        "served": facets["dessert"], "selection": _encode_selection(chosen), "is_full": len(chosen) >= MAX_SELECTED,
        "most": MAX_SELECTED, "list_url": _url_changed(request.GET, "s"),
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
    """The keys in `s`, written "12-45": published ones, each once, at most MAX_SELECTED. One query."""
    parts = request.GET.get("s", "")[:2000].split("-")
    keys = dict.fromkeys(int(part) for part in parts if part.isdecimal() and len(part) < 12)
    asked = list(keys)[: 2 * MAX_SELECTED]
    published = set(Listing.objects.published().filter(pk__in=asked).values_list("pk", flat=True))
    return [key for key in asked if key in published][:MAX_SELECTED]


def _encode_selection(keys: list[int]) -> str:
    return "-".join(map(str, keys))


def _toggle_url(asked: QueryDict, chosen: list[int], key: int) -> str:
    """The same page with the listing added to the shortlist, or taken from it."""
    keys = [each for each in chosen if each != key] if key in chosen else [*chosen, key]
    return _url_changed(asked, s=_encode_selection(keys)) if keys else _url_changed(asked, "s")
