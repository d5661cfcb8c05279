"""Finding listings: words, facets with live counts, and their order, in the search index of the process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.db.models import F
from tantivy import Query

from enterprises.models import Listing
from enterprises.search import in_database
from enterprises.search.geocoding import Location, towns_within
from enterprises.search.snapshot import FACETS, SCOPE, Counts, Snapshot
from pole.search.documents import all_of, any_of, term
from pole.search.index import SearchState
from pole.search.ranking import Question, ask, keys_by_relevance


class Order(StrEnum):
    RELEVANCE = "pertinence"
    NAME = "nom"
    DISTANCE = "distance"
    TOWN = "municipalite"
    # The one that was checked last comes first.
    VERIFIED = "verification"


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched: words as `pole.search.query_words` gives them, and values of each facet.

    Values of one facet are alternatives; facets restrict each other.
    """

    words: tuple[str, ...] = ()
    # What they were read from, in which a number or an address is recognised.
    typed: str = ""
    sectors: frozenset[int] = frozenset()
    mrcs: frozenset[str] = frozenset()
    municipalities: frozenset[str] = frozenset()
    legal_forms: frozenset[str] = frozenset()
    supplies: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    # MRCs where they serve people.
    served: frozenset[str] = frozenset()
    # Where distances are measured from, and the farthest, in kilometres; 0 is any distance.
    origin: Location | None = None
    within_km: int = 0
    order: Order = Order.RELEVANCE


@dataclass(frozen=True, slots=True)
class SearchResult:
    total: int
    counts: Counts
    # Primary keys of the listings asked for, in order.
    keys: list[int]
    # Words that no listing has: similar ones were searched instead.
    mistyped: list[str] = field(default_factory=list)


def find(search: Search, snapshot: Snapshot, *, language: str, start: int = 0, count: int) -> SearchResult:
    """The `count` listings from the `start`-th on, and the counts of every facet. No query once the index is made."""
    state = snapshot.state
    if search.typed and not search.words:
        # Signs alone.
        return SearchResult(0, Counts(), [])
    if state is None:
        return _find_in_database(search, snapshot, start, count)
    question, restrictions = _asked(search, snapshot, state, language)
    among = _all_but(None, restrictions)
    counts = _count(search, restrictions, state) if restrictions else snapshot.counts
    total = state.count(among) if restrictions else snapshot.total
    if towns := _towns_in_order(search, snapshot):
        there = counts.municipalities
        if search.municipalities:
            # Of each facet, the counts are of what the others leave.
            there = {code: size for code, size in there.items() if code in search.municipalities}
        sizes = {code: there[code] for code in towns if code in there}
        keys = _by_municipality(among, sizes, state, start, count)
    elif search.order == Order.VERIFIED:
        found = set(state.keys_in_order(among, 0, total))
        keys = [key for key in _latest_verified(snapshot) if key in found][start : start + count]
    elif question and search.order == Order.RELEVANCE:
        keys = keys_by_relevance(state, question, among, start, count)
    else:
        keys = state.keys_in_order(among, start, count)
    return SearchResult(total, counts, keys, question.mistyped if question else [])


def count_sectors_by_town(
    search: Search, snapshot: Snapshot, *, language: str
) -> Mapping[str, Mapping[int, int]]:
    """How many of the listings that are found have each sector, by municipality. No query once the index is made."""
    if search.typed and not search.words:
        return {}
    state = snapshot.state
    if state is None:
        return _by_town(in_database.count_pairs(_asked_of_database(search, snapshot)))
    _question, restrictions = _asked(search, snapshot, state, language)
    if not restrictions:
        of_all: Mapping[str, Mapping[int, int]] = snapshot.derived.get_or_make(
            "sectors by town", lambda: _by_town(state.count_pairs(_all_but(None, {})))
        )
        return of_all
    return _by_town(state.count_pairs(_all_but(None, restrictions)))


def _by_town(counted: Mapping[str, int]) -> dict[str, dict[int, int]]:
    towns: dict[str, dict[int, int]] = {}
    for pair, count in counted.items():
        town, _space, sector = pair.rpartition(" ")
        towns.setdefault(town, {})[int(sector)] = count
    return towns


