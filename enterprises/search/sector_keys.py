"""What the colours of the map say: the sectors with most listings, a letter each; the others have none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from enterprises.models import Sector
from enterprises.search.snapshot import Snapshot

# As many colours as people tell apart; static/css/pages/map.css has one for each.
LETTERS = "ABCDEF"


class SectorKey(NamedTuple):
    letter: str
    pk: int
    sector: Sector


@dataclass(frozen=True, slots=True)
class SectorKeys:
    keys: list[SectorKey]
    # How many listings of each sector a municipality has, by its code.
    by_town: Mapping[str, Mapping[int, int]]

    def letter_of(self, codes: Iterable[str]) -> str:
        """Of the sector that most listings of these municipalities have; "" when it has no letter."""
        counted: dict[int, int] = {}
        for code in codes:
            if code in self.by_town:
                for sector, count in self.by_town[code].items():
                    counted[sector] = counted[sector] + count if sector in counted else count
        # Of equals, the one that the legend names first; a sector without a letter after those.
        best, most = "", 0
        for letter, pk, _sector in self.keys:
            if pk in counted and counted[pk] > most:
                best, most = letter, counted[pk]
        return "" if counted and max(counted.values()) > most else best


def keys_of(by_town: Mapping[str, Mapping[int, int]], snapshot: Snapshot) -> SectorKeys:
    counted: Counter[int] = Counter()
    for sectors in by_town.values():
        counted.update(sectors)
    known = [pk for pk in counted if pk in snapshot.sectors]
    largest = sorted(known, key=lambda pk: (-counted[pk], snapshot.sectors[pk].name))
    keys = [SectorKey(letter, pk, snapshot.sectors[pk]) for letter, pk in zip(LETTERS, largest, strict=False)]
    return SectorKeys(keys, by_town)
