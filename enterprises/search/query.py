"""Finding listings: words, facets with live counts, and their order. `docs/architecture.md` tells why.

Words are OR-ed: each has its set of listings, remembered by the snapshot, so that counts are exact
and cost no query. Only the first listings, the ones that people look at, are ranked by the database.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db import connection

from enterprises.search import bitsets
from enterprises.search.geocoding import Spot, within
from enterprises.search.index import Snapshot
from enterprises.search.lexemes import any_lexeme, lexemes_of, with_other_number
from pole.search import expand_synonyms

# Listings that the database ranks: six pages. The others follow by words found, then by name.
RANKED = 144
MAX_SELECTING_WORDS = 4
# A word in more listings than both of these only ranks, when a rarer one selects.
COMMON_SHARE, COMMON_COUNT = 0.2, 200
# For a word of weight D, C, B, A: see the migration that makes the documents.
WEIGHTS = [0.1, 0.3, 0.6, 1.0]
SYNONYM_WEIGHT = 0.5
NAME_BONUS = 0.5
# What holding a word is worth, wherever it stands, beside `ts_rank`.
HOLDING_WEIGHT = 0.3


class Order(StrEnum):
    RELEVANCE = "pertinence"
    NAME = "nom"
    DISTANCE = "distance"


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked: words as `pole.search.query_words` gives them, and values of each facet.

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
    # Whence distances are counted, and how far, in kilometres; 0 is any distance.
    near: Spot | None = None
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
class Found:
    total: int
    counts: Counts
    # Primary keys of the listings asked for, in order.
    keys: list[int]
    # Words that no listing has, for which like ones were taken.
    mistyped: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Notion:
    """A word of the query and its synonyms."""

    own: tuple[str, ...]
    synonyms: tuple[str, ...]
    members: int
    named: int
    rarity: float = 0.0


def find(search: Search, snapshot: Snapshot, *, language: str, start: int = 0, count: int) -> Found:
    """The `count` listings from the `start`-th on, and the counts of every facet.

    One query to rank, when there are words; more the first time that a word is met since the
    directory last changed.
    """
    notions, mistyped = _notions(search.words, snapshot, language)
    selecting = _selecting(notions, len(snapshot.ids))
    hits = bitsets.union(notion.members for notion in selecting) if search.words else snapshot.everything
    kept, counts = _faceted(hits, search, snapshot)
    if search.near and search.order == Order.DISTANCE:
        keys = _by_distance(kept, search.near, snapshot, start, count)
    elif search.order != Order.RELEVANCE or not search.words:
        places = bitsets.positions(kept, start, count)
        keys = [snapshot.ids[place] for place in places]
    else:
        keys = _by_relevance(kept, search.words, notions, selecting, snapshot, start, count)
    return Found(kept.bit_count(), counts, keys, mistyped)


# --- Facets -------------------------------------------------------------------------------------


def _faceted(hits: int, search: Search, snapshot: Snapshot) -> tuple[int, Counts]:
    """The hits that all facets keep, and each facet's counts: those that the others keep."""
    if search.near and search.within_km:
        hits &= within(search.near, search.within_km, snapshot)
    facets: list[tuple[frozenset[Any], dict[Any, int]]] = [
        (search.sectors, snapshot.by_sector),
        (search.mrcs, snapshot.by_mrc),
        (search.municipalities, snapshot.by_municipality),
        (search.legal_forms, snapshot.by_legal_form),
        (search.supplies, snapshot.by_supply),
        (search.languages, snapshot.by_language),
        (search.served, snapshot.by_served),
    ]
    kept = [_any(chosen, members, snapshot) if chosen else None for chosen, members in facets]
    whole = hits
    for listings in kept:
        if listings is not None:
            whole &= listings
    counted = []
    for at, (_chosen, members) in enumerate(facets):
        others = whole
        if kept[at] is not None:
            others = hits
            for other, listings in enumerate(kept):
                if other != at and listings is not None:
                    others &= listings
        counted.append(_counted(others, members))
    return whole, Counts(*counted)


def _any[K](chosen: Iterable[K], members: dict[K, int], snapshot: Snapshot) -> int:
    chosen = list(chosen)
    return bitsets.union(members.get(key, 0) for key in chosen) if chosen else snapshot.everything


def _counted[K](hits: int, members: dict[K, int]) -> dict[K, int]:
    return {key: (hits & listings).bit_count() for key, listings in members.items()}


# --- Words --------------------------------------------------------------------------------------


def _notions(words: Sequence[str], snapshot: Snapshot, language: str) -> tuple[list[_Notion], list[str]]:
    """What each word stands for, and the words for which like ones had to be taken."""
    expanded = {word: expand_synonyms([word])[1:] for word in words}
    known = _lexemes([other for word in words for other in (word, *expanded[word])], language)
    notions, mistyped = [], []
    for word, synonyms in expanded.items():
        if not known[word]:  # a stop word
            continue
        own = _held([word], known)
        notion = _notion(
            own, tuple(lexeme for lexeme in _held(synonyms, known) if lexeme not in own), snapshot
        )
        if not notion.members and (near := snapshot.vocabulary().near(word)):
            notion = _notion(_held(near, _lexemes(near, language)), (), snapshot)
            mistyped += [word] if notion.members else []
        if notion.members:
            notions.append(notion)
    return notions, mistyped


