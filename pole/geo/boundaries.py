"""The outline of a municipality: simplified until it is small enough for a map, and the position that stands for it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pole.geo.territory_rows import Boundary

type Ring = list[list[float]]

# Degrees: at first about a hundred metres, which no map of a region shows.
TOLERANCE = 0.001
MAX_POINTS = 160
MAX_POLYGONS = 8
# Of the area of the largest polygon: islets are left out.
SMALLEST_SHARE = 0.01
# Of a ring as it comes: beyond, every n-th point is read.
MAX_READ = 3_000
DECIMALS = 4


def simplified(boundary: Boundary) -> Boundary:
    """The same outline with at most MAX_POINTS points; [] when nothing of it is left."""
    polygons = [polygon for polygon in boundary if polygon and area_of(polygon[0]) > 0]
    polygons.sort(key=lambda polygon: -area_of(polygon[0]))
    if not polygons:
        return []
    least = area_of(polygons[0][0]) * SMALLEST_SHARE
    kept = [
        [polygon[0], *(hole for hole in polygon[1:] if area_of(hole) >= least)]
        for polygon in polygons[:MAX_POLYGONS]
        if area_of(polygon[0]) >= least
    ]
    tolerance = TOLERANCE
    while True:
        drawn = [
            [ring for ring in (_simplified_ring(each, tolerance) for each in polygon) if ring]
            for polygon in kept
        ]
        drawn = [polygon for polygon in drawn if polygon]
        if sum(len(ring) for polygon in drawn for ring in polygon) <= MAX_POINTS:
            return drawn
        tolerance *= 1.6


def area_of(ring: Sequence[Sequence[float]]) -> float:
    """In square degrees, whichever way it turns."""
    pairs = zip(ring, [*ring[1:], *ring[:1]], strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2


def position_in(boundary: Boundary) -> tuple[float, float] | None:
    """(latitude, longitude) inside the largest polygon: its middle, else that of its widest part at that height."""
    if not boundary:
        return None
    ring = max((polygon[0] for polygon in boundary), key=area_of)
    latitude = sum(point[1] for point in ring) / len(ring)
    crossings = sorted(_crossings(ring, latitude))
    if len(crossings) < 2:
        return ring[0][1], ring[0][0]
    chords = list(zip(crossings[::2], crossings[1::2], strict=False))
    west, east = max(chords, key=lambda chord: chord[1] - chord[0])
    return latitude, (west + east) / 2


def _crossings(ring: Ring, latitude: float) -> list[float]:
    """The longitudes where an outline passes at this latitude."""
    found = []
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], *ring[:1]], strict=True):
        if (y1 <= latitude) != (y2 <= latitude):
            found.append(x1 + (latitude - y1) / (y2 - y1) * (x2 - x1))
    return found


def _simplified_ring(ring: Ring, tolerance: float) -> Ring:
    """By Ramer, Douglas and Peucker; [] for one that is smaller than the tolerance. The last point is not the first again."""
    step = -(-len(ring) // MAX_READ) or 1
    points = ring[::step]
    if len(points) > 1 and points[0] == points[-1]:
        points = points[:-1]
    if len(points) < 3:
        return []
    # From the point that is farthest from the first, so that a ring which begins amid an edge loses it.
    far = max(range(len(points)), key=lambda at: math.dist(points[at], points[0]))
    halves = [points[: far + 1], [*points[far:], points[0]]]
    kept = [point for half in halves for point in _simplified_line(half, tolerance)[:-1]]
    rounded = [[round(x, DECIMALS), round(y, DECIMALS)] for x, y in kept]
    unique = [point for at, point in enumerate(rounded) if point != rounded[at - 1]]
    return unique if len(unique) >= 3 and area_of(unique) > tolerance**2 else []


def _simplified_line(points: Ring, tolerance: float) -> Ring:
    keeps = {0, len(points) - 1}
    waiting = [(0, len(points) - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        distances = [_distance(points[at], points[first], points[last]) for at in range(first + 1, last)]
        farthest = max(distances)
        if farthest > tolerance:
            middle = first + 1 + distances.index(farthest)
            keeps.add(middle)
            waiting += [(first, middle), (middle, last)]
    return [points[at] for at in sorted(keeps)]


def _distance(point: Sequence[float], start: Sequence[float], end: Sequence[float]) -> float:
    """From a point to a segment."""
    (x, y), (x1, y1), (x2, y2) = point, start, end
    length = (x2 - x1) ** 2 + (y2 - y1) ** 2
    share = 0.0 if not length else max(0.0, min(1.0, ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length))
    return math.hypot(x - x1 - share * (x2 - x1), y - y1 - share * (y2 - y1))
