"""A map drawn by the server: land made of the municipalities themselves, and clusters of listings.

Positions are projected on a plane where a degree is as wide as in the middle of the map. Lengths are
in the units of the drawing, WIDTH wide.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from enterprises.search.snapshot import Snapshot
from pole.models import Municipality

WIDTH = 1000.0
# The land of a municipality ends so far from its middle, when no other municipality is nearer.
REACH_KM = 9.0
KM_A_DEGREE = 111.2
MIN_RADIUS, MAX_RADIUS = 15.0, 44.0
MARGIN_KM = 7.0

type Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """What the map shows, in degrees."""

    south: float
    west: float
    north: float
    east: float

    @property
    def height(self) -> float:
        return WIDTH * (self.north - self.south) / ((self.east - self.west) * self._narrowing)

    @property
    def _narrowing(self) -> float:
        return math.cos(math.radians((self.south + self.north) / 2))

    @property
    def units_a_km(self) -> float:
        return WIDTH / ((self.east - self.west) * self._narrowing * KM_A_DEGREE)

    def point(self, latitude: float, longitude: float) -> Point:
        across = (longitude - self.west) / (self.east - self.west) * WIDTH
        return across, (self.north - latitude) / (self.north - self.south) * self.height

    def contains(self, point: Point) -> bool:
        return 0 <= point[0] <= WIDTH and 0 <= point[1] <= self.height


@dataclass(frozen=True, slots=True)
class Land:
    """A municipality's part of the ground; `shade` is the same for the municipalities of one MRC."""

    points: str
    shade: int


@dataclass(frozen=True, slots=True)
class Label:
    x: str
    y: str
    text: str


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
    land: list[Land]
    labels: list[Label]
    clusters: list[Cluster]

    @property
    def view_box(self) -> str:
        return f"0 0 {WIDTH:.0f} {self.frame.height:.0f}"


def _with_coordinates(municipalities: Sequence[Municipality]) -> list[Municipality]:
    return [
        municipality
        for municipality in municipalities
        if municipality.latitude is not None and municipality.longitude is not None
    ]


def frame_of(municipalities: Sequence[Municipality]) -> Frame | None:
    """What holds these municipalities with some land around; None when none has a position."""
    placed = _with_coordinates(municipalities)
    if not placed:
        return None
    latitudes = [float(municipality.latitude or 0) for municipality in placed]
    longitudes = [float(municipality.longitude or 0) for municipality in placed]
    north_margin = MARGIN_KM / KM_A_DEGREE
    east_margin = north_margin / math.cos(math.radians(sum(latitudes) / len(latitudes)))
    return Frame(min(latitudes) - north_margin, min(longitudes) - east_margin,
                 max(latitudes) + north_margin, max(longitudes) + east_margin)  # fmt: skip


def draw(frame: Frame, counts: dict[str, int], snapshot: Snapshot) -> Map:
    """`counts`: the listings to show of each municipality, by its code."""
    land, labels = snapshot.derived.get_or_make((frame, "land"), lambda: _land(frame, snapshot))
    return Map(frame, land, labels, _clusters(frame, counts, snapshot))


# --- Land -----------------------------------------------------------------------------------------


def _land(frame: Frame, snapshot: Snapshot) -> tuple[list[Land], list[Label]]:
    # Of the hub's territory alone, unless nothing of it has a position.
    placed = _with_coordinates(list(snapshot.municipalities.values()))
    municipalities = [row for row in placed if row.is_in_territory] or placed
    shades = {code: at % 4 for at, code in enumerate(sorted(snapshot.mrcs))}
    centres = [
        frame.point(float(municipality.latitude or 0), float(municipality.longitude or 0))
        for municipality in municipalities
    ]
    land = []
    for municipality, centre in zip(municipalities, centres, strict=True):
        cell = _cell(centre, centres, REACH_KM * frame.units_a_km)
        if any(frame.contains(point) for point in cell):
            points = " ".join(f"{x:.0f},{y:.0f}" for x, y in cell)
            land.append(Land(points, shades.get(municipality.mrc_id or "", 0)))
    return land, _labels(frame, snapshot, municipalities, centres)


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


def _labels(
    frame: Frame, snapshot: Snapshot, municipalities: Sequence[Municipality], centres: Sequence[Point]
) -> list[Label]:
    """The name of each MRC at the height where the nearest municipality is farthest: clusters hide it least."""
    labels = []
    for code, mrc in snapshot.mrcs.items():
        inside = [
            centre
            for municipality, centre in zip(municipalities, centres, strict=True)
            if municipality.mrc_id == code and frame.contains(centre)
        ]
        if inside:
            x = min(max(sum(centre[0] for centre in inside) / len(inside), 150), WIDTH - 150)
            step = 4.5 * frame.units_a_km
            heights = [max(centre[1] for centre in inside) + step, min(centre[1] for centre in inside) - step]
            heights += [
                sum(centre[1] for centre in inside) / len(inside) + shift * step for shift in (-1, 0, 1)
            ]
            y = max(
                (min(max(height, 24), frame.height - 10) for height in heights),
                key=lambda height: min(
                    math.dist(((x + centre[0]) / 2, height), centre) for centre in centres
                ),
            )
            labels.append(Label(f"{x:.0f}", f"{y:.0f}", mrc.name))
    return labels


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
