"""The place names of the territory: words that tell branches of one enterprise apart."""

from __future__ import annotations

from enterprises.duplicates.candidates import Territory
from enterprises.duplicates.words import WORDS
from pole.geo.gazetteer import Gazetteer, municipality_name_key, neighbours_of
from pole.models import Mrc


def territory_of(gazetteer: Gazetteer) -> Territory:
    """One query. `gazetteer`: with the MRC of each municipality."""
    towns = [municipality for municipality in gazetteer.by_code.values() if municipality.is_in_territory]
    names = [municipality.name for municipality in towns]
    names += [key for key, named in gazetteer.by_key.items() if any(each.is_in_territory for each in named)]
    names += list(Mrc.objects.in_territory().values_list("name", flat=True))
    words_of = {town.code: _words(town.name) | _words(town.mrc.name if town.mrc else "") for town in towns}
    return Territory(
        frozenset(word for name in names for word in _words(name)), neighbours_of(towns), words_of
    )


def _words(name: str) -> frozenset[str]:
    words = municipality_name_key(name).split()
    return frozenset(word for word in words if len(word) > 3) - WORDS["ordinary"] - WORDS["common"]
