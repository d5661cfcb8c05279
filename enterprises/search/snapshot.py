"""The published listings in the memory of a process, read again when the directory changes.

A snapshot is of one pair of content versions, "enterprises" and "hub", those of the ETag: a page never mixes two
states of the directory.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Hashable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import connection, transaction
from django.db.models import Avg, Q, TextField
from django.db.models.functions import Cast

from enterprises.models import Listing, Sector
from enterprises.search import bitsets
from enterprises.search.fuzzy import Vocabulary
from enterprises.search.lexemes import any_lexeme
from pole.caching.in_process import BoundedCache, process_cache
from pole.caching.public_pages import PublicState
from pole.geo.levels import Levels, levels_of
from pole.hub.identity import get_identity
from pole.models import Hub, Mrc, Municipality
from pole.search import FRENCH_CONFIG, unaccented

# Of each kind. A set of listings by word takes 12 kB at 100,000 listings.
MAX_CACHED = 1000


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The published listings at one moment. The sets are integers, see `enterprises.search.bitsets`."""

    versions: tuple[int, int]
    # Primary keys of the published listings, in the order of names.
    ids: array[int]
    position: dict[int, int]
    all_listings: int
    by_sector: dict[int, int]
    by_municipality: dict[str, int]
    by_mrc: dict[str, int]
    by_legal_form: dict[str, int]
    by_supply: dict[str, int]
    by_language: dict[str, int]
    # By MRC that they serve, wherever they are.
    by_served: dict[str, int]
    # In the order in which they are shown.
    sectors: dict[int, Sector]
    # Those of the hub's territory, and those elsewhere that a published listing is in, or serves.
    municipalities: dict[str, Municipality]
    mrcs: dict[str, Mrc]
    hub: Hub
    # Cache of what is computed once from this snapshot: labels, land, charts.
    derived: BoundedCache[Hashable, Any] = field(default_factory=lambda: BoundedCache(MAX_CACHED))
    # Cache of `geocoding.locate`: by what people typed, its location, or None for one that is not found.
    locations: BoundedCache[str, Any] = field(default_factory=lambda: BoundedCache(MAX_CACHED))
    _bitset_by_lexemes: BoundedCache[tuple[str, bool], int] = field(
        default_factory=lambda: BoundedCache(MAX_CACHED)
    )
    _vocabulary: list[Vocabulary] = field(default_factory=list)

    @property
    def levels(self) -> Levels:
        """What the hub calls the levels of its territory, in the current language."""
        return levels_of(self.hub)

    @property
    def has_positions(self) -> bool:
        """Whether a map can be drawn, and a distance told."""
        return any(row.latitude is not None for row in self.municipalities.values())

    def bitset_of(self, keys: list[int]) -> int:
        """The set of these listings; those that this snapshot doesn't know are left out."""
        position = self.position
        return bitsets.from_positions((position[key] for key in keys if key in position), len(self.ids))

    def with_any_lexeme(self, lexemes: tuple[str, ...], *, in_name: bool = False) -> int:
        """The set of listings that have any of the lexemes, anywhere or in their name: one query, then cached."""
        raw = any_lexeme(lexemes)
        return self._bitset_by_lexemes.get_or_make(
            (raw, in_name), lambda: self.bitset_of(_keys_matching(raw, in_name=in_name))
        )

    def vocabulary(self) -> Vocabulary:
        """The words of names, municipalities and sectors, to correct those that are mistyped: one query, once."""
        if not self._vocabulary:
            names = Listing.objects.published().values_list("name_key", flat=True)
            municipalities = [unaccented(row.name) for row in self.municipalities.values()]
            sectors = [unaccented(row.name) for row in self.sectors.values()]
            self._vocabulary.append(Vocabulary([*names, *municipalities, *sectors]))
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


_snapshots: BoundedCache[tuple[int, int], Snapshot] = process_cache(limit=1)


