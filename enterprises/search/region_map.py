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
from pole.models import Municipality

MIN_RADIUS, MAX_RADIUS = 15.0, 44.0
MARGIN_KM = 7.0


@dataclass(frozen=True, slots=True)
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


def draw(frame: Frame, counts: dict[str, int], snapshot: Snapshot) -> Map:
    """`counts`: the listings to show of each municipality, by its code."""
    ground = snapshot.derived.get_or_make((frame, "land"), lambda: draw_ground(frame, snapshot))
    return Map(frame, ground, _clusters(frame, counts, snapshot))


# --- Clusters ---------------------------------------------------------------------------------------


def _clusters(frame: Frame, counts: dict[str, int], snapshot: Snapshot) -> list[Cluster]:
    """Largest first; a municipality whose disc would cover another's joins it."""
    most = max(counts.values(), default=1)
    drawn: list[tuple[Point, float, list[str]]] = []
    for code, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        municipality = snapshot.municipalities[code]
        if not count or municipality.latitude is None or municipality.longitude is None:
            continue
        centre = frame.point(float(municipality.latitude), float(municipality.longitude))
        if not frame.contains(centre):
            continue
        radius = MIN_RADIUS + (MAX_RADIUS - MIN_RADIUS) * math.sqrt(count / most)
        joined = next((each for each in drawn if math.dist(each[0], centre) < (each[1] + radius) * 0.8), None)
        if joined:
            joined[2].append(code)
        else:
            drawn.append((centre, radius, [code]))
    return [_cluster(centre, codes, counts, most, snapshot) for centre, _radius, codes in drawn]


def _cluster(
    centre: Point, codes: list[str], counts: dict[str, int], most: int, snapshot: Snapshot
) -> Cluster:
    count = sum(counts[code] for code in codes)
    radius = min(MAX_RADIUS + 8, MIN_RADIUS + (MAX_RADIUS - MIN_RADIUS) * math.sqrt(count / most))
    names = [snapshot.municipalities[code].name for code in codes]
    return Cluster(
        f"{centre[0]:.0f}", f"{centre[1]:.0f}", f"{radius:.0f}", count, ", ".join(names), tuple(codes)
    )
