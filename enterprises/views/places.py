"""The directory on a map."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from enterprises.search import region_map
from enterprises.search.addresses import address_with, query_without, url_changed
from enterprises.search.filters import DirectoryFilters
from enterprises.search.map_data import map_data
from enterprises.search.query import count_sectors_by_town, find
from enterprises.search.sector_keys import SectorKeys, keys_of
from enterprises.search.snapshot import Snapshot, snapshot_at
from pole.caching.public_pages import get_public_state, reading_page
from pole.geo.levels import NO_MRC
from pole.hub.tiles import let_tiles_in
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
    keys, drawn = _draw(filters, zone, placed, snapshot)
    without = snapshot.count_without_position(found.counts)
    facets = filters.facets(found.counts)
    rest = query_without(request.GET, "zone", "page", "municipalite")
    context = {
        "map": drawn,
        "drawings": _drawings(drawn, request.GET, zone, snapshot) if drawn else [],
        "keys": keys.keys,
        "data": map_data(drawn.frame, placed, keys, snapshot, filters=_known_query(request.GET, filters)) if drawn else None,
        "places": [
            (str(municipality), counts[code], f"../{address_with(rest, 'municipalite', [code])}")
            for code, municipality in snapshot.municipalities.items() if code in counts
        ],
        "zones": [(code, snapshot.mrc_name(code), code == zone) for code in snapshot.mrc_facets if snapshot.counts.mrcs.get(code)],
        "zone": zone, "total": found.total, "query": filters.query, "facets": facets,
        "without_position": without, "outside": found.total - without - (drawn.drawn if drawn else 0),
        "chips": filters.chips(facets), "near": filters.typed_place, "origin": filters.origin,
        "list_url": url_changed(request.GET, "zone"),
    }  # fmt: skip
    response = render(request, "enterprises/map.html", context)
    if drawn and snapshot.hub.tile_host:
        let_tiles_in(response, snapshot.hub.tile_host)
    return response


def _draw(
    filters: DirectoryFilters, zone: str, placed: dict[str, int], snapshot: Snapshot
) -> tuple[SectorKeys, region_map.Map | None]:
    """The legend and the map; those of all listings once for a state of the directory."""

    def draw() -> tuple[SectorKeys, region_map.Map | None]:
        keys = keys_of(count_sectors_by_town(filters.search, snapshot, language=current_language()), snapshot)
        return keys, region_map.draw(zone, placed, snapshot, keys)

    if filters.restricts:
        return draw()
    known = zone if zone in snapshot.mrc_facets else ""
    made: tuple[SectorKeys, region_map.Map | None] = snapshot.derived.get_or_make(("map", known), draw)
    return made


def _known_query(asked: QueryDict, filters: DirectoryFilters) -> str:
    """The filters of this page but its municipalities, without what it dropped: a program is refused that."""
    dropped = {*filters.unknown}
    return urlencode([
        (name, value) for name, values in asked.lists() if name not in {"zone", "municipalite"}
        for value in values if value and (name, value) not in dropped
    ])  # fmt: skip


def _drawings(
    drawn: region_map.Map, asked: QueryDict, zone: str, snapshot: Snapshot
) -> list[tuple[region_map.Drawing, list[tuple[region_map.Cluster, str]]]]:
    """Each with its clusters and their addresses."""
    return [(each, list(_clusters(each.clusters, asked, zone, snapshot))) for each in drawn.drawings]


def _clusters(
    clusters: Sequence[region_map.Cluster], asked: QueryDict, zone: str, snapshot: Snapshot
) -> Iterator[tuple[region_map.Cluster, str]]:
    """Each with its address: of one municipality, or on a map that is already near, its list; else the map of its MRC."""
    nearer = query_without(asked, "page", "zone")
    listed = query_without(asked, "zone", "page", "municipalite")
    for cluster in clusters:
        if len(cluster.codes) > 1 and not zone:
            mrcs = {snapshot.municipalities[code].mrc_id for code in cluster.codes}
            if len(mrcs) == 1:
                yield cluster, address_with(nearer, "zone", [mrcs.pop() or NO_MRC])
                continue
        yield cluster, f"../{address_with(listed, 'municipalite', cluster.codes)}"
