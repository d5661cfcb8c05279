"""Which documents answer some words, and in which order: the same in every process that holds the same documents.

A word is worth what it was found in, times how rare it is; a document is worth the sum. All weights are whole numbers and
every count is of documents that are there, so no score depends on what an index held before. Equals are in their order.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from operator import neg

from rapidfuzz import process
from rapidfuzz.distance import OSA
from tantivy import Occur, Query

from pole.search import Synonyms, identifiers, unaccented
from pole.search.documents import MAX_LENGTH, all_of, any_of, document_id, phrase, term
from pole.search.index import SearchState
from pole.search.stems import family, is_stop_word, stems_of, telling
from pole.search.words import as_typed
from pole.text.bilingual import ENGLISH, FRENCH

# What a word is worth by its strength in a document, the weakest first; one of its synonyms is worth a share of it.
WORTHS = (39, 48, 57, 67, 76, 85, 109, 118)
SYNONYM_SHARE = 0.5
# Added where the name has a word of the same root.
KINDRED_WORTH = 30
# A number or an address, and a whole name, come before any words.
IDENTIFIER_WORTH, WHOLE_NAME_WORTH = 1_000_000, 100_000
# The rarest words select and rank; with more, a score could come from too many ways to look through.
MAX_TERMS = 5
# A word in more documents than both of these only ranks, when a rarer one selects.
COMMON_SHARE, COMMON_COUNT = 0.2, 200
# Letters from which on one slip, then two, are forgiven.
ONE_SLIP, TWO_SLIPS = 4, 8
MAX_CORRECTIONS = 3
# Words of a query: each is compared with every word that there is.
MAX_CORRECTED = 3
# In how many ways the levels of some terms may add up for equals to be asked for by them.
MAX_WAYS = 300
# Letters of a word that tells nothing without its other half.
SHORT = 3

type Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Level:
    worth: int
    query: Query


@dataclass(frozen=True, slots=True)
class Term:
    """A word that was searched: a document is worth the first of the levels that it matches."""

    query: Query
    levels: tuple[Level, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Question:
    """What words ask of the documents of a scope."""

    scope: str
    terms: tuple[Term, ...]
    # The documents that answer.
    query: Query
    # Words that no document has: similar ones were searched instead.
    mistyped: list[str] = field(default_factory=list)


def ask(
    words: Sequence[str], typed: str, synonyms: Synonyms, *, scope: str, language: str, state: SearchState
) -> Question:
    """`words` as `pole.search.query_words` gives them, from what was `typed`."""
    # No document has longer ones.
    words = _hyphenated([word for word in words if len(word) <= MAX_LENGTH], typed, scope, state)
    # Its groups of digits are looked for together: "450" is in many texts.
    is_number = identifiers.is_long_number(typed)
    if is_number:
        words = [word for word in words if word.isdecimal()]
    heard = {language, FRENCH}
    if all(_is_stop_word(word, heard) for word in words):
        heard = {language}
    compounds = _compounds(words, scope, state)
    alternatives = synonyms.alternatives(words)
    terms: list[Term] = []
    mistyped: list[str] = []
    for place, word in enumerate(words):
        if _is_stop_word(word, heard):
            continue
        others = [each.terms for each in alternatives if (each.start, each.end) == (place, place + 1)]
        found = _term((word,), [each for terms in others for each in terms], scope, state)
        is_part = place in compounds or place - 1 in compounds
        can_be_corrected = not found.count and not is_part and len(mistyped) < MAX_CORRECTED
        if can_be_corrected and (corrections := correct(word, scope, state)):
            found = _term((corrections[0],), [(each,) for each in corrections[1:]], scope, state)
            mistyped.append(word)
        terms.append(found)
    for compound in compounds.values():
        called = [each for found in synonyms.alternatives([compound]) for each in found.terms]
        terms.append(_term((compound,), called, scope, state))
    # What several words together are called otherwise.
    terms += [
        _term(tuple(words[each.start : each.end]), each.terms, scope, state)
        for each in alternatives
        if each.end - each.start > 1
    ]
    if is_number and not all(each.count for each in terms):
        terms = []
    terms = sorted((each for each in terms if each.count), key=lambda each: each.count)[:MAX_TERMS]
    selecting = [each.query for each in _selecting(terms, state.totals.get(scope, 0))]
    if is_number and terms:
        selecting = [all_of(each.query for each in terms)]
    whole = [each for each in _whole(typed, scope, state) if each.count]
    query = all_of([term("scope", scope), any_of([*selecting, *(each.query for each in whole)])])
    return Question(scope, (*whole, *terms), query, as_typed(mistyped, typed))


def keys_by_relevance(
    state: SearchState, question: Question, among: Query, start: int, count: int
) -> list[int]:
    """The best documents of `among`, which all answer the question: `count` of them from the `start`-th on."""
    if count <= 0:
        return []
    scored = [(Occur.Must, Query.const_score_query(among, 0.0))]
    for each in question.terms:
        worths = [Query.const_score_query(level.query, float(level.worth)) for level in each.levels]
        scored.append((Occur.Should, Query.disjunction_max_query(worths)))
    end = start + count
    scores, keys = state.best(Query.boolean_query(scored), end)
    # Many documents have the same word as strongly: they are asked for by it, not fetched.
    are_few_ways = math.prod(len(each.levels) + 1 for each in question.terms) <= MAX_WAYS
    looked_for = end
    while not are_few_ways and len(scores) == looked_for and scores[-1] == scores[end - 1]:
        looked_for *= 4
        scores, keys = state.best(Query.boolean_query(scored), looked_for)
    found: list[int] = []
    for score in dict.fromkeys(scores[start:end]):
        first, last = scores.index(score), bisect_right(scores, -score, key=neg)
        if are_few_ways:
            equals = _worth_exactly(score, question.terms, among)
        else:
            equals = any_of(term("id", document_id(question.scope, key)) for key in keys[first:last])
        before = max(0, start - first)
        found += state.keys_in_order(equals, before, min(last, end) - first - before)
    return found


def _worth_exactly(score: int, terms: Sequence[Term], among: Query) -> Query:
    """The documents with this score: in each way in which the levels of the terms can add up to it."""
    ways = [[(Occur.Must, among), *way] for way in _ways(score, terms)]
    return any_of(Query.boolean_query(way) for way in ways)


def _ways(score: int, terms: Sequence[Term]) -> list[list[tuple[Occur, Query]]]:
    if not terms:
        return [[]] if score == 0 else []
    first, *others = terms
    found: list[list[tuple[Occur, Query]]] = []
    higher: list[tuple[Occur, Query]] = []
    for level in first.levels:
        if level.worth <= score:
            found += [
                [(Occur.Must, level.query), *higher, *way] for way in _ways(score - level.worth, others)
            ]
        higher.append((Occur.MustNot, level.query))
    return found + [[*higher, *way] for way in _ways(score, others)]


# --- Words ----------------------------------------------------------------------------------------


def _term(own: Words, synonyms: Sequence[Words], scope: str, state: SearchState) -> Term:
    """Of a word or of several, which a document must all have; and of what else it is called."""
    levels: list[tuple[float, Query]] = list(zip(WORTHS, _by_strength([own]), strict=True))
    if len(own) == 1 and (root := family(own[0])):
        levels += [(worth + KINDRED_WORTH, all_of([query, term("family", root)])) for worth, query in levels]
    if synonyms:
        levels += [
            (SYNONYM_SHARE * worth, query)
            for worth, query in zip(WORTHS, _by_strength(synonyms), strict=True)
        ]
    key = "|".join(" ".join(words) for words in (own, *synonyms))
    anywhere = _anywhere([own, *synonyms])
    count = _count(anywhere, f"{scope}:{key}", scope, state)
    return _weighted(anywhere, levels, count, scope, state)


def _by_strength(found: Sequence[Words]) -> list[Query]:
    """For each strength, the weakest first, the documents that have one of these with it; that of a phrase is that of its
    last word."""
    single = [stem for words in found if len(words) == 1 for stem in stems_of(words[0])]
    phrases = [telling(words, each) for words in found if len(words) > 1 for each in (FRENCH, ENGLISH)]
    whole = [(stems[-1], phrase(stems) if len(stems) > 1 else None) for stems in phrases if stems]
    queries = []
    for strength in range(1, len(WORTHS) + 1):
        ways = [term(f"s{strength}", stem) for stem in single]
        for last, every in whole:
            own = term(f"s{strength}", last)
            ways.append(own if every is None else all_of([own, every]))
        queries.append(any_of(ways))
    return queries


def _anywhere(found: Sequence[Words]) -> Query:
    """The documents that have one of these."""
    single = [term("any", stem) for words in found if len(words) == 1 for stem in stems_of(words[0])]
    stems = [telling(words, each) for words in found if len(words) > 1 for each in (FRENCH, ENGLISH)]
    return any_of(
        single + [phrase(each) if len(each) > 1 else term("any", each[0]) for each in stems if each]
    )


def _hyphenated(words: Sequence[str], typed: str, scope: str, state: SearchState) -> list[str]:
    """The words; two short ones with a hyphen as one, where texts write them so: "co-op"."""
    plain, found = unaccented(typed), list[str]()
    for word in words:
        is_half = found and max(len(found[-1]), len(word)) <= SHORT and f"{found[-1]}-{word}" in plain
        if is_half and _is_there(found[-1] + word, scope, state):
            found[-1] += word
        else:
            found.append(word)
    return found


def _compounds(words: Sequence[str], scope: str, state: SearchState) -> dict[int, str]:
    """By the place of its first half, what texts write as one word where people may not: "éco-centre"."""
    pairs = {place: first + second for place, (first, second) in enumerate(pairwise(words))}
    return {place: pair for place, pair in pairs.items() if _is_there(pair, scope, state)}


def _is_stop_word(word: str, languages: Collection[str]) -> bool:
    return any(is_stop_word(word, language) for language in languages)


def _is_there(word: str, scope: str, state: SearchState) -> bool:
    """Whether a document has it now: the vocabulary may hold words of former ones."""
    return word in state.vocabulary.get(scope, {}) and _count_written(word, scope, state) > 0


def _count_written(word: str, scope: str, state: SearchState) -> int:
    return _count(term("word", word), f"{scope} {word}", scope, state)


def _weighted(
    query: Query, levels: Iterable[tuple[float, Query]], count: int, scope: str, state: SearchState
) -> Term:
    rarity = math.log(1 + state.totals.get(scope, 0) / max(1, count))
    weighted = (Level(round(worth * rarity), each) for worth, each in levels)
    return Term(query, tuple(sorted(weighted, key=lambda level: -level.worth)), count)


def _count(query: Query, key: str, scope: str, state: SearchState) -> int:
    return state.counts.get_or_make(key, lambda: state.count(all_of([term("scope", scope), query])))


def _selecting(terms: Sequence[Term], size: int) -> list[Term]:
    """Those whose documents answer, of terms that begin with the rarest. A very common one only ranks, unless it is alone."""
    common = max(COMMON_COUNT, COMMON_SHARE * size)
    return [*terms[:1], *(each for each in terms[1:] if each.count <= common)]


def _whole(typed: str, scope: str, state: SearchState) -> list[Term]:
    """What was typed as a number or an address, and as the whole name of something."""
    asked = [(WHOLE_NAME_WORTH, identifiers.whole_name(typed)), (IDENTIFIER_WORTH, identifiers.read(typed))]
    return [
        Term(query, (Level(worth, query),), _count(query, f"{scope} ={value}", scope, state))
        for worth, value in asked
        if value
        for query in [term("identifier", value)]
    ]


# --- Slips ----------------------------------------------------------------------------------------


def correct(word: str, scope: str, state: SearchState) -> list[str]:
    """What a word that no document has may have meant, best first: the nearest words that some have."""
    if len(word) < ONE_SLIP or not word.isalpha():
        return []
    slips = 2 if len(word) >= TWO_SLIPS else 1
    near = process.extract(
        word,
        state.vocabulary.get(scope, {}).keys(),
        scorer=OSA.distance,
        processor=None,
        score_cutoff=slips,
        limit=None,
    )
    ranked = []
    for other, distance, _place in near:
        if count := _count_written(other, scope, state):
            ranked.append((distance, other[0] != word[0], -count, other))
    if not ranked:
        return _begun(word, scope, state)
    ranked.sort()
    return [other for distance, *_others, other in ranked if distance == ranked[0][0]][:MAX_CORRECTIONS]


def _begun(word: str, scope: str, state: SearchState) -> list[str]:
    """The words that begin with what may not be typed to its end: those that most documents have."""
    begun = [other for other in state.vocabulary.get(scope, {}) if other.startswith(word)]
    counted = [(-_count_written(other, scope, state), other) for other in begun]
    return [other for count, other in sorted(counted) if count][:MAX_CORRECTIONS]
