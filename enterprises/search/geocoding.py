"""Where a postal code or a municipality is, from the territory and the listings themselves.

No third party is asked. A postal code stands where the listings with the longest same beginning
are, or where `data/postal_prefixes.csv` says. Distances are between municipalities: within about a kilometre.
"""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from enterprises.models import Listing
from enterprises.search import bitsets
from enterprises.search.snapshot import Snapshot
from pole.geo.gazetteer import distance_km, load_gazetteer
from pole.models import Municipality

_PREFIXES = Path(__file__).parents[1] / "data" / "postal_prefixes.csv"
_POSTAL_CODE = re.compile(r"^[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z](?:\d(?:[ABCEGHJ-NPRSTV-Z]\d?)?)?$")


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
    compact = re.sub(r"[\s-]", "", typed).upper()
    found = _locate_postal_code(compact, snapshot) if _POSTAL_CODE.match(compact) else None
    return found or _locate_municipality(typed)


def _locate_municipality(typed: str) -> Location | None:
    place = load_gazetteer().find(typed)
    municipality = place.municipality or next(iter(place.candidates), None)
    if municipality is None or municipality.latitude is None or municipality.longitude is None:
        return None
    return Location(str(municipality), float(municipality.latitude), float(municipality.longitude))


def _locate_postal_code(code: str, snapshot: Snapshot) -> Location | None:
    shown = f"{code[:3]} {code[3:]}".strip()
    for length in range(len(shown), 2, -1):
        prefix = shown[:length]
        rows = Listing.objects.published().filter(postal_code__startswith=prefix).order_by()
        counted = Counter(rows.values_list("municipality_id", flat=True)[:500])
        if counted and (location := _weighted_centre(shown, counted, snapshot)):
            return location
    with _PREFIXES.open(encoding="utf-8", newline="") as file:
        known = {row["prefix"]: row["codes"].split() for row in csv.DictReader(file)}
    return _weighted_centre(shown, Counter(known.get(code[:3], ())), snapshot)


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


def listings_within(origin: Location, km: int, snapshot: Snapshot) -> int:
    """The listings of municipalities at most so far: a set as in `enterprises.search.bitsets`."""
    return bitsets.union(
        listings
        for code, listings in snapshot.by_municipality.items()
        if origin.km_to(snapshot.municipalities[code]) <= km
    )
