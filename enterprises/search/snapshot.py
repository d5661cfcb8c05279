"""The directory at one moment: its state in the search index, and the sectors and places that lists name.

A snapshot is of one pair of content versions, "enterprises" and "hub", those of the ETag: a page never mixes two
states of the directory.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Avg, Q, QuerySet
from django.utils.translation import gettext as _

from enterprises.models import Listing, Sector
from enterprises.search import in_database
from pole.caching.in_process import BoundedCache, process_cache
from pole.caching.public_pages import PublicState
from pole.geo.levels import NO_MRC, Levels, levels_of
from pole.hub.identity import get_identity
from pole.models import Hub, Mrc, Municipality
from pole.search import Synonyms, synonyms_at, unaccented
from pole.search.index import SearchState, search_index
from pole.server.database.instances import Instances, columns_of
from pole.server.database.prepared import prepared
from pole.text.bilingual import current_language

SCOPE = "enterprises"
# Facets of a listing in the index, as "mrcs:70"; the fields of `Counts` and of `enterprises.search.query.Search`.
FACETS = ("sectors", "mrcs", "municipalities", "legal_forms", "supplies", "languages", "served")
# Of each kind.
MAX_CACHED = 1000


@dataclass(frozen=True, slots=True)
class Counts:
    """How many listings each value of a facet would leave, the other facets being as chosen."""

    sectors: dict[int, int] = field(default_factory=dict)
    mrcs: dict[str, int] = field(default_factory=dict)
    municipalities: dict[str, int] = field(default_factory=dict)
    legal_forms: dict[str, int] = field(default_factory=dict)
    supplies: dict[str, int] = field(default_factory=dict)
    languages: dict[str, int] = field(default_factory=dict)
    served: dict[str, int] = field(default_factory=dict)
    # By municipality, those that have no position of their own; nobody chooses among them.
    unplaced: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, counted: Mapping[str, int]) -> Counts:
        """From "mrcs:70" and the like."""
        counts = cls()
        for name, count in counted.items():
            facet, _colon, value = name.partition(":")
            getattr(counts, facet)[int(value) if facet == "sectors" else value] = count
        return counts


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The published listings at one moment."""

    # None while the index is being made: PostgreSQL answers.
    state: SearchState | None
    total: int
    counts: Counts
    # In the order in which they are shown.
    sectors: dict[int, Sector]
    # Those of the hub's territory, and those elsewhere that a published listing is in, or serves.
    municipalities: dict[str, Municipality]
    mrcs: dict[str, Mrc]
    # The codes of the MRCs, then NO_MRC where some municipality has none.
    mrc_facets: dict[str, None]
    sectors_by_slug: dict[str, Sector]
    # The municipalities without a position: one amid its own listings stands for it, if they have one.
    unplaced: frozenset[str]
    hub: Hub
    synonyms: Synonyms
    # What tells the places from others: the hub’s version, and what of them may differ while it stays.
    places: Hashable
    # Cache of what depends on the places alone: their labels, the land. Every state of the directory that has these places shares it.
    of_places: BoundedCache[Hashable, Any]
    # Cache of what is computed once from this snapshot: links, charts.
    derived: BoundedCache[Hashable, Any] = field(default_factory=lambda: BoundedCache(MAX_CACHED))
    # Cache of `geocoding.locate`: by what people typed, its location, or None for one that is not found.
    locations: BoundedCache[str, Any] = field(default_factory=lambda: BoundedCache(MAX_CACHED))

    @property
    def levels(self) -> Levels:
        """What the hub calls the levels of its territory, in the current language."""
        levels: Levels = self.of_places.get_or_make(
            ("levels", current_language()), lambda: levels_of(self.hub)
        )
        return levels

    def mrc_name(self, code: str) -> str:
        """Of one of `mrc_facets`, in the current language."""
        return (
            _("Outside any %(level)s") % {"level": self.levels.middle}
            if code == NO_MRC
            else self.mrcs[code].name
        )

    def count_without_position(self, counts: Counts) -> int:
        """How many of the listings that were counted no map can show."""
        return sum(counts.unplaced.get(code, 0) for code in self.unplaced)

    @property
    def has_positions(self) -> bool:
        """Whether a map can be drawn, and a distance told."""
        return any(row.latitude is not None for row in self.municipalities.values())


_snapshots: BoundedCache[tuple[int, int], Snapshot] = process_cache(limit=1)


