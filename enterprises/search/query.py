"""Finding listings: words, facets with live counts, and their order.

Words are OR-ed: each has its set of listings, cached by the snapshot, so that counts are exact
and cost no query. Only the first listings, the ones that people look at, are ranked by the database.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import reduce
from operator import and_
from typing import Any

from django.db import connection

from enterprises.search import bitsets
from enterprises.search.geocoding import Location, listings_within
from enterprises.search.lexemes import any_lexeme, lexemes_of, with_other_number
from enterprises.search.snapshot import Snapshot
from pole.search import expand_synonyms

# Listings that the database ranks: six pages. The others follow by words found, then by name.
MAX_RANKED = 144
MAX_SELECTING_WORDS = 4
# A word in more listings than both of these only ranks, when a rarer one selects.
COMMON_SHARE, COMMON_COUNT = 0.2, 200
# For a word of weight D, C, B, A, as enterprises/sql/02_listing.sql gives them.
WEIGHTS = [0.1, 0.3, 0.6, 1.0]
SYNONYM_WEIGHT = 0.5
NAME_BONUS = 0.5
# Added to `ts_rank` for each word that a listing has, wherever it is.
MATCH_WEIGHT = 0.3


class Order(StrEnum):
    RELEVANCE = "pertinence"
    NAME = "nom"
    DISTANCE = "distance"


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched: words as `pole.search.query_words` gives them, and values of each facet.

    Values of one facet are alternatives; facets restrict each other.
    """

    words: tuple[str, ...] = ()
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
class Counts:
    """How many listings each value of a facet would leave, the other facets being as chosen."""

    sectors: dict[int, int]
    mrcs: dict[str, int]
    municipalities: dict[str, int]
    legal_forms: dict[str, int]
    supplies: dict[str, int]
    languages: dict[str, int]
    served: dict[str, int]


@dataclass(frozen=True, slots=True)
class SearchResult:
    total: int
    counts: Counts
    # Primary keys of the listings asked for, in order.
    keys: list[int]
    # Words that no listing has: similar ones were searched instead.
    mistyped: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Term:
    """A word that was searched, with its synonyms."""

    # Lexemes of the word and its other forms, and those of its synonyms.
    lexemes: tuple[str, ...]
    synonyms: tuple[str, ...]
    # Sets of listings, as in `enterprises.search.bitsets`: with any of the lexemes, and with one in their name.
    listings: int
    listings_by_name: int
    # Higher for a word in fewer listings.
    rarity: float = 0.0


def find(search: Search, snapshot: Snapshot, *, language: str, start: int = 0, count: int) -> SearchResult:
    """The `count` listings from the `start`-th on, and the counts of every facet.

    One query to rank, when there are words; more the first time that a word is met since the
    directory last changed.
    """
    terms, mistyped = _expand_words(search.words, snapshot, language)
    selecting = _selecting_terms(terms, len(snapshot.ids))
    matches = bitsets.union(term.listings for term in selecting) if search.words else snapshot.all_listings
    hits, counts = _apply_facets(matches, search, snapshot)
    if search.origin and search.order == Order.DISTANCE:
        keys = _by_distance(hits, search.origin, snapshot, start, count)
    elif search.order != Order.RELEVANCE or not search.words:
        positions = bitsets.positions(hits, start, count)
        keys = [snapshot.ids[position] for position in positions]
    else:
        keys = _by_relevance(hits, search.words, terms, selecting, snapshot, start, count)
    return SearchResult(hits.bit_count(), counts, keys, mistyped)


# --- Facets -------------------------------------------------------------------------------------


def _apply_facets(hits: int, search: Search, snapshot: Snapshot) -> tuple[int, Counts]:
    """The hits that satisfy every facet, and the counts of each facet among the hits that satisfy the others."""
    if search.origin and search.within_km:
        hits &= listings_within(search.origin, search.within_km, snapshot)
    facets: list[tuple[frozenset[Any], dict[Any, int]]] = [
        (search.sectors, snapshot.by_sector),
        (search.mrcs, snapshot.by_mrc),
        (search.municipalities, snapshot.by_municipality),
        (search.legal_forms, snapshot.by_legal_form),
        (search.supplies, snapshot.by_supply),
        (search.languages, snapshot.by_language),
        (search.served, snapshot.by_served),
    ]
    # Nothing chosen restricts nothing: -1 has every bit.
    restrictions = [
        bitsets.union(by_value.get(key, 0) for key in chosen) if chosen else -1 for chosen, by_value in facets
    ]
    satisfying_all = reduce(and_, restrictions, hits)
    counted = []
    for at, (chosen, by_value) in enumerate(facets):
        others = satisfying_all
        if chosen:
            others = reduce(and_, restrictions[:at] + restrictions[at + 1 :], hits)
        counted.append({key: (others & listings).bit_count() for key, listings in by_value.items()})
    return satisfying_all, Counts(*counted)


# --- Words --------------------------------------------------------------------------------------


def _expand_words(words: Sequence[str], snapshot: Snapshot, language: str) -> tuple[list[_Term], list[str]]:
    """The term of each word, without stop words, and the words that had to be replaced by similar ones."""
    expanded = {word: expand_synonyms([word])[1:] for word in words}
    known = _lexemes([other for word in words for other in (word, *expanded[word])], language)
    terms, mistyped = [], []
    for word, synonyms in expanded.items():
        if not known[word]:  # a stop word
            continue
        own_lexemes = _lexemes_of_forms([word], known)
        term = _build_term(
            own_lexemes,
            tuple(lexeme for lexeme in _lexemes_of_forms(synonyms, known) if lexeme not in own_lexemes),
            snapshot,
        )
        if not term.listings and (similar := snapshot.vocabulary().similar_words(word)):
            term = _build_term(_lexemes_of_forms(similar, _lexemes(similar, language)), (), snapshot)
            mistyped += [word] if term.listings else []
        if term.listings:
            terms.append(term)
    return terms, mistyped


