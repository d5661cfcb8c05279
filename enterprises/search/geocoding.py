"""Where a postal code or a municipality is, from the territory and the listings themselves.

No third party is asked. A postal code stands where the listings with the longest same beginning are, or where the hub
is. Distances are between municipalities: within about a kilometre.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass

from enterprises.models import Listing
from enterprises.search.snapshot import Snapshot
from pole.geo.gazetteer import distance_km, load_gazetteer
from pole.identifiers import CANADA
from pole.models import Municipality

# Canada's: "J0S" alone is a part of the country.
_POSTAL_CODE = re.compile(r"^[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z](?:\d(?:[ABCEGHJ-NPRSTV-Z]\d?)?)?$")
# Elsewhere: from how many characters on two codes that begin alike are near each other.
_FOREIGN_POSTAL_CODE = re.compile(r"^(?=[A-Z -]*\d)[A-Z\d][A-Z\d -]{1,6}$")
_FOREIGN_PREFIX = 2
_CANADIAN_PREFIX = 3


@dataclass(frozen=True, slots=True)
class Location:
    """Where a postal code or a municipality that someone typed is."""

    # As it is shown: "Mercier", "J6R (Mercier)".
    name: str
    latitude: float
    longitude: float

    def km_to(self, municipality: Municipality) -> float:
        """As the crow flies; infinitely far for a municipality without position."""
        if municipality.latitude is None or municipality.longitude is None:
            return math.inf
        return distance_km(
            self.latitude, self.longitude, float(municipality.latitude), float(municipality.longitude)
        )


def locate(typed: str, snapshot: Snapshot) -> Location | None:
    """The location of what was typed, or None when it is not known. Cached by the snapshot; else a few queries."""
    key = " ".join(typed.split())[:80]
    if not key:
        return None
    location: Location | None = snapshot.locations.get_or_make(key, lambda: _locate(key, snapshot))
    return location


def _locate(typed: str, snapshot: Snapshot) -> Location | None:
    found = None
    if shown := _as_postal_code(typed, str(snapshot.hub.country)):
        found = _locate_postal_code(shown, snapshot)
    return found or _locate_municipality(typed, snapshot)


def _as_postal_code(typed: str, country: str) -> str:
    """What was typed, written as listings store postal codes; "" when it can't be one."""
    if country == CANADA:
        compact = re.sub(r"[\s-]", "", typed).upper()
        return f"{compact[:3]} {compact[3:]}".strip() if _POSTAL_CODE.match(compact) else ""
    upper = typed.upper()
    return upper if _FOREIGN_POSTAL_CODE.match(upper) else ""


def _locate_municipality(typed: str, snapshot: Snapshot) -> Location | None:
    place = load_gazetteer(only=snapshot.municipalities.keys()).find(typed)
    found = place.municipality or next(iter(place.candidates), None)
    municipality = snapshot.municipalities[found.code] if found else None
    if municipality is None or municipality.latitude is None or municipality.longitude is None:
        return None
    return Location(str(municipality), float(municipality.latitude), float(municipality.longitude))


def _locate_postal_code(shown: str, snapshot: Snapshot) -> Location | None:
    hub = snapshot.hub
    shortest = _CANADIAN_PREFIX if hub.country == CANADA else _FOREIGN_PREFIX
    for length in range(len(shown), shortest - 1, -1):
        prefix = shown[:length]
        rows = Listing.objects.published().filter(postal_code__startswith=prefix).order_by()
        counted = Counter(rows.values_list("municipality_id", flat=True)[:500])
        if hub.municipality_id and hub.postal_code.startswith(prefix):
            counted[hub.municipality_id] += 1
        if counted and (location := _weighted_centre(shown, counted, snapshot)):
            return location
    return None


def _weighted_centre(shown: str, counted: Counter[str], snapshot: Snapshot) -> Location | None:
    """The middle of the municipalities, each as heavy as its count, named after the heaviest."""
    weighted = [
        (snapshot.municipalities[code], count)
        for code, count in counted.most_common()
        if code in snapshot.municipalities and snapshot.municipalities[code].latitude is not None
    ]
    if not weighted:
        return None
    whole = sum(count for _municipality, count in weighted)
    latitude = sum(float(municipality.latitude or 0) * count for municipality, count in weighted) / whole
    longitude = sum(float(municipality.longitude or 0) * count for municipality, count in weighted) / whole
    return Location(f"{shown} ({weighted[0][0]})", latitude, longitude)


def towns_within(origin: Location, km: int, snapshot: Snapshot) -> list[str]:
    """The codes of the municipalities with listings at most so far."""
    return [
        code for code in snapshot.counts.municipalities if origin.km_to(snapshot.municipalities[code]) <= km
    ]
