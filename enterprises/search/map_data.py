"""What the script of the map is given, as JSON in the page: places, sectors, names. Its land is that of the drawing itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.templatetags.static import static
from django.urls import reverse

from enterprises.search.land import Frame
from enterprises.search.region_map import centres_in
from enterprises.search.sector_keys import SectorKeys
from enterprises.search.snapshot import Snapshot
from pole.files.drawings import GENERAL, drawings
from pole.text.bilingual import current_language


def map_data(
    frame: Frame, counts: Mapping[str, int], keys: SectorKeys, snapshot: Snapshot, *, filters: str
) -> dict[str, Any]:
    """`filters`: those of the page, as a query, for the listings of a place to be asked for."""
    order = list(snapshot.sectors)
    places = {pk: at for at, pk in enumerate(order)}
    letters = {pk: letter for letter, pk, _sector in keys.keys}
    shown = {code: counts[code] for code in centres_in(frame, snapshot) if counts.get(code)}
    return {
        "bounds": [[frame.south, frame.west], [frame.north, frame.east]],
        "towns": [
            [*_town(code, snapshot), count,
             [[places[pk], number] for pk, number in keys.by_town.get(code, {}).items() if pk in places]]
            for code, count in shown.items()
        ],
        "mrcs": _mrcs(frame, snapshot),
        "sectors": [[*named, letters.get(pk, "")] for pk, named in _sectors(snapshot).items()],
        "drawing": _drawing(""),
        "listings": reverse("api:listings"),
        "filters": filters,
        "directory": reverse("enterprises:list"),
    }  # fmt: skip


def _sectors(snapshot: Snapshot) -> dict[int, list[str]]:
    """Slug, name in the current language and address of the drawing of each."""

    def read() -> dict[int, list[str]]:
        return {
            pk: [sector.slug, str(sector.shown_name), _drawing(sector.slug)]
            for pk, sector in snapshot.sectors.items()
        }

    found: dict[int, list[str]] = snapshot.derived.get_or_make(
        ("sectors of the map", current_language()), read
    )
    return found


def _town(code: str, snapshot: Snapshot) -> list[Any]:
    row = snapshot.municipalities[code]
    return [code, str(row), _degrees(row.latitude), _degrees(row.longitude)]


def _mrcs(frame: Frame, snapshot: Snapshot) -> list[list[Any]]:
    """The name and the middle of each that the frame shows."""
    inside: dict[str, list[tuple[float, float]]] = {}
    for code in centres_in(frame, snapshot):
        row = snapshot.municipalities[code]
        if row.mrc_id and row.is_in_territory:
            inside.setdefault(row.mrc_id, []).append((float(row.latitude or 0), float(row.longitude or 0)))
    return [[mrc.name, *_middle(inside[code])] for code, mrc in snapshot.mrcs.items() if code in inside]


def _middle(points: Sequence[tuple[float, float]]) -> list[float]:
    latitudes, longitudes = zip(*points, strict=True)
    return [_degrees(sum(latitudes) / len(points)), _degrees(sum(longitudes) / len(points))]


def _degrees(value: Any) -> float:
    return round(float(value or 0), 5)


def _drawing(slug: str) -> str:
    name = f"secteur-{slug}"
    return static(f"drawings/{name if name in drawings() else GENERAL}.svg")
