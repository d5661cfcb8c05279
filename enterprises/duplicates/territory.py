"""The names of a territory: words that tell branches of one enterprise apart."""

from __future__ import annotations

from enterprises.duplicates.similarity import Territory
from pole.geo.gazetteer import Gazetteer, neighbours_of, place_key
from pole.models import Mrc


def territory_of(places: Gazetteer) -> Territory:
    """One query."""
    names = [town.name for town in places.by_code.values()]
    names += list(places.by_key)
    names += list(Mrc.objects.values_list("name", flat=True))
    words = {word for name in names for word in place_key(name).split() if len(word) > 3}
    # Words of places that are ordinary words too tell nothing apart.
    ordinary = {
        "saint",
        "sainte",
        "notre",
        "dame",
        "pointe",
        "riviere",
        "ville",
        "grande",
        "maple",
        "grove",
        "lazare",
    }
    return Territory(frozenset(words - ordinary), neighbours_of(places.by_code.values()))
