"""Discs of a map, as large as what they count, none of which touches another. `static/js/map/discs.js` does the same at each zoom."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from enterprises.search.land import Point

# In pixels. A letter stands on the edge of a disc: two of them are so far apart.
SMALLEST, LARGEST, GAP = 14.0, 24.0, 8.0
# What a figure asks for, at the size of the sheet.
DIGIT_PX = 4.0


@dataclass(slots=True)
class Disc:
    x: float
    y: float
    radius: float
    count: int
    # Of its municipalities, the one with most listings first.
    codes: list[str] = field(default_factory=list)


def radius_of(count: int, most: int) -> float:
    by_count = SMALLEST + (LARGEST - SMALLEST) * min(1.0, math.sqrt(count / most))
    return max(by_count, 6 + DIGIT_PX * len(str(count)))


def apart(places: Mapping[str, Point], counts: Mapping[str, int], size: Point) -> list[Disc]:
    """Of these places, by code, on a map of this size: largest first; one that would touch another joins it."""
    most = max([counts[code] for code in places], default=1)
    discs = [
        _inside(Disc(x, y, radius_of(counts[code], most), counts[code], [code]), size)
        for code, (x, y) in places.items()
    ]
    while True:
        kept: list[Disc] = []
        for disc in sorted(discs, key=_largest_first):
            other = _touched(disc, kept)
            if other is None:
                kept.append(disc)
                continue
            other.count += disc.count
            other.codes += disc.codes
            other.radius = radius_of(other.count, most)
            _inside(other, size)
        if len(kept) == len(discs):
            return kept
        discs = kept


def _largest_first(disc: Disc) -> tuple[int, str]:
    return -disc.count, disc.codes[0]


def _inside(disc: Disc, size: Point) -> Disc:
    """Wholly on the map, its letter too."""
    room = disc.radius + GAP / 2
    disc.x = min(max(disc.x, room), max(room, size[0] - room))
    disc.y = min(max(disc.y, room), max(room, size[1] - room))
    return disc


def _touched(disc: Disc, among: list[Disc]) -> Disc | None:
    """By the square of distances: there are thousands of pairs."""
    x, y, reach = disc.x, disc.y, disc.radius + GAP
    for other in among:
        least = other.radius + reach
        if (x - other.x) ** 2 + (y - other.y) ** 2 < least * least:
            return other
    return None
