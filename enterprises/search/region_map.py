"""A map drawn by the server: land made of the municipalities themselves, discs of listings, and names that touch neither.

The land is in units of the drawing, WIDTH wide. Discs and names keep their size whatever that of the map: they are placed in
shares of it, for the narrowest that it may be (`Scale`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from enterprises.search.discs import Disc, apart
from enterprises.search.land import (
    KM_A_DEGREE,
    WIDTH,
    Frame,
    Ground,
    Point,
    draw_ground,
    outlines_of,
    placed_among,
)
from enterprises.search.map_labels import Label, labels_between
from enterprises.search.sector_keys import SectorKeys
from enterprises.search.snapshot import Counts, Snapshot
from pole.geo.levels import NO_MRC
from pole.models import Municipality

MARGIN_KM = 7.0


@dataclass(frozen=True, slots=True)
class Scale:
    """For maps from so many pixels on."""

    name: str
    width_px: int


NARROW, WIDE = Scale("narrow", 270), Scale("wide", 560)


@dataclass(slots=True)
class Cluster:
    """Listings of one municipality, or of some too close to be drawn apart."""

    # Shares of the map, in hundredths: "34.2%".
    x: str
    y: str
    radius_px: int
    count: int
    names: str
    codes: tuple[str, ...]
    # The letter of the sector that most of its listings have; "" for one that the legend does not show.
    letter: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """What lies over the land, at a scale."""

    scale: Scale
    clusters: list[Cluster]
    labels: list[Label]


@dataclass(frozen=True, slots=True)
class Map:
    frame: Frame
    ground: Ground
    drawings: list[Drawing]

    @property
    def view_box(self) -> str:
        return f"0 0 {WIDTH:.0f} {self.frame.height:.0f}"

    @property
    def drawn(self) -> int:
        """How many listings are in its clusters."""
        return sum(cluster.count for cluster in self.drawings[0].clusters)


def frame_of(municipalities: Sequence[Municipality], snapshot: Snapshot | None = None) -> Frame | None:
    """What holds these municipalities, and their outlines, with some land around; None when none has a position."""
    placed = placed_among(municipalities)
    if not placed:
        return None
    outlines = outlines_of(snapshot) if snapshot else {}
    points = [(float(row.latitude or 0), float(row.longitude or 0)) for row in placed]
    latitudes, longitudes = zip(*points, strict=True)
    north_margin = MARGIN_KM / KM_A_DEGREE
    east_margin = north_margin / math.cos(math.radians(sum(latitudes) / len(latitudes)))
    frame = Frame(min(latitudes) - north_margin, min(longitudes) - east_margin,
                  max(latitudes) + north_margin, max(longitudes) + east_margin)  # fmt: skip
    corners = [
        (latitude, longitude)
        for row in placed
        for polygon in outlines.get(row.code, ())
        for longitude, latitude in polygon[0]
    ]
    return frame.with_points(corners)


def placed_counts(counts: Counts, snapshot: Snapshot, towns: frozenset[str] = frozenset()) -> dict[str, int]:
    """By municipality, the listings that the map can show: of all, or of these alone."""
    shown = {code: count for code, count in counts.municipalities.items() if not towns or code in towns}
    return {
        code: count - (counts.unplaced.get(code, 0) if code in snapshot.unplaced else 0)
        for code, count in shown.items()
    }


def draw(zone: str, counts: dict[str, int], snapshot: Snapshot, keys: SectorKeys | None = None) -> Map | None:
    """Of one MRC, when `zone` is its code, or of the whole territory; None when no municipality has a position.

    `counts`: the listings to show of each municipality, by its code.
    """
    known = zone if zone in snapshot.mrc_facets else ""
    frame = snapshot.of_places.get_or_make(("frame", known), lambda: _frame_of_zone(known, snapshot))
    return draw_in(frame, counts, snapshot, keys) if frame else None


def draw_in(
    frame: Frame, counts: Mapping[str, int], snapshot: Snapshot, keys: SectorKeys | None = None
) -> Map:
    ground = snapshot.of_places.get_or_make((frame, "land"), lambda: draw_ground(frame, snapshot))
    drawings = [_drawing(scale, frame, counts, snapshot, keys) for scale in (NARROW, WIDE)]
    return Map(frame, ground, drawings)


def _frame_of_zone(zone: str, snapshot: Snapshot) -> Frame | None:
    everywhere = list(snapshot.municipalities.values())
    shown = [
        row for row in everywhere if zone == (row.mrc_id or NO_MRC) or (not zone and row.is_in_territory)
    ]
    return frame_of(shown, snapshot) or frame_of(everywhere, snapshot)


# --- Over the land ----------------------------------------------------------------------------------


def _drawing(
    scale: Scale, frame: Frame, counts: Mapping[str, int], snapshot: Snapshot, keys: SectorKeys | None
) -> Drawing:
    px = scale.width_px / WIDTH
    width, height = float(scale.width_px), frame.height * px
    centres = centres_in(frame, snapshot)
    shown = {
        code: (centres[code][0] * px, centres[code][1] * px)
        for code, count in counts.items()
        if count and code in centres
    }
    discs = apart(shown, counts, (width, height))
    labels = labels_between(discs, _by_mrc(centres, px, snapshot), (width, height))
    return Drawing(scale, [_cluster(disc, (width, height), snapshot, keys) for disc in discs], labels)


def centres_in(frame: Frame, snapshot: Snapshot) -> Mapping[str, Point]:
    """By code, where the municipalities that the frame shows are, in units of the drawing."""

    def find() -> dict[str, Point]:
        placed = {
            row.code: frame.point(float(row.latitude or 0), float(row.longitude or 0))
            for row in placed_among(snapshot.municipalities.values())
        }
        return {code: point for code, point in placed.items() if frame.contains(point)}

    found: dict[str, Point] = snapshot.of_places.get_or_make((frame, "centres"), find)
    return found


def _by_mrc(centres: Mapping[str, Point], px: float, snapshot: Snapshot) -> Iterator[tuple[str, list[Point]]]:
    """The name of each MRC of the territory, and where its municipalities are, in pixels."""
    inside: dict[str, list[Point]] = {}
    for code, (x, y) in centres.items():
        row = snapshot.municipalities[code]
        if row.mrc_id and row.is_in_territory:
            inside.setdefault(row.mrc_id, []).append((x * px, y * px))
    for code, mrc in snapshot.mrcs.items():
        if code in inside:
            yield mrc.name, inside[code]


def _cluster(disc: Disc, size: Point, snapshot: Snapshot, keys: SectorKeys | None) -> Cluster:
    names = [snapshot.municipalities[code].name for code in disc.codes]
    return Cluster(
        f"{100 * disc.x / size[0]:.1f}%", f"{100 * disc.y / size[1]:.1f}%", round(disc.radius), disc.count,
        ", ".join(names), tuple(disc.codes), keys.letter_of(disc.codes) if keys else "",
    )  # fmt: skip
