"""How alike two names are.

A word is telling, common (a sector, a kind of body: "centre", "radio") or of a place. Names of common words and places
alone are the same only when they have the same ones; a number, an ordinal, another place, "fondation" or "succursale"
on one side tells two bodies apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from rapidfuzz.distance import OSA

from enterprises.duplicates.candidates import Territory
from enterprises.duplicates.words import ACRONYM_LETTERS, WORDS, Reading, is_common, may_be

_LEAST_SPELLING, _LEAST_JOINED = 0.7, 0.9
# What common words that differ leave in doubt no more.
_MUCH_HELD = 2.2


@dataclass(frozen=True, slots=True)
class NameLikeness:
    # 0 to 1.
    value: float
    # Whether an acronym was read as the words that it stands for.
    by_acronym: bool = False
    # Two bodies whatever else they share: a body and its foundation, two phases, two numbered companies.
    are_apart: bool = False
    # Two places, or a body and its branch: one only when everything else is the same.
    are_branches: bool = False
    # Of those whose branches bear one name: a caisse.
    is_branched: bool = False


_NOTHING = NameLikeness(0.0)
_APART = NameLikeness(0.0, are_apart=True)


@dataclass(slots=True)
class _Words:
    """Words of both names, and of one alone."""

    pairs: list[tuple[str, str, float]] = field(default_factory=list)
    first: list[str] = field(default_factory=list)
    second: list[str] = field(default_factory=list)


def compare_names(
    ones: Iterable[Reading], others: Iterable[Reading], territory: Territory, towns: tuple[str, str]
) -> NameLikeness:
    """The most alike of their readings. `towns`: the municipality of each, or ""."""
    found = [compare_readings(one, other, territory, towns) for one in ones for other in others]
    best = max(
        found, key=lambda each: (each.value, not each.by_acronym, not each.are_branches), default=_NOTHING
    )
    if best.value or not found:
        return best
    # They are apart only if no reading says otherwise.
    return max(found, key=lambda each: (not each.are_apart, not each.are_branches))


def compare_readings(
    one: Reading, other: Reading, territory: Territory, towns: tuple[str, str]
) -> NameLikeness:
    """Symmetrical: both names, with their towns, may change places."""
    by_acronym = one.has_acronym != other.has_acronym
    words = _pair_words(one.words, other.words)
    if _read_acronyms(words, one, other):
        by_acronym = True
    value, is_same_branch = _value(words, one, other, territory, towns)
    if value is None:
        return _APART
    is_branched = any(mine in WORDS["branched"] for mine, *_rest in words.pairs)
    return NameLikeness(value, by_acronym, are_branches=not is_same_branch, is_branched=is_branched)


def _value(
    words: _Words, one: Reading, other: Reading, territory: Territory, towns: tuple[str, str]
) -> tuple[float | None, bool]:
    """(Likeness, or None for two bodies; whether it is one place)."""
    are_equal = not words.first and not words.second and all(alike == 1 for *_pair, alike in words.pairs)
    if not are_equal and "".join(one.words) == "".join(other.words):
        return 0.97, True
    if _numbers_differ(words) or _is_related(words):
        return None, True
    if _is_branch(words) or _places_differ(words, territory, towns):
        return 0.0, False
    if len(one.words) != len(other.words) and _joined_alike(one.words, other.words):
        return 0.9, True
    shared_place = any(territory.is_place(word) for word, *_rest in words.pairs)
    telling = any(
        _is_telling(one_word, territory) and _is_telling(other_word, territory)
        for one_word, other_word, _ in words.pairs
    )
    if not telling:
        return _value_of_common_words(words, territory, towns, is_placed=shared_place), True
    return _value_of_telling_words(words, territory, towns), True


def _value_of_common_words(
    words: _Words, territory: Territory, towns: tuple[str, str], *, is_placed: bool
) -> float:
    """Without a telling word, the same common ones: in one municipality, unless the names say the place."""
    left = [word for word in (*words.first, *words.second) if not territory.is_place(word)]
    common = sum(not territory.is_place(word) for word, *_rest in words.pairs)
    if left:
        # "Maison des jeunes de Mercier" and "Maison des jeunes L’Entracte".
        is_longer = common >= 2 and not (words.first and words.second) and towns[0] == towns[1]
        return 0.5 if is_longer else 0.0
    if not common and any(territory.is_place(word) for word in (*words.first, *words.second)):
        return 0.0
    if _strange_places(words, territory, towns):
        return 0.4
    if not is_placed and towns[0] != towns[1] and all(towns):
        return 0.5
    return min((alike for *_pair, alike in words.pairs), default=1.0)


def _value_of_telling_words(words: _Words, territory: Territory, towns: tuple[str, str]) -> float:
    weighed = [
        (min(_weight(mine, territory), _weight(theirs, territory)), alike)
        for mine, theirs, alike in words.pairs
    ]
    held = sum(weight * alike for weight, alike in weighed)
    lost = sum(weight * (1 - alike) for weight, alike in weighed)
    lone = [[word for word in side if not territory.is_place(word)] for side in (words.first, words.second)]
    lost += sum(
        _weight(word, territory) * (0.5 if _is_telling(word, territory) else 0.25)
        for side in lone
        for word in side
    )
    value = held / (held + lost)
    if all(any(_is_telling(word, territory) for word in side) for side in lone):
        value *= 0.6
    elif all(any(not _is_telling(word, territory) for word in side) for side in lone):
        # "Radio Confluent" and "Télé Confluent"; less if they have two telling words, or a long one.
        value *= 0.7 if held < _MUCH_HELD else 0.9
    return value * (0.5 if _strange_places(words, territory, towns) else 1)


def _joined_alike(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """ "Jardin Bio Santé" and "Jardins BioSanté"."""
    return spelling_likeness("".join(one), "".join(other)) >= _LEAST_JOINED


# --- Words --------------------------------------------------------------------------------------------


def _pair_words(one: tuple[str, ...], other: tuple[str, ...]) -> _Words:
    """The same words, then those that are nearly spelt alike: the nearest first, whatever the side."""
    both = set(one) & set(other)
    words = _Words([(word, word, 1.0) for word in sorted(both)])
    words.first = [word for word in one if word not in both]
    words.second = [word for word in other if word not in both]
    likely = [
        (-alike, min(mine, theirs), max(mine, theirs), mine, theirs)
        for mine in words.first
        for theirs in words.second
        if (alike := spelling_likeness(mine, theirs)) >= _LEAST_SPELLING
    ]
    for unlike, _low, _high, mine, theirs in sorted(likely):
        if mine in words.first and theirs in words.second:
            words.first.remove(mine)
            words.second.remove(theirs)
            words.pairs.append((min(mine, theirs), max(mine, theirs), -unlike))
    return words


@lru_cache(maxsize=100_000)
def spelling_likeness(one: str, other: str) -> float:
    """1 for the same word, less for a plural or a slip, 0 for another word."""
    if one == other:
        return 1.0
    if not (one.isalpha() and other.isalpha()):
        # A number is another; a letter may be lost.
        return 0.97 if may_be(one, other) or may_be(other, one) else 0.0
    if min(len(one), len(other)) < 4 or abs(len(one) - len(other)) > 2:
        return 0.0
    if one.rstrip("sxe") == other.rstrip("sxe"):
        return 0.95
    longest = max(len(one), len(other))
    most = 1 if longest < 8 else 2
    distance = OSA.distance(one, other, score_cutoff=most)
    return 1 - distance / longest if distance <= most else 0.0


def _read_acronyms(words: _Words, one: Reading, other: Reading) -> bool:
    """Pairs a lone acronym with the words that it is the initials of; returns whether there was one."""
    found = False
    for mine, theirs, reading in ((words.first, words.second, other), (words.second, words.first, one)):
        for acronym in [word for word in mine if len(word) in ACRONYM_LETTERS and word.isalpha()]:
            if stood_for := reading.words_with_initials(acronym):
                mine.remove(acronym)
                for word in stood_for:
                    if word in theirs:
                        theirs.remove(word)
                        words.pairs.append((word, acronym, 1.0))
                found = True
    return found


def _is_telling(word: str, territory: Territory) -> bool:
    if word.isdecimal():
        return len(word) >= 4
    return not (is_common(word) or territory.is_place(word) or word in WORDS["ordinary"])


def _weight(word: str, territory: Territory) -> float:
    if territory.is_place(word):
        return 0.25
    return min(1.6, 0.5 + len(word) / 8) if _is_telling(word, territory) else 0.35


# --- What tells apart -----------------------------------------------------------------------------------


def _numbers_differ(words: _Words) -> bool:
    """Each says another number or ordinal."""
    return all(any(_is_number(word) for word in side) for side in (words.first, words.second))


def _is_number(word: str) -> bool:
    return word.isdecimal() or word in WORDS["ordinals"]


def _is_related(words: _Words) -> bool:
    """One is the foundation, the friends, the union of the other."""
    return bool(words.pairs) and any(word in WORDS["related"] for word in (*words.first, *words.second))


def _is_branch(words: _Words) -> bool:
    """One says "succursale" or a number that the other does not; or both do, of something else."""
    lone = (*words.first, *words.second)
    if any(word in WORDS["branch"] or (_is_number(word) and len(word) < 4) for word in lone):
        return bool(words.pairs)
    return bool(lone) and any(word in WORDS["branch"] for word, *_rest in words.pairs)


def _places_differ(words: _Words, territory: Territory, towns: tuple[str, str]) -> bool:
    """Both say a place that the other does not, and not two names of one."""
    sides = [[word for word in side if territory.is_place(word)] for side in (words.first, words.second)]
    return all(sides) and _strange_places(words, territory, towns)


def _strange_places(words: _Words, territory: Territory, towns: tuple[str, str]) -> bool:
    """Whether one says a place that is not where the other is."""
    return any(
        territory.is_place(word) and not territory.is_of(word, town)
        for side, town in ((words.first, towns[1]), (words.second, towns[0]))
        for word in side
    )