def snapshot_at(public_state: PublicState) -> Snapshot:
    """The published listings; no query when this process already knows this state of them.

    While the index is being made, what it is used for is provisional (`PublicState.be_provisional`).
    """
    versions = (public_state.version_of(SCOPE), public_state.version_of("hub"))
    known = _snapshots.get(versions)
    if known is not None:
        return known
    state = search_index().at(SCOPE, public_state)
    snapshot = _read_directory(state, public_state)
    if state is None:
        public_state.be_provisional()
    else:
        _snapshots[versions] = snapshot
    return snapshot


def _read_directory(state: SearchState | None, public_state: PublicState) -> Snapshot:
    """A query or four, of rows of the territory and of sectors alone."""
    sectors = {sector.pk: sector for sector in sorted(_all_sectors(), key=lambda row: unaccented(row.name))}
    if state is None:
        total, counted = in_database.count_all()
    else:
        total, counted = state.totals.get(SCOPE, 0), state.facets.get(SCOPE, {})
    counts = Counts.of(counted)
    municipalities, unplaced = _municipalities(counts.municipalities, public_state.version_of("hub"))
    rows = {row.mrc.code: row.mrc for row in municipalities.values() if row.mrc}
    if elsewhere := counts.served.keys() - rows.keys():
        rows |= Mrc.objects.in_bulk(list(elsewhere))
    mrcs = {row.code: row for row in sorted(rows.values(), key=lambda row: unaccented(row.name))}
    places = (public_state.version_of("hub"), tuple(mrcs), tuple(_positions(municipalities)))
    has_none = any(row.mrc_id is None for row in municipalities.values())
    return Snapshot(
        state=state,
        total=total,
        counts=counts,
        sectors=sectors,
        municipalities=municipalities,
        mrcs=mrcs,
        mrc_facets=dict.fromkeys([*mrcs, *([NO_MRC] if has_none else [])]),
        sectors_by_slug={sector.slug: sector for sector in sectors.values()},
        unplaced=unplaced,
        hub=get_identity(public_state.version_of("hub")).hub,
        synonyms=synonyms_at(public_state),
        places=places,
        of_places=_of_places.get_or_make(places, lambda: BoundedCache(MAX_CACHED)),
    )


_sector = Instances(Sector, *columns_of(Sector))


@prepared(_sector)
def _all_sectors() -> QuerySet[Sector, Any]:
    return Sector.objects.values_list(*_sector.columns)


def snapshot_of_database(public_state: PublicState) -> Snapshot:
    """For a process that keeps no search index: a few queries each time."""
    return _read_directory(None, public_state)


def _positions(municipalities: Mapping[str, Municipality]) -> Iterator[Hashable]:
    """What of them may differ while the hub does not change."""
    return ((code, row.latitude, row.longitude) for code, row in municipalities.items())


_of_places: BoundedCache[Hashable, BoundedCache[Hashable, Any]] = process_cache(limit=1)
# Every municipality that was looked for, by name: by the version of the hub, which any change of them raises.
_territories: BoundedCache[int, dict[str, Municipality]] = process_cache(limit=1)


def _municipalities(
    with_listings: Collection[str], hub_version: int
) -> tuple[dict[str, Municipality], frozenset[str]]:
    """The territory's and those of the listings, by name; the codes of those without a position of their own.

    One of these stands amid its own listings.
    """
    known = _territories.get(hub_version)
    if known is None or not known.keys() >= {*with_listings}:
        known = _territories[hub_version] = _read_municipalities(with_listings)
    municipalities = {
        code: row for code, row in known.items() if row.is_in_territory or code in with_listings
    }
    unplaced = frozenset(code for code, row in municipalities.items() if row.latitude is None)
    if with_listings and unplaced:
        placed = Listing.objects.published().filter(municipality__in=unplaced, latitude__isnull=False)
        means = placed.order_by().values_list("municipality").annotate(Avg("latitude"), Avg("longitude"))
        for code, latitude, longitude in means:
            # A copy: the row itself serves other states of the directory.
            municipalities[code] = row = copy(municipalities[code])
            row.latitude, row.longitude = latitude, longitude
    return municipalities, unplaced


def _read_municipalities(with_listings: Collection[str]) -> dict[str, Municipality]:
    rows = Municipality.objects.select_related("mrc").filter(
        Q(is_in_territory=True) | Q(code__in=list(with_listings))
    )
    return {row.code: row for row in sorted(rows, key=lambda row: (unaccented(row.name), row.code))}