def _lexemes(words: Iterable[str], language: str) -> dict[str, tuple[str, ...]]:
    """The lexemes of each form of the words: at most one query."""
    return lexemes_of([form for word in words for form in with_other_number(word)], language)


def _held(words: Iterable[str], known: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The lexemes of all forms of the words."""
    forms = (form for word in words for form in with_other_number(word))
    return tuple(dict.fromkeys(lexeme for form in forms for lexeme in known[form]))


def _notion(own: tuple[str, ...], synonyms: tuple[str, ...], snapshot: Snapshot) -> _Notion:
    lexemes = (*own, *synonyms)
    if not lexemes:
        return _Notion((), (), 0, 0)
    members = snapshot.with_any(lexemes)
    named = snapshot.with_any(lexemes, in_name=True) if members else 0
    rarity = math.log(1 + len(snapshot.ids) / max(1, members.bit_count()))
    return _Notion(own, synonyms, members, named, rarity)


def _selecting(notions: list[_Notion], size: int) -> list[_Notion]:
    """The notions whose listings are hits: the rarest, and no very common one beside them."""
    rarest = sorted(notions, key=lambda notion: notion.members.bit_count())[:MAX_SELECTING_WORDS]
    common = max(COMMON_COUNT, COMMON_SHARE * size)
    return rarest[:1] + [notion for notion in rarest[1:] if notion.members.bit_count() <= common]


# --- Order --------------------------------------------------------------------------------------


def _by_relevance(
    kept: int,
    words: Sequence[str],
    notions: list[_Notion],
    selecting: list[_Notion],
    snapshot: Snapshot,
    start: int,
    count: int,
) -> list[int]:
    """Keys of listings: the likeliest ranked one by one, the others by how many words they hold."""
    tiers = _tiers(kept, selecting)
    likeliest: dict[int, float] = {}
    for weight, tier in tiers:
        likeliest |= dict.fromkeys(bitsets.positions(tier, 0, RANKED - len(likeliest)), weight)
    places: list[int] = []
    if start < len(likeliest):
        places = _ranked(likeliest, words, notions, snapshot)[start : start + count]
    if len(places) < count and len(likeliest) == RANKED:
        pool = bitsets.from_positions(likeliest, len(snapshot.ids))
        others = [tier & ~pool for _weight, tier in tiers]
        places += _take(others, max(0, start - RANKED), count - len(places))
    return [snapshot.ids[place] for place in places]


def _by_distance(kept: int, near: Spot, snapshot: Snapshot, start: int, count: int) -> list[int]:
    """The nearest municipality first, by name within each; those without position last."""
    order = sorted(snapshot.by_municipality, key=lambda code: near.km_to(snapshot.municipalities[code]))
    sets = [kept & snapshot.by_municipality[code] for code in order]
    return [snapshot.ids[place] for place in _take(sets, start, count)]


def _tiers(kept: int, selecting: list[_Notion]) -> list[tuple[float, int]]:
    """`kept` cut into disjoint sets, those with more and rarer words, or words in the name, first."""
    tiers = [(0.0, kept)]
    for notion in selecting:
        tiers = [
            (weight + gain * notion.rarity, part)
            for weight, tier in tiers
            for gain, part in (
                (1.0 + NAME_BONUS, tier & notion.named),
                (1.0, tier & notion.members & ~notion.named),
                (0.0, tier & ~notion.members & ~notion.named),
            )
            if part
        ]
    return sorted(tiers, key=lambda pair: -pair[0])


def _take(sets: Iterable[int], start: int, count: int) -> list[int]:
    """Members of disjoint sets, one set after the other."""
    taken: list[int] = []
    for members in sets:
        size = members.bit_count()
        if size > start and count > len(taken):
            taken += bitsets.positions(members, start, count - len(taken))
        start = max(0, start - size)
    return taken


def _ranked(
    weights: dict[int, float], words: Sequence[str], notions: list[_Notion], snapshot: Snapshot
) -> list[int]:
    """The places given, best first, from the weights of their tiers and where the words stand.

    `ts_rank` divides by the number of words asked: here one is enough, so it is given back.
    """
    typed = " ".join(words)
    asked = [(notion.own, notion.rarity) for notion in notions]
    asked += [(notion.synonyms, notion.rarity * SYNONYM_WEIGHT) for notion in notions if notion.synonyms]
    ranks = [(weight * len(lexemes), WEIGHTS, any_lexeme(lexemes)) for lexemes, weight in asked]
    query = (
        "SELECT id, similarity(name_key, %s) + word_similarity(%s, name_key)"  # noqa: S608 - placeholders only
        + " + %s * ts_rank(%s::real[], document, to_tsquery('simple', %s))" * len(ranks)
        + " FROM enterprises_listing WHERE state = 'published' AND id = ANY (%s)"
    )
    keys = [snapshot.ids[place] for place in weights]
    with connection.cursor() as cursor:
        cursor.execute(query, [typed, typed, *(value for rank in ranks for value in rank), keys])
        scores = {snapshot.position[key]: score for key, score in cursor.fetchall()}
    # Between equals, places are in the order of names.
    return sorted(scores, key=lambda place: (-scores[place] - HOLDING_WEIGHT * weights[place], place))


# --- The search over the whole portal -------------------------------------------------------------
