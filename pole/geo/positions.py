"""Positions as people write them: decimals or minutes, axes exchanged, a sign forgotten; and where a hub's country is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from pole.models import Hub

DECIMALS = 3


@dataclass(frozen=True, slots=True)
class Bounds:
    """A part of the globe, in degrees; `is_whole`: nothing of the country is elsewhere."""

    south: float
    north: float
    west: float
    east: float
    is_whole: bool = True

    def contains(self, latitude: float, longitude: float) -> bool:
        return self.south <= latitude <= self.north and self.west <= longitude <= self.east


QUEBEC = Bounds(44, 63, -80, -57)
GLOBE = Bounds(-90, 90, -180, 180)
_COUNTRIES = {
    Hub.Country.CANADA: Bounds(41, 84, -142, -52),
    # Without the overseas departments, which are as much of France.
    Hub.Country.FRANCE: Bounds(41, 51.5, -5.5, 9.9, is_whole=False),
    Hub.Country.BELGIUM: Bounds(49.3, 51.7, 2.3, 6.6),
    Hub.Country.SWITZERLAND: Bounds(45.7, 48, 5.8, 10.7),
}


def bounds_of(hub: Hub | None) -> Bounds:
    """Where the towns of a hub can be."""
    if hub is None or (
        hub.country == Hub.Country.CANADA and hub.province.casefold() in {"québec", "quebec", "qc"}
    ):
        return QUEBEC
    return _COUNTRIES.get(Hub.Country(hub.country), GLOBE)


class Doubt(StrEnum):
    """What had to be done of a position to find it where it can be."""

    NONE = ""
    EXCHANGED = "exchanged"
    SIGN = "sign"
    OUTSIDE = "outside"


def placed(latitude: float, longitude: float, bounds: Bounds) -> tuple[float, float, Doubt]:
    """The position where it can be: as written, else its axes exchanged, else its longitude to the west; else OUTSIDE."""
    for one, other, doubt in (
        (latitude, longitude, Doubt.NONE),
        (longitude, latitude, Doubt.EXCHANGED),
        (latitude, -longitude, Doubt.SIGN),
        (longitude, -latitude, Doubt.SIGN),
        (-longitude, latitude, Doubt.SIGN),
    ):
        if bounds.contains(one, other):
            return one, other, doubt
    is_elsewhere = not bounds.is_whole and GLOBE.contains(latitude, longitude)
    return latitude, longitude, Doubt.NONE if is_elsewhere else Doubt.OUTSIDE


_SIXTIETHS = re.compile(
    r"(\d{1,3})\s*[°º]\s*(?:(\d{1,2})\s*['’′])?\s*(?:(\d{1,2}(?:\.\d+)?)\s*(?:[\"”″]|''|’’))?"
)


def parse_degrees(text: str) -> float | None:
    """« 45,313 », « -73.87 », « 73.87° O », « 45° 18′ 47″ N »; None for anything else."""
    text = text.strip().replace(",", ".").replace("−", "-").replace("–", "-")
    if not (found := re.fullmatch(r"([NSEWO]?)\s*([^NSEWO]*?)\s*([NSEWO]?)", text, re.IGNORECASE)):
        return None
    before, number, after = found[1].upper(), found[2], found[3].upper()
    sixtieths = _SIXTIETHS.fullmatch(number.removeprefix("-"))
    if sixtieths:
        degrees = sum(float(part or 0) / 60**power for power, part in enumerate(sixtieths.groups()))
        degrees *= -1 if number.startswith("-") else 1
    else:
        try:
            degrees = float(Decimal(number.removesuffix("°").strip()))
        except (InvalidOperation, ValueError):
            return None
    if {before, after} & {"S", "W", "O"} and degrees > 0:
        degrees = -degrees
    return degrees if abs(degrees) <= 180 else None


def stored_degrees(degrees: float) -> Decimal:
    """To about a hundred metres, as the territory holds it."""
    return round(Decimal(str(degrees)), DECIMALS)
