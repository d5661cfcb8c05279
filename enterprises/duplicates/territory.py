"""The place names of the territory: words that tell branches of one enterprise apart."""

from __future__ import annotations

from enterprises.duplicates.similarity import WORDS, Territory
from pole.geo.gazetteer import Gazetteer, municipality_name_key, neighbours_of
from pole.models import Mrc


def territory_of(gazetteer: Gazetteer) -> Territory:
    """One query."""
    towns = [municipality for municipality in gazetteer.by_code.values() if municipality.is_in_territory]
    names = [municipality.name for municipality in towns]
    names += [key for key, named in gazetteer.by_key.items() if any(each.is_in_territory for each in named)]
    names += list(Mrc.objects.in_territory().values_list("name", flat=True))
    words = {word for name in names for word in municipality_name_key(name).split() if len(word) > 3}
    return Territory(frozenset(words - WORDS["ordinary"]), neighbours_of(towns))
