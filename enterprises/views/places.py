"""The directory on a map."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from enterprises.search import region_map
from enterprises.search.addresses import address_with, query_without, url_changed
from enterprises.search.filters import DirectoryFilters
from enterprises.search.query import find
from enterprises.search.snapshot import Snapshot, snapshot_at
from pole.caching.public_pages import get_public_state, reading_page
from pole.geo.levels import NO_MRC
from pole.text.bilingual import current_language


@reading_page(reads=("enterprises",), parameters=(*DirectoryFilters.PARAMETERS, "zone"), when_away=True)
def directory_map(request: HttpRequest) -> HttpResponse:
    """Clusters made here, and the same places as a list; `zone` shows one MRC from near."""
    snapshot = snapshot_at(get_public_state(request))
    filters = DirectoryFilters(request.GET, snapshot=snapshot)
    found = find(filters.search, snapshot, language=current_language(), count=0)
    chosen = filters.search.municipalities
    counts = {
        code: count
        for code, count in found.counts.municipalities.items()
        if count and (not chosen or code in chosen)
    }
    zone = request.GET.get("zone", "")
    placed = region_map.placed_counts(found.counts, snapshot, chosen)
    drawn = region_map.draw(zone, placed, snapshot)
    without = snapshot.count_without_position(found.counts)
    facets = filters.facets(found.counts)
    rest = query_without(request.GET, "zone", "page", "municipalite")
    context = {
        "map": drawn,
        "clusters": list(_clusters(drawn, request.GET, zone, snapshot)) if drawn else [],
        "places": [
            (str(municipality), counts[code], f"../{address_with(rest, 'municipalite', [code])}")
            for code, municipality in snapshot.municipalities.items() if code in counts
        ],
        "zones": [(code, snapshot.mrc_name(code), code == zone) for code in snapshot.mrc_facets if snapshot.counts.mrcs.get(code)],
        "zone": zone, "total": found.total, "query": filters.query, "facets": facets,
        "without_position": without, "outside": found.total - without - (drawn.drawn if drawn else 0),
        "chips": filters.chips(facets), "has_tiles": False, "near": filters.typed_place, "origin": filters.origin,
        "list_url": url_changed(request.GET, "zone"),
    }  # fmt: skip
    return render(request, "enterprises/map.html", context)


def _clusters(
    drawn: region_map.Map, asked: QueryDict, zone: str, snapshot: Snapshot
) -> Iterator[tuple[region_map.Cluster, str]]:
    """Each with its address: of one municipality, or on a map that is already near, its list; else the map of its MRC."""
    nearer = query_without(asked, "page", "zone")
    listed = query_without(asked, "zone", "page", "municipalite")
    for cluster in drawn.clusters:
        if len(cluster.codes) > 1 and not zone:
            mrcs = {snapshot.municipalities[code].mrc_id for code in cluster.codes}
            if len(mrcs) == 1:
                yield cluster, address_with(nearer, "zone", [mrcs.pop() or NO_MRC])
                continue
        yield cluster, f"../{address_with(listed, 'municipalite', cluster.codes)}"
