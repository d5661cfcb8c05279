"""Names of municipalities as people write them, matched with the territory."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from math import asin, cos, radians, sin, sqrt

from pole.models import FormerMunicipality, Municipality
from pole.search import unaccented

# What people write before or after the name of a town.
_PREFIXES = re.compile(
    r"^(?:ville|municipalite|village|paroisse|canton|cantons unis|mun|v|m)\s+(?:de la |de l |de |d |du |des )"
)
_PROVINCE = re.compile(r"\b(?:quebec|qc|que|pq|p q|canada)\s*$")
_DESIGNATIONS = ("ville", "village", "paroisse", "canton", "cantons unis", "municipalite")
_SHORT_DESIGNATIONS = {"v": "ville", "vl": "village", "p": "paroisse", "ct": "canton", "m": "municipalite"}
# Under this, two names are two towns.
ALIKE = 0.8


def place_key(name: str) -> str:
    """One writing for one name: no accents, capitals, hyphens nor abbreviations of Saint."""
    text = re.sub(r"\([^)]*\)", " ", unaccented(name))
    words = re.findall(r"[a-z0-9]+", text)
    text = " ".join(
        {"st": "saint", "ste": "sainte", "sts": "saints", "n": "notre"}.get(word, word) for word in words
    )
    text = re.sub(r"\bnotre d\b", "notre dame", text)
    while (shorter := _PROVINCE.sub("", text).strip()) != text and shorter:
        text = shorter
    return _PREFIXES.sub("", text) or text


def designation_in(name: str) -> str:
    """The designation that a name says in brackets: "Hemmingford (village)"; "" without one."""
    for bracketed in re.findall(r"\(([^)]*)\)", unaccented(name)):
        word: str = bracketed.strip().rstrip(".")
        word = _SHORT_DESIGNATIONS.get(word, word)
        if word in _DESIGNATIONS:
            return word
    found = re.match(r"^(ville|municipalite|village|paroisse|canton)\s+d[eu']", unaccented(name).strip())
    return found[1] if found else ""


@dataclass(frozen=True, slots=True)
class Place:
    """What a written name stands for: one municipality, or some to choose among."""

    municipality: Municipality | None
    # Likely ones, best first, when none is sure.
    candidates: tuple[Municipality, ...] = ()


@dataclass(slots=True)
class Gazetteer:
    """The municipalities by the keys of their names and of their former names."""

    by_code: dict[str, Municipality]
    by_key: dict[str, list[Municipality]] = field(default_factory=lambda: defaultdict(list))

    def find(self, written: str, *, mrc: str = "") -> Place:
        """The municipality that `written` names; `mrc`, a code, chooses between homonyms.

        Former names and merged towns are sure; a name that is only alike has to be confirmed.
        """
        key = place_key(written)
        if not key:
            return Place(None)
        if key in self.by_code:
            return Place(self.by_code[key])
        held = self.by_key.get(key, [])
        if len(held) > 1:
            held = self._narrowed(held, written, mrc)
        if len(held) == 1:
            return Place(held[0])
        return Place(None, tuple(held or self._alike(key)))

    def _narrowed(self, held: list[Municipality], written: str, mrc: str) -> list[Municipality]:
        if designation := designation_in(written):
            held = [town for town in held if unaccented(town.designation) == designation] or held
        if mrc:
            held = [town for town in held if town.mrc_id == mrc] or held
        return held

    def _alike(self, key: str) -> list[Municipality]:
        scored = sorted(
            ((SequenceMatcher(None, key, other).ratio(), other) for other in self.by_key), reverse=True
        )
        towns = [town for ratio, other in scored[:4] if ratio >= ALIKE for town in self.by_key[other]]
        return list(dict.fromkeys(towns))


def gazetteer() -> Gazetteer:
    """The whole territory: two queries."""
    towns = {town.code: town for town in Municipality.objects.select_related("mrc").order_by("code")}
    found = Gazetteer(towns)
    for town in towns.values():
        found.by_key[place_key(town.name)].append(town)
    for former in FormerMunicipality.objects.all():
        held = found.by_key[former.key]
        town = towns[former.municipality_id]
        # A town of today keeps its name: Saint-Bruno is another one elsewhere.
        if town not in held and not held:
            held.append(town)
    return found


def neighbours_of(towns: Iterable[Municipality], *, within_km: float = 14) -> dict[str, frozenset[str]]:
    """For each code, those of the towns around; none for a town without position."""
    placed = [
        (town.code, float(town.latitude), float(town.longitude))
        for town in towns
        if town.latitude is not None and town.longitude is not None
    ]
    return {
        code: frozenset(
            other
            for other, other_latitude, other_longitude in placed
            if other != code
            and distance_km(latitude, longitude, other_latitude, other_longitude) <= within_km
        )
        for code, latitude, longitude in placed
    }


def distance_km(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """As the crow flies, on a sphere."""
    north, east = radians(other_latitude - latitude), radians(other_longitude - longitude)
    half = sin(north / 2) ** 2 + cos(radians(latitude)) * cos(radians(other_latitude)) * sin(east / 2) ** 2
    return 2 * 6371.0 * asin(sqrt(half))