def _lexemes(words: Iterable[str], language: str) -> dict[str, tuple[str, ...]]:
    """By each form of the words, its lexemes: at most one query."""
    return lexemes_of([form for word in words for form in with_other_number(word)], language)


def _lexemes_of_forms(words: Iterable[str], known: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The lexemes of all forms of the words."""
    forms = (form for word in words for form in with_other_number(word))
    return tuple(dict.fromkeys(lexeme for form in forms for lexeme in known[form]))


def _build_term(lexemes: tuple[str, ...], synonyms: tuple[str, ...], snapshot: Snapshot) -> _Term:
    all_lexemes = (*lexemes, *synonyms)
    if not all_lexemes:
        return _Term((), (), 0, 0)
    listings = snapshot.with_any_lexeme(all_lexemes)
    by_name = snapshot.with_any_lexeme(all_lexemes, in_name=True) if listings else 0
    rarity = math.log(1 + len(snapshot.ids) / max(1, listings.bit_count()))
    return _Term(lexemes, synonyms, listings, by_name, rarity)


def _selecting_terms(terms: list[_Term], size: int) -> list[_Term]:
    """The terms whose listings are hits: the rarest ones. A very common one only ranks, unless it is alone."""
    rarest = sorted(terms, key=lambda term: term.listings.bit_count())[:MAX_SELECTING_WORDS]
    common = max(COMMON_COUNT, COMMON_SHARE * size)
    return rarest[:1] + [term for term in rarest[1:] if term.listings.bit_count() <= common]


# --- Order --------------------------------------------------------------------------------------


def _by_relevance(
    hits: int,
    words: Sequence[str],
    terms: list[_Term],
    selecting: list[_Term],
    snapshot: Snapshot,
    start: int,
    count: int,
) -> list[int]:
    """Keys of listings: the first MAX_RANKED ranked by the database, the others in the order of their tiers."""
    tiers = _tiers(hits, selecting)
    likeliest: dict[int, float] = {}
    for weight, tier in tiers:
        likeliest |= dict.fromkeys(bitsets.positions(tier, 0, MAX_RANKED - len(likeliest)), weight)
    positions: list[int] = []
    if start < len(likeliest):
        positions = _rank_in_database(likeliest, words, terms, snapshot)[start : start + count]
    if len(positions) < count and len(likeliest) == MAX_RANKED:
        pool = bitsets.from_positions(likeliest, len(snapshot.ids))
        others = [tier & ~pool for _weight, tier in tiers]
        positions += _slice_of_sets(others, max(0, start - MAX_RANKED), count - len(positions))
    return [snapshot.ids[position] for position in positions]


def _by_distance(hits: int, origin: Location, snapshot: Snapshot, start: int, count: int) -> list[int]:
    """The nearest municipality first, by name within each; those without position last."""
    order = sorted(snapshot.by_municipality, key=lambda code: origin.km_to(snapshot.municipalities[code]))
    sets = [hits & snapshot.by_municipality[code] for code in order]
    return [snapshot.ids[position] for position in _slice_of_sets(sets, start, count)]


def _tiers(hits: int, selecting: list[_Term]) -> list[tuple[float, int]]:
    """`hits` split into disjoint sets, each with its weight, heaviest first: more words, rarer words, words in the name."""
    tiers = [(0.0, hits)]
    for term in selecting:
        tiers = [
            (weight + gain * term.rarity, part)
            for weight, tier in tiers
            for gain, part in (
                (1.0 + NAME_BONUS, tier & term.listings_by_name),
                (1.0, tier & term.listings & ~term.listings_by_name),
                (0.0, tier & ~term.listings & ~term.listings_by_name),
            )
            if part
        ]
    return sorted(tiers, key=lambda pair: -pair[0])


def _slice_of_sets(sets: Iterable[int], start: int, count: int) -> list[int]:
    """The `count` positions from the `start`-th on, of disjoint sets put one after the other."""
    found: list[int] = []
    for members in sets:
        size = members.bit_count()
        if size > start and count > len(found):
            found += bitsets.positions(members, start, count - len(found))
        start = max(0, start - size)
    return found


def _rank_in_database(
    weights: dict[int, float], words: Sequence[str], terms: list[_Term], snapshot: Snapshot
) -> list[int]:
    """The positions given, best first, by the weight of their tier and the rank that PostgreSQL computes.

    `ts_rank` divides by the number of lexemes in the query; as one is enough here, its result is multiplied back.
    """
    typed = " ".join(words)
    asked = [(term.lexemes, term.rarity) for term in terms]
    asked += [(term.synonyms, term.rarity * SYNONYM_WEIGHT) for term in terms if term.synonyms]
    ranks = [(weight * len(lexemes), WEIGHTS, any_lexeme(lexemes)) for lexemes, weight in asked]
    query = (
        "SELECT id, similarity(name_key, %s) + word_similarity(%s, name_key)"  # noqa: S608 - placeholders only
        + " + %s * ts_rank(%s::real[], document, to_tsquery('simple', %s))" * len(ranks)
        + " FROM enterprises_listing WHERE state = 'published' AND id = ANY (%s)"
    )
    keys = [snapshot.ids[position] for position in weights]
    with connection.cursor() as cursor:
        cursor.execute(query, [typed, typed, *(value for rank in ranks for value in rank), keys])
        scores = {snapshot.position[key]: score for key, score in cursor.fetchall()}
    # Equals stay in the order of names, which is that of positions.
    return sorted(
        scores, key=lambda position: (-scores[position] - MATCH_WEIGHT * weights[position], position)
    )
