"""The ground of the map: municipalities by their outlines, else what is nearer to each than to any other."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from enterprises.search.snapshot import Snapshot
from pole.models import Municipality, MunicipalityBoundary

WIDTH = 1000.0
# The land of a municipality that has no outline ends so far from its middle, when no other municipality is nearer.
REACH_KM = 9.0
KM_A_DEGREE = 111.2

type Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """What the map shows, in degrees. It is drawn in Mercator’s projection, as the tiles of other maps are."""

    south: float
    west: float
    north: float
    east: float

    @property
    def height(self) -> float:
        return WIDTH * (_mercator(self.north) - _mercator(self.south)) / math.radians(self.east - self.west)

    @property
    def units_a_km(self) -> float:
        """In the middle of the map."""
        narrowing = math.cos(math.radians((self.south + self.north) / 2))
        return WIDTH / ((self.east - self.west) * narrowing * KM_A_DEGREE)

    def point(self, latitude: float, longitude: float) -> Point:
        across = (longitude - self.west) / (self.east - self.west) * WIDTH
        down = (_mercator(self.north) - _mercator(latitude)) * WIDTH / math.radians(self.east - self.west)
        return across, down

    def with_points(self, points: Iterable[tuple[float, float]]) -> Frame:
        """Large enough for these latitudes and longitudes too."""
        south, west, north, east = self.south, self.west, self.north, self.east
        for latitude, longitude in points:
            south, north = min(south, latitude), max(north, latitude)
            west, east = min(west, longitude), max(east, longitude)
        return Frame(south, west, north, east)

    def contains(self, point: Point) -> bool:
        return 0 <= point[0] <= WIDTH and 0 <= point[1] <= self.height


def _mercator(latitude: float) -> float:
    return math.asinh(math.tan(math.radians(latitude)))


@dataclass(frozen=True, slots=True)
class Land:
    """A municipality's part of the ground, as a path; `shade` is the same for the municipalities of one MRC."""

    path: str
    shade: int


@dataclass(frozen=True, slots=True)
class Ground:
    land: list[Land]
    # Whether each part is a real outline.
    is_outlined: bool


def placed_among(municipalities: Iterable[Municipality]) -> list[Municipality]:
    """Those that have a position."""
    return [row for row in municipalities if row.latitude is not None and row.longitude is not None]


def outlines_of(snapshot: Snapshot) -> Mapping[str, Any]:
    """Polygons of the outlines that are known, by code: one query a state of the places."""

    def read() -> dict[str, Any]:
        rows = MunicipalityBoundary.objects.filter(municipality__in=list(snapshot.municipalities))
        return dict(rows.values_list("municipality_id", "polygons"))

    found: dict[str, Any] = snapshot.of_places.get_or_make("outlines", read)
    return found


def draw_ground(frame: Frame, snapshot: Snapshot) -> Ground:
    """Of the hub's territory alone, unless nothing of it has a position. Outlines are over the rest."""
    placed = placed_among(snapshot.municipalities.values())
    municipalities = [row for row in placed if row.is_in_territory] or placed
    shades = {code: at % 4 for at, code in enumerate(sorted(snapshot.mrcs))}
    outlines = outlines_of(snapshot)
    centres = [
        frame.point(float(municipality.latitude or 0), float(municipality.longitude or 0))
        for municipality in municipalities
    ]
    rough, drawn = [], []
    for municipality, centre in zip(municipalities, centres, strict=True):
        shade = shades.get(municipality.mrc_id or "", 0)
        if polygons := outlines.get(municipality.code):
            if path := _outline(frame, polygons):
                drawn.append(Land(path, shade))
        else:
            cell = _cell(centre, centres, REACH_KM * frame.units_a_km)
            if any(frame.contains(point) for point in cell):
                rough.append(Land(_path([cell]), shade))
    return Ground([*rough, *drawn], is_outlined=bool(drawn) and not rough)


def _outline(frame: Frame, polygons: Iterable[Iterable[Iterable[tuple[float, float]]]]) -> str:
    """The path of the rings of an outline; "" when no point of it is on the map."""
    rings = [
        [frame.point(latitude, longitude) for longitude, latitude in ring]
        for polygon in polygons
        for ring in polygon
    ]
    return _path(rings) if any(frame.contains(point) for ring in rings for point in ring) else ""


def _path(rings: Iterable[Iterable[Point]]) -> str:
    """To the unit of the drawing: points that fall on one are drawn once. From one to the next: far figures are long."""
    parts = []
    for ring in rings:
        points = list(dict.fromkeys((round(x), round(y)) for x, y in ring))
        if len(points) > 2:
            (x, y), steps = points[0], pairwise(points)
            lines = " ".join([f"{x2 - x1},{y2 - y1}" for (x1, y1), (x2, y2) in steps])
            parts.append(f"M{x},{y}l{lines}Z")
    return "".join(parts)


def _cell(centre: Point, others: Sequence[Point], reach: float) -> list[Point]:
    """What is nearer to `centre` than to any other, within `reach`: a disc cut by each bisector."""
    x, y = centre
    cell = [
        (x + reach * math.cos(at * math.pi / 12), y + reach * math.sin(at * math.pi / 12)) for at in range(24)
    ]
    for other in others:
        gap = math.dist(centre, other)
        # Two municipalities at one place share their land.
        if 0.5 < gap < 2 * reach:
            cell = _cut(cell, centre, other)
    return cell


def _cut(cell: list[Point], centre: Point, other: Point) -> list[Point]:
    """The part of a convex cell on the side of `centre`."""
    middle = ((centre[0] + other[0]) / 2, (centre[1] + other[1]) / 2)
    normal = (other[0] - centre[0], other[1] - centre[1])

    def beyond(point: Point) -> float:
        return (point[0] - middle[0]) * normal[0] + (point[1] - middle[1]) * normal[1]

    part: list[Point] = []
    for here, following in zip(cell, cell[1:] + cell[:1], strict=True):
        before, after = beyond(here), beyond(following)
        if before <= 0:
            part.append(here)
        if (before < 0 < after) or (after < 0 < before):
            share = before / (before - after)
            part.append(
                (here[0] + share * (following[0] - here[0]), here[1] + share * (following[1] - here[1]))
            )
    return part
