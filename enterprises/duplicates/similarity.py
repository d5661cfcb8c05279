"""Listings that may be one enterprise: same NEQ, same domain, or similar names in neighbouring municipalities.

A place name, a number or another rare word that only one of two names has tells them apart, as branches of one
network are.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pole.search import unaccented

# By kind: each is explained in the file.
WORDS: dict[str, frozenset[str]] = {
    kind: frozenset(words)
    for kind, words in tomllib.loads(
        (Path(__file__).parents[1] / "data" / "words.toml").read_text(encoding="utf-8")
    ).items()
}
_ABBREVIATIONS = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes", "n": "no", "&": "et"}
MIN_LIKENESS = 0.72
MIN_LIKENESS_WITH_PROOF = 0.45


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is compared of an enterprise."""

    # The listing's primary key; in an import, minus the row's number for a listing that the row would create,
    # and 0 for the row being compared.
    key: int
    name: str
    neq: str = ""
    # Its own domain, from `enterprises.ownership.email_domains.own_domain`.
    domain: str = ""
    phone: str = ""
    municipality: str = ""
    other_names: tuple[str, ...] = ()
    email: str = ""
    street: str = ""
    postal_code: str = ""
    # The key of the listing that this one is a branch of; None when it is none.
    parent: int | None = None


@dataclass(slots=True)
class Territory:
    """What the comparison knows of places."""

    # Unaccented words of the names of municipalities and MRCs.
    words: frozenset[str] = frozenset()
    neighbours: dict[str, frozenset[str]] = field(default_factory=dict)

    def are_near(self, one: str, other: str) -> bool:
        return not one or not other or one == other or other in self.neighbours.get(one, ())


def words_of_name(name: str) -> list[str]:
    """The words of a name, unaccented, abbreviations written out, legal words left out."""
    text = re.sub(r"\b(?:l|d|j|qu|n|s|c|m|t)['’]", " ", unaccented(name))
    # A name in another writing is compared as it stands.
    found = re.findall(r"[a-z0-9&]+", text) or re.findall(r"\w+", text)
    words = [_ABBREVIATIONS.get(word, word) for word in found]
    distinctive = [word for word in words if word not in WORDS["legal"]]
    return distinctive or words


def name_match_key(name: str) -> str:
    """Names with the same key match, whatever their case, accents, marks, "inc." or order."""
    return " ".join(sorted(words_of_name(name)))


def likeness_of_names(one: str, other: str, territory: Territory) -> float:
    """0 to 1: how much of the words, weighed by how telling they are, both names have."""
    first, second = words_of_name(one), words_of_name(other)
    if sorted(first) == sorted(second):
        return 1.0
    if "".join(first) == "".join(second):
        return 0.97
    paired, alone = _pair_words(first, second)
    if any(_tells_apart(word, territory) for word in alone):
        return 0.0 if _tells_apart_both(alone, first, second, territory) else 0.4
    held = sum(_weight(word) * alike for word, alike in paired)
    lacking = sum(_weight(word) for word in alone) / 2
    return (
        held / (held + lacking + sum(_weight(word) * (1 - alike) for word, alike in paired)) if held else 0.0
    )


def _pair_words(first: list[str], second: list[str]) -> tuple[list[tuple[str, float]], list[str]]:
    """(Words of the first name that the second has, with the likeness of their spelling; the words of both that remain)."""
    left, pairs, alone = list(second), [], []
    for word in first:
        best = max(left, key=lambda other: _spelling_likeness(word, other), default=None)
        if best is not None and (alike := _spelling_likeness(word, best)) >= 0.7:
            left.remove(best)
            pairs.append((word, alike))
        else:
            alone.append(word)
    return pairs, alone + left


def _spelling_likeness(one: str, other: str) -> float:
    """1 for the same word, less for a plural or a mistake, 0 for another word."""
    if one == other:
        return 1.0
    if one.isdecimal() or other.isdecimal() or min(len(one), len(other)) < 4:
        return 0.0
    if one.rstrip("sxe") == other.rstrip("sxe"):
        return 0.95
    distance = _edit_distance(one, other)
    longest = max(len(one), len(other))
    return 1 - distance / longest if distance <= 1 + longest // 7 else 0.0


