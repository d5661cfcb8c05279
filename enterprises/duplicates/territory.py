"""The place names of the territory: words that tell branches of one enterprise apart."""

from __future__ import annotations

from enterprises.duplicates.similarity import WORDS, Territory
from pole.geo.gazetteer import Gazetteer, municipality_name_key, neighbours_of
from pole.models import Mrc


def territory_of(gazetteer: Gazetteer) -> Territory:
    """One query."""
    names = [municipality.name for municipality in gazetteer.by_code.values()]
    names += list(gazetteer.by_key)
    names += list(Mrc.objects.values_list("name", flat=True))
    words = {word for name in names for word in municipality_name_key(name).split() if len(word) > 3}
    return Territory(frozenset(words - WORDS["ordinary"]), neighbours_of(gazetteer.by_code.values()))
