"""A map drawn by the server: land made of the municipalities themselves, and clusters of listings.

Positions are projected on a plane where a degree is as wide as in the middle of the map. Lengths are
in the units of the drawing, WIDTH wide.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

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
from enterprises.search.snapshot import Counts, Snapshot
from pole.geo.levels import NO_MRC
from pole.models import Municipality

MIN_RADIUS, MAX_RADIUS = 15.0, 44.0
MARGIN_KM = 7.0


@dataclass(slots=True)
class Cluster:
    """Listings of one municipality, or of some too close to be drawn apart."""

    x: str
    y: str
    radius: str
    count: int
    names: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Map:
    frame: Frame
    ground: Ground
    clusters: list[Cluster]

    @property
    def view_box(self) -> str:
        return f"0 0 {WIDTH:.0f} {self.frame.height:.0f}"

    @property
    def drawn(self) -> int:
        """How many listings are in its clusters."""
        return sum(cluster.count for cluster in self.clusters)


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


def draw(zone: str, counts: dict[str, int], snapshot: Snapshot) -> Map | None:
    """Of one MRC, when `zone` is its code, or of the whole territory; None when no municipality has a position.

    `counts`: the listings to show of each municipality, by its code.
    """
    known = zone if zone in snapshot.mrc_facets else ""
    frame = snapshot.of_places.get_or_make(("frame", known), lambda: _frame_of_zone(known, snapshot))
    return draw_in(frame, counts, snapshot) if frame else None


def draw_in(frame: Frame, counts: dict[str, int], snapshot: Snapshot) -> Map:
    ground = snapshot.of_places.get_or_make((frame, "land"), lambda: draw_ground(frame, snapshot))
    return Map(frame, ground, _clusters(frame, counts, snapshot))


def _frame_of_zone(zone: str, snapshot: Snapshot) -> Frame | None:
    everywhere = list(snapshot.municipalities.values())
    shown = [
        row for row in everywhere if zone == (row.mrc_id or NO_MRC) or (not zone and row.is_in_territory)
    ]
    return frame_of(shown, snapshot) or frame_of(everywhere, snapshot)


# --- Clusters ---------------------------------------------------------------------------------------


def _clusters(frame: Frame, counts: dict[str, int], snapshot: Snapshot) -> list[Cluster]:
    """Largest first; a municipality whose disc would cover another's joins it."""
    centres: dict[str, Point] = snapshot.of_places.get_or_make(
        (frame, "centres"), lambda: _centres(frame, snapshot)
    )
    most = max(counts.values(), default=1)
    drawn: list[tuple[Point, float, list[str]]] = []
    for code, count in sorted(counts.items(), key=_largest_first):
        if not count or code not in centres:
            continue
        centre, radius = centres[code], MIN_RADIUS + (MAX_RADIUS - MIN_RADIUS) * (count / most) ** 0.5
        joined = _covered(centre, radius, drawn)
        if joined is not None:
            joined.append(code)
        else:
            drawn.append((centre, radius, [code]))
    return [_cluster(centre, codes, counts, most, snapshot) for centre, _radius, codes in drawn]


def _largest_first(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]


def _centres(frame: Frame, snapshot: Snapshot) -> dict[str, Point]:
    """By code, where the municipalities that the frame shows are."""
    placed = {
        row.code: frame.point(float(row.latitude or 0), float(row.longitude or 0))
        for row in placed_among(snapshot.municipalities.values())
    }
    return {code: point for code, point in placed.items() if frame.contains(point)}


def _covered(
    centre: Point, radius: float, drawn: Sequence[tuple[Point, float, list[str]]]
) -> list[str] | None:
    """The codes of the first disc that this one would cover. By the square of distances: there are thousands of pairs."""
    x, y = centre
    for (other_x, other_y), other_radius, codes in drawn:
        least = (other_radius + radius) * 0.8
        if (x - other_x) ** 2 + (y - other_y) ** 2 < least * least:
            return codes
    return None


def _cluster(
    centre: Point, codes: list[str], counts: dict[str, int], most: int, snapshot: Snapshot
) -> Cluster:
    count = sum([counts[code] for code in codes])
    radius = min(MAX_RADIUS + 8, MIN_RADIUS + (MAX_RADIUS - MIN_RADIUS) * (count / most) ** 0.5)
    names = [snapshot.municipalities[code].name for code in codes]
    return Cluster(
        f"{centre[0]:.0f}", f"{centre[1]:.0f}", f"{radius:.0f}", count, ", ".join(names), tuple(codes)
    )
