"""What a process remembers of the published listings, read again when the directory changes.

Everything is keyed by the content versions of the rooms "enterprises" and "hub": a page never counts
with more than one state of the directory, nor with an older one than its ETag says.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import connection, transaction
from django.db.models import TextField
from django.db.models.functions import Cast

from enterprises.models import Listing, Sector
from enterprises.search import bitsets
from enterprises.search.fuzzy import Vocabulary
from enterprises.search.lexemes import any_lexeme
from pole.caching.public_pages import PublicState
from pole.models import Mrc, Municipality
from pole.search import FRENCH_CONFIG, unaccented

# Sets of listings by word: at 100,000 listings each takes 12 kB.
MAX_REMEMBERED_WORDS = 1000


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The published listings at one moment. The sets are integers, see `enterprises.search.bitsets`."""

    versions: tuple[int, int]
    # Primary keys of the published listings, in the order of names.
    ids: array[int]
    position: dict[int, int]
    everything: int
    by_sector: dict[int, int]
    by_municipality: dict[str, int]
    by_mrc: dict[str, int]
    by_legal_form: dict[str, int]
    by_supply: dict[str, int]
    by_language: dict[str, int]
    # By MRC where they serve people, wherever they are.
    by_served: dict[str, int]
    # In the order in which they are shown.
    sectors: dict[int, Sector]
    municipalities: dict[str, Municipality]
    mrcs: dict[str, Mrc]
    # What is made once of this state: labels, land, charts.
    made: dict[Hashable, Any] = field(default_factory=dict)
    # Places that people typed; None for those that are nowhere.
    places: dict[str, object] = field(default_factory=dict)
    _by_words: dict[tuple[str, bool], int] = field(default_factory=dict)
    _vocabulary: list[Vocabulary] = field(default_factory=list)

    def set_of(self, keys: list[int]) -> int:
        """The set of these listings; those that this snapshot doesn't know are left out."""
        position = self.position
        return bitsets.from_positions((position[key] for key in keys if key in position), len(self.ids))

    def with_any(self, lexemes: tuple[str, ...], *, in_name: bool = False) -> int:
        """The listings that hold any of the lexemes, anywhere or in their name: one query, once."""
        raw = any_lexeme(lexemes)
        known = self._by_words.get((raw, in_name))
        if known is None:
            if len(self._by_words) >= MAX_REMEMBERED_WORDS:
                self._by_words.clear()
            known = self._by_words[raw, in_name] = self.set_of(_keys_matching(raw, in_name=in_name))
        return known

    def vocabulary(self) -> Vocabulary:
        """The words of names, places and sectors, for those that are mistyped: one query, once."""
        if not self._vocabulary:
            names = Listing.objects.published().values_list("name_key", flat=True)
            places = [unaccented(row.name) for row in self.municipalities.values()]
            sectors = [unaccented(row.name) for row in self.sectors.values()]
            self._vocabulary.append(Vocabulary([*names, *places, *sectors]))
        return self._vocabulary[0]


def _keys_matching(raw: str, *, in_name: bool) -> list[int]:
    query = SearchQuery(raw, config="simple", search_type="raw")
    listings = Listing.objects.published().order_by()
    if in_name:
        listings = listings.annotate(words=SearchVector("name", config=FRENCH_CONFIG)).filter(words=query)
    else:
        listings = listings.filter(document=query)
    with transaction.atomic(), connection.cursor() as cursor:
        # For a common word the planner would rather read every document than the index: ten times slower.
        cursor.execute("SET LOCAL enable_seqscan = off")
        return listings.aggregate(keys=ArrayAgg("pk", default=[]))["keys"]  # type: ignore[no-any-return]  # a list of keys


_latest: Snapshot | None = None


def snapshot_at(freshness: PublicState) -> Snapshot:
    """The published listings; no query when this process already knows this state of them."""
    global _latest  # noqa: PLW0603 - one value, swapped whole
    versions = (freshness.version_of("enterprises"), freshness.version_of("hub"))
    known = _latest
    if known is None or known.versions != versions:
        known = _latest = _read(versions)
    return known


def forget() -> None:
    """Drops what this process remembers: for tests, whose transactions take versions back."""
    global _latest  # noqa: PLW0603 - see snapshot_at
    _latest = None


class _Lists:
    """Places of listings by each value of an array column, read from the text that PostgreSQL writes of it."""

    def __init__(self) -> None:
        self.places: dict[str, list[int]] = defaultdict(list)
        # Few lists are different: each is cut once.
        self.known: dict[str, list[list[int]]] = {}

    def add(self, written: str, place: int) -> None:
        held = self.known.get(written)
        if held is None:
            values = [value for value in written[1:-1].split(",") if value]
            held = self.known[written] = [self.places[value] for value in values]
        for places in held:
            places.append(place)

    def sets(self, size: int) -> dict[str, int]:
        return {value: bitsets.from_positions(places, size) for value, places in self.places.items()}


def _read(versions: tuple[int, int]) -> Snapshot:
    """Three queries. The listings come from an index alone, in the order of names."""
    sectors = {
        sector.pk: sector for sector in sorted(Sector.objects.all(), key=lambda row: unaccented(row.name))
    }
    municipalities = {
        row.code: row
        for row in sorted(
            Municipality.objects.select_related("mrc"), key=lambda row: (unaccented(row.name), row.code)
        )
    }
    rows = (
        Listing.objects.published()
        .order_by("name_key", "id")
        .values_list(
            "id", "municipality_id", "legal_form",
            *(Cast(name, TextField()) for name in ("sector_ids", "supplies", "languages", "served")),
        )
    )  # fmt: skip
    ids: array[int] = array("q")
    in_municipality: dict[str, list[int]] = defaultdict(list)
    of_form: dict[str, list[int]] = defaultdict(list)
    lists = [_Lists() for _ in range(4)]
    for place, (key, municipality, legal_form, *written) in enumerate(rows.iterator(chunk_size=20_000)):
        ids.append(key)
        in_municipality[municipality].append(place)
        of_form[legal_form].append(place)
        for held, text in zip(lists, written, strict=True):
            held.add(text, place)
    size = len(ids)
    by_municipality = {code: bitsets.from_positions(places, size) for code, places in in_municipality.items()}
    by_mrc: dict[str, int] = defaultdict(int)
    for code, members_set in by_municipality.items():
        if mrc := municipalities[code].mrc_id:
            by_mrc[mrc] |= members_set
    mrcs = {row.mrc.code: row.mrc for row in municipalities.values() if row.mrc}
    return Snapshot(
        versions=versions,
        ids=ids,
        position={key: place for place, key in enumerate(ids)},
        everything=(1 << size) - 1,
        by_sector={int(sector): listings for sector, listings in lists[0].sets(size).items()},
        by_municipality=by_municipality,
        by_mrc=dict(by_mrc),
        by_legal_form={form: bitsets.from_positions(places, size) for form, places in of_form.items()},
        by_supply=lists[1].sets(size),
        by_language=lists[2].sets(size),
        by_served=lists[3].sets(size),
        sectors=sectors,
        municipalities=municipalities,
        mrcs=dict(sorted(mrcs.items(), key=lambda item: unaccented(item[1].name))),
    )
