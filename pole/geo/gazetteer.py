"""Municipalities by their names as people write them: of a file, of an address, of a search."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from math import asin, cos, radians, sin, sqrt

from pole.geo.place_names import (
    designation_in,
    inner_texts,
    is_part_of_town,
    loose_keys,
    mrc_name_key,
    municipality_name_key,
    written_parts,
)
from pole.geo.similar_names import SimilarNames
from pole.models import FormerMunicipality, Municipality
from pole.search import unaccented

__all__ = [
    "Gazetteer", "MunicipalityMatch", "distance_km", "load_gazetteer", "municipality_name_key", "neighbours_of",
]  # fmt: skip

# Of the towns proposed for a name that is only similar.
MAX_CANDIDATES = 6


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
    _by_loose_key: dict[str, list[str]] | None = None
    _similar: SimilarNames | None = None
    _found: dict[tuple[str, str], MunicipalityMatch] = field(default_factory=dict)

    def find(self, name: str, *, mrc: str = "") -> MunicipalityMatch:
        """The municipality that `name` stands for; `mrc`, a code, chooses between homonyms.

        Former names and merged towns match surely; a name that is only similar gives candidates. A file repeats its
        names: each is looked for once.
        """
        if (name, mrc) not in self._found:
            self._found[name, mrc] = self._find(name, mrc)
        return self._found[name, mrc]

    def _find(self, name: str, mrc: str) -> MunicipalityMatch:
        if (code := name.strip().upper()) in self.by_code:
            return MunicipalityMatch(self.by_code[code])
        key = municipality_name_key(name)
        if not key:
            return MunicipalityMatch(None)
        towns = self._narrowed(self._named(key) or self._of_parts(name), name, mrc)
        if len(towns) == 1 and self._is_where_it_says(towns[0], name):
            return MunicipalityMatch(towns[0])
        return MunicipalityMatch(None, tuple(towns or self._alike(key))[:MAX_CANDIDATES])

    def _named(self, key: str) -> list[Municipality]:
        """Those that have this name, then this name but for its articles and spaces: « Laprairie », « Coteaux (Les) »."""
        if matches := self.by_key.get(key):
            return matches
        if self._by_loose_key is None:
            self._by_loose_key = _index_loosely(self.by_key)
        for loose in loose_keys(key):
            if keys := self._by_loose_key.get(loose):
                return list(dict.fromkeys(town for each in keys for town in self.by_key[each]))
        return []

    def _of_parts(self, name: str) -> list[Municipality]:
        """What the parts of a longer text name: « 12, rue Principale, Mercier, J6R 2B4 », « Mercier / Léry »."""
        parts = (self._named(municipality_name_key(part)) for part in written_parts(name))
        return list(dict.fromkeys(town for towns in parts for town in towns))

    def _narrowed(self, towns: list[Municipality], name: str, mrc: str) -> list[Municipality]:
        """Of homonyms, those of the MRC, of the region or of the designation that was written, then those of the hub."""
        if len(towns) < 2:
            return towns
        where = _places_in(name)
        towns = [town for town in towns if where & set(_places_of(town))] or towns
        if mrc:
            towns = [town for town in towns if town.mrc_id == mrc] or towns
        if designation := designation_in(name):
            towns = [town for town in towns if unaccented(town.designation) == designation] or towns
        return _of_hub_first(towns)

    def _is_where_it_says(self, town: Municipality, name: str) -> bool:
        """Not when the name says another MRC or another region: « Saint-Lambert (Abitibi-Ouest) »."""
        where = _places_in(name) - set(_places_of(town))
        return not where or not any(where & set(_places_of(each)) for each in self.by_code.values())

    def _alike(self, key: str) -> list[Municipality]:
        if self._similar is None:
            self._similar = SimilarNames(self.by_key)
        towns = [town for other in self._similar.of(key) for town in self.by_key[other]]
        return _of_hub_first(list(dict.fromkeys(towns)))


def _index_loosely(by_key: Iterable[str]) -> dict[str, list[str]]:
    index = defaultdict(list)
    for key in by_key:
        for loose in loose_keys(key):
            index[loose].append(key)
    return dict(index)


def _of_hub_first(towns: list[Municipality]) -> list[Municipality]:
    """The whole list is known: what people write is a town of here, if there is one of this name."""
    return [town for town in towns if town.is_in_territory] or towns


def _places_in(name: str) -> set[str]:
    """The keys of what is written beside a name, which may be its MRC or its region."""
    return {mrc_name_key(text) for text in inner_texts(name) if not is_part_of_town(text)}


def _places_of(town: Municipality) -> Iterator[str]:
    """The keys of what holds a town."""
    if town.mrc:
        yield mrc_name_key(town.mrc.name)
    if town.region:
        yield mrc_name_key(town.region)


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
        # Stored keys are those of the version that wrote them.
        for key in {former.key, municipality_name_key(former.name)}:
            matches = gazetteer.by_key[key]
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
