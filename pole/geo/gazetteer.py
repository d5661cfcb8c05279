"""Names of municipalities as people write them, matched with the territory."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
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
# `difflib` ratio under which two names are those of two towns.
SIMILARITY_THRESHOLD = 0.8


def municipality_name_key(name: str) -> str:
    """A name normalised for comparison: no accents, capitals, hyphens nor abbreviations of Saint."""
    text = re.sub(r"\([^)]*\)", " ", unaccented(name))
    words = re.findall(r"[a-z0-9]+", text)
    text = " ".join(
        {"st": "saint", "ste": "sainte", "sts": "saints", "n": "notre"}.get(word, word) for word in words
    )
    text = re.sub(r"\bnotre d\b", "notre dame", text)
    while (shorter := _PROVINCE.sub("", text).strip()) != text and shorter:
        text = shorter
    return _PREFIXES.sub("", text) or text


def extract_designation(name: str) -> str:
    """The designation in brackets or before a name: "village" for "Hemmingford (village)"; "" without one."""
    for bracketed in re.findall(r"\(([^)]*)\)", unaccented(name)):
        word: str = bracketed.strip().rstrip(".")
        word = _SHORT_DESIGNATIONS.get(word, word)
        if word in _DESIGNATIONS:
            return word
    found = re.match(r"^(ville|municipalite|village|paroisse|canton)\s+d[eu']", unaccented(name).strip())
    return found[1] if found else ""


@dataclass(frozen=True, slots=True)
class MunicipalityMatch:
    """What a written name matches: one municipality, or some to choose among."""

    municipality: Municipality | None
    # Without a sure match: likely ones, best first.
    candidates: tuple[Municipality, ...] = ()


@dataclass(slots=True)
class Gazetteer:
    """The municipalities by the keys of their names and of their former names."""

    by_code: dict[str, Municipality]
    by_key: dict[str, list[Municipality]] = field(default_factory=lambda: defaultdict(list))

    def find(self, name: str, *, mrc: str = "") -> MunicipalityMatch:
        """The municipality that `name` stands for; `mrc`, a code, chooses between homonyms.

        Former names and merged towns match surely; a name that is only similar gives candidates.
        """
        key = municipality_name_key(name)
        if not key:
            return MunicipalityMatch(None)
        if key in self.by_code:
            return MunicipalityMatch(self.by_code[key])
        matches = self.by_key.get(key, [])
        # The whole list is known: what people write is a town of here, if there is one of this name.
        matches = [town for town in matches if town.is_in_territory] or matches
        if len(matches) > 1:
            matches = self._narrow_homonyms(matches, name, mrc)
        if len(matches) == 1:
            return MunicipalityMatch(matches[0])
        return MunicipalityMatch(None, tuple(matches or self._similar(key)))

    def _narrow_homonyms(self, towns: list[Municipality], name: str, mrc: str) -> list[Municipality]:
        if designation := extract_designation(name):
            towns = [town for town in towns if unaccented(town.designation) == designation] or towns
        if mrc:
            towns = [town for town in towns if town.mrc_id == mrc] or towns
        return towns

    def _similar(self, key: str) -> list[Municipality]:
        scored = sorted(
            ((SequenceMatcher(None, key, other).ratio(), other) for other in self.by_key), reverse=True
        )
        towns = [
            town
            for ratio, other in scored[:4]
            if ratio >= SIMILARITY_THRESHOLD
            for town in self.by_key[other]
        ]
        near = [town for town in towns if town.is_in_territory] or towns
        return list(dict.fromkeys(near))


def load_gazetteer(*, only: Collection[str] | None = None) -> Gazetteer:
    """Every municipality that is known, or those of these codes: two queries."""
    towns = {
        town.code: town
        for town in Municipality.objects.select_related("mrc").order_by("code")
        if only is None or town.code in only
    }
    gazetteer = Gazetteer(towns)
    for town in towns.values():
        gazetteer.by_key[municipality_name_key(town.name)].append(town)
    for former in FormerMunicipality.objects.all():
        if former.municipality_id not in towns:
            continue
        town = towns[former.municipality_id]
        matches = gazetteer.by_key[former.key]
        # Not if a present municipality has this name: Saint-Bruno is both.
        if not matches or (town.is_in_territory and not any(each.is_in_territory for each in matches)):
            matches.append(town)
    return gazetteer


def neighbours_of(towns: Iterable[Municipality], *, within_km: float = 14) -> dict[str, frozenset[str]]:
    """For each municipality's code, the codes of those within a distance; a town without position is left out."""
    positions = [
        (town.code, float(town.latitude), float(town.longitude))
        for town in towns
        if town.latitude is not None and town.longitude is not None
    ]
    return {
        code: frozenset(
            other
            for other, other_latitude, other_longitude in positions
            if other != code
            and distance_km(latitude, longitude, other_latitude, other_longitude) <= within_km
        )
        for code, latitude, longitude in positions
    }


def distance_km(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """As the crow flies, on a sphere."""
    north, east = radians(other_latitude - latitude), radians(other_longitude - longitude)
    half = sin(north / 2) ** 2 + cos(radians(latitude)) * cos(radians(other_latitude)) * sin(east / 2) ** 2
    return 2 * 6371.0 * asin(sqrt(half))