def _asked(
    search: Search, snapshot: Snapshot, state: SearchState, language: str
) -> tuple[Question | None, dict[str, Query]]:
    """What its words ask, and what restricts the listings, by what it comes from."""
    restrictions = dict(_restrictions(search, snapshot))
    if not search.words:
        return None, restrictions
    question = ask(search.words, search.typed, snapshot.synonyms, scope=SCOPE, language=language, state=state)
    restrictions["words"] = question.query
    return question, restrictions


def _restrictions(search: Search, snapshot: Snapshot) -> Iterator[tuple[str, Query]]:
    """By what they come from: values of one facet are alternatives."""
    for facet in FACETS:
        if values := getattr(search, facet):
            yield facet, any_of(term("facet", f"{facet}:{value}") for value in values)
    if search.origin and search.within_km:
        near = towns_within(search.origin, search.within_km, snapshot)
        yield "distance", any_of(term("facet", f"municipalities:{code}") for code in near)


def _all_but(left_out: str | None, restrictions: Mapping[str, Query]) -> Query:
    return all_of(
        [term("scope", SCOPE), *(query for name, query in restrictions.items() if name != left_out)]
    )


def _count(search: Search, restrictions: Mapping[str, Query], state: SearchState) -> Counts:
    """Of each facet among the listings that satisfy the others."""
    counted = state.count_facets(_all_but(None, restrictions))
    for facet in FACETS:
        if getattr(search, facet):
            others = (
                state.facets[SCOPE]
                if len(restrictions) == 1
                else state.count_facets(_all_but(facet, restrictions))
            )
            own = f"{facet}:"
            counted = Counter(
                {name: count for name, count in counted.items() if not name.startswith(own)}
                | {name: count for name, count in others.items() if name.startswith(own)}
            )
    return Counts.of(counted)


def _by_municipality(
    among: Query, counts: Mapping[str, int], state: SearchState, start: int, count: int
) -> list[int]:
    """The listings of one municipality after the other, as `counts` has them, by name within each."""
    keys: list[int] = []
    for code, size in counts.items():
        if start < size and len(keys) < count:
            there = all_of([among, term("facet", f"municipalities:{code}")])
            keys += state.keys_in_order(there, start, min(size - start, count - len(keys)))
        start = max(0, start - size)
    return keys


def _towns_in_order(search: Search, snapshot: Snapshot) -> list[str]:
    """The codes of towns whose listings come one after the other; none when the order is not one of towns.

    Those without position are the farthest.
    """
    if search.order == Order.TOWN:
        return list(snapshot.municipalities)
    if search.origin and search.order == Order.DISTANCE:
        km_to = search.origin.km_to
        return sorted(
            snapshot.counts.municipalities, key=lambda code: (km_to(snapshot.municipalities[code]), code)
        )
    return []


def _latest_verified(snapshot: Snapshot) -> list[int]:
    """Every published listing, the last one checked first, those never checked last: one query a state of the directory."""

    def read() -> list[int]:
        rows = Listing.objects.published().order_by(F("verified_on").desc(nulls_last=True), "name_key", "id")
        return list(rows.values_list("pk", flat=True))

    keys: list[int] = snapshot.derived.get_or_make("latest verified", read)
    return keys


def _asked_of_database(search: Search, snapshot: Snapshot) -> in_database.Asked:
    within = None
    if search.origin and search.within_km:
        within = towns_within(search.origin, search.within_km, snapshot)
    chosen = {facet: list(getattr(search, facet)) for facet in FACETS}
    return in_database.Asked(chosen, search.words, snapshot.synonyms, within)


def _find_in_database(search: Search, snapshot: Snapshot, start: int, count: int) -> SearchResult:
    total, counted, keys = in_database.find(
        _asked_of_database(search, snapshot),
        towns=_towns_in_order(search, snapshot),
        is_ranked=search.order == Order.RELEVANCE,
        is_by_verification=search.order == Order.VERIFIED,
        start=start,
        count=count,
    )
    return SearchResult(total, Counts.of(counted), keys)