def snapshot_at(public_state: PublicState) -> Snapshot:
    """The published listings; no query when this process already knows this state of them."""
    versions = (public_state.version_of("enterprises"), public_state.version_of("hub"))
    return _snapshots.get_or_make(versions, lambda: _read_directory(versions))


class _PositionsByValue:
    """Positions of listings by each value of an array column, which is read as the text that PostgreSQL writes of it."""

    def __init__(self) -> None:
        self.positions: dict[str, list[int]] = defaultdict(list)
        # Few arrays are distinct: each text is parsed once.
        self._parsed: dict[str, list[list[int]]] = {}

    def add(self, array_text: str, position: int) -> None:
        lists = self._parsed.get(array_text)
        if lists is None:
            values = [value for value in array_text[1:-1].split(",") if value]
            lists = self._parsed[array_text] = [self.positions[value] for value in values]
        for positions in lists:
            positions.append(position)

    def bitsets(self, size: int) -> dict[str, int]:
        return {value: bitsets.from_positions(positions, size) for value, positions in self.positions.items()}


def _read_directory(versions: tuple[int, int]) -> Snapshot:
    """Four or five queries. The listings come from an index alone, in the order of names."""
    sectors = {
        sector.pk: sector for sector in sorted(Sector.objects.all(), key=lambda row: unaccented(row.name))
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
    positions_by_municipality: dict[str, list[int]] = defaultdict(list)
    by_form: dict[str, list[int]] = defaultdict(list)
    columns = [_PositionsByValue() for _ in range(4)]
    for position, (key, municipality, legal_form, *array_texts) in enumerate(
        rows.iterator(chunk_size=20_000)
    ):
        ids.append(key)
        positions_by_municipality[municipality].append(position)
        by_form[legal_form].append(position)
        for column, text in zip(columns, array_texts, strict=True):
            column.add(text, position)
    size = len(ids)
    municipalities = _municipalities(positions_by_municipality.keys())
    by_municipality = {
        code: bitsets.from_positions(positions, size) for code, positions in positions_by_municipality.items()
    }
    by_mrc: dict[str, int] = defaultdict(int)
    for code, listings in by_municipality.items():
        if mrc := municipalities[code].mrc_id:
            by_mrc[mrc] |= listings
    by_served = columns[3].bitsets(size)
    mrcs = {row.mrc.code: row.mrc for row in municipalities.values() if row.mrc}
    mrcs |= Mrc.objects.in_bulk(list(by_served.keys() - mrcs.keys()))
    return Snapshot(
        versions=versions,
        ids=ids,
        position={key: position for position, key in enumerate(ids)},
        all_listings=(1 << size) - 1,
        by_sector={int(sector): listings for sector, listings in columns[0].bitsets(size).items()},
        by_municipality=by_municipality,
        by_mrc=dict(by_mrc),
        by_legal_form={form: bitsets.from_positions(positions, size) for form, positions in by_form.items()},
        by_supply=columns[1].bitsets(size),
        by_language=columns[2].bitsets(size),
        by_served=by_served,
        sectors=sectors,
        municipalities=municipalities,
        mrcs=dict(sorted(mrcs.items(), key=lambda item: unaccented(item[1].name))),
        hub=get_identity(versions[1]).hub,
    )


def _municipalities(with_listings: Collection[str]) -> dict[str, Municipality]:
    """The territory's and those of the listings, by name. One without position stands amid its own listings."""
    rows = Municipality.objects.select_related("mrc").filter(
        Q(is_in_territory=True) | Q(code__in=list(with_listings))
    )
    municipalities = {row.code: row for row in sorted(rows, key=lambda row: (unaccented(row.name), row.code))}
    unplaced = [code for code in with_listings if municipalities[code].latitude is None]
    if unplaced:
        placed = Listing.objects.published().filter(municipality__in=unplaced, latitude__isnull=False)
        means = placed.order_by().values_list("municipality").annotate(Avg("latitude"), Avg("longitude"))
        for code, latitude, longitude in means:
            municipalities[code].latitude, municipalities[code].longitude = latitude, longitude
    return municipalities