def _edit_distance(one: str, other: str) -> int:
    """Letters added, removed, replaced, or swapped with the next one."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        older, before, row = before, row, [i]
        for j, against in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _weight(word: str) -> float:
    return 0.35 if word in WORDS["common"] else min(1.6, 0.5 + len(word) / 8)


def _tells_apart(word: str, territory: Territory) -> bool:
    return word.isdecimal() or word in WORDS["ordinals"] or word in territory.words


def _tells_apart_both(alone: list[str], first: list[str], second: list[str], territory: Territory) -> bool:
    telling = [word for word in alone if _tells_apart(word, territory)]
    return any(word in first for word in telling) and any(word in second for word in telling)


def likeness(one: Candidate, other: Candidate, territory: Territory) -> float:
    """0 when they are two enterprises, else how alike they are; 1 for the same NEQ."""
    if one.neq and other.neq:
        return 1.0 if one.neq == other.neq else 0.0
    is_near = territory.are_near(one.municipality, other.municipality)
    has_proof = bool((one.domain and one.domain == other.domain) or (one.phone and one.phone == other.phone))
    if not is_near and not has_proof:
        # One name far apart: two bodies of a network more often than one that moved.
        return 0.0
    names = max(
        likeness_of_names(mine, theirs, territory)
        for mine in (one.name, *one.other_names)
        for theirs in (other.name, *other.other_names)
    )
    least = MIN_LIKENESS_WITH_PROOF if has_proof else MIN_LIKENESS
    return min(0.99, names) if names >= least else 0.0


def evidence_of(one: Candidate, other: Candidate, territory: Territory) -> tuple[str, ...]:
    """What makes them look like one enterprise: codes among neq, domain, email, phone, address, name, acronym."""
    codes = ("neq", "domain", "email", "phone")
    found = [code for code in codes if getattr(one, code) and getattr(one, code) == getattr(other, code)]
    if one.postal_code and (one.street, one.postal_code) == (other.street, other.postal_code):
        found.append("address")
    if likeness_of_names(one.name, other.name, territory) >= MIN_LIKENESS:
        found.append("name")
    return tuple(found)


class CandidateIndex:
    """Candidates, found by their blocking keys: comparing each with each would take hours."""

    def __init__(self, candidates: Iterable[Candidate], territory: Territory) -> None:
        self.territory = territory
        self._candidates: dict[int, Candidate] = {}
        self._by_blocking_key: dict[tuple[str, str], set[int]] = defaultdict(set)
        for candidate in candidates:
            self.add(candidate)

    def add(self, candidate: Candidate) -> None:
        self._candidates[candidate.key] = candidate
        for key in _blocking_keys(candidate):
            self._by_blocking_key[key].add(candidate.key)

    def matches(self, candidate: Candidate, *, limit: int = 3) -> list[tuple[Candidate, float]]:
        """The candidates that may be the same enterprise, each with its likeness, likeliest first; never `candidate` itself."""
        near: set[int] = set()
        for key in _blocking_keys(candidate):
            sharing = self._by_blocking_key.get(key, set())
            # A word in so many names finds too many; a rarer one of the same name finds the right ones.
            if len(sharing) <= 400:
                near |= sharing
        near.discard(candidate.key)
        found = [
            (self._candidates[key], value)
            for key in near
            if (value := likeness(candidate, self._candidates[key], self.territory)) > 0
        ]
        return sorted(found, key=lambda match: (-match[1], match[0].key))[:limit]


def _blocking_keys(candidate: Candidate) -> set[tuple[str, str]]:
    keys = {("neq", candidate.neq), ("domain", candidate.domain), ("phone", candidate.phone)}
    for name in (candidate.name, *candidate.other_names):
        words = words_of_name(name)
        keys.add(("key", "".join(sorted(words))))
        for word in words:
            keys.add(("word", word))
            # A mistake leaves the beginning or the end.
            if len(word) >= 5:
                keys |= {("head", word[:4]), ("tail", word[-4:])}
    return {key for key in keys if key[1]}
