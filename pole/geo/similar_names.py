"""The names of a list that a written one resembles: misspelt, shortened or lengthened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import reduce

# `difflib` ratio under which two names are those of two towns.
SIMILARITY_THRESHOLD = 0.8
MAX_SIMILAR = 4
# A longer text is no name: comparing it would only take time.
MAX_COMPARED = 60
# Words of many names, by which none is known.
_COMMON = frozenset(
    [
        "a",
        "au",
        "aux",
        "d",
        "de",
        "des",
        "du",
        "en",
        "et",
        "l",
        "la",
        "le",
        "les",
        "sur",
        "s",
        "saint",
        "sainte",
        "saints",
        "saintes",
        "notre",
        "dame",
        "ville",
        "lac",
        "baie",
        "ile",
        "riviere",
        "mont",
        "nord",
        "sud",
        "est",
        "ouest",
        "centre",
        "grand",
        "grande",
        "petit",
        "petite",
        "vieux",
        "vieille",
        "haut",
        "haute",
        "bas",
        "basse",
    ]
)


class SimilarNames:
    """An index of keys, as `municipality_name_key` writes them."""

    def __init__(self, keys: Iterable[str]) -> None:
        self.by_length: dict[int, list[str]] = defaultdict(list)
        self.by_word: dict[str, set[str]] = defaultdict(set)
        for key in keys:
            self.by_length[len(key)].append(key)
            for word in set(key.split()) - _COMMON:
                self.by_word[word].add(key)

    def of(self, key: str) -> list[str]:
        """The keys spelt almost alike, best first; then those that hold this one or are held by it."""
        if len(key) > MAX_COMPARED:
            return list(self._held(key))
        close = get_close_matches(key, self._of_like_length(key), n=MAX_SIMILAR, cutoff=SIMILARITY_THRESHOLD)
        return list(dict.fromkeys([*close, *self._holding(key), *self._held(key)]))

    def _of_like_length(self, key: str) -> Iterator[str]:
        """No other can reach the threshold, which is of twice the letters in common over all letters."""
        share = SIMILARITY_THRESHOLD / (2 - SIMILARITY_THRESHOLD)
        for length, keys in self.by_length.items():
            if share <= length / len(key) <= 1 / share:
                yield from keys

    def _holding(self, key: str) -> list[str]:
        """« valleyfield »: « salaberry de valleyfield »."""
        words = set(key.split()) - _COMMON
        if not words:
            return []
        keys = reduce(set.intersection, (self.by_word.get(word, set()) for word in words))
        return sorted(other for other in keys if f" {key} " in f" {other} ")

    def _held(self, key: str) -> list[str]:
        """« quartier general de beauharnois »: « beauharnois », the longest first."""
        near = {other for word in set(key.split()) - _COMMON for other in self.by_word.get(word, ())}
        return sorted(
            (other for other in near if f" {other} " in f" {key} "), key=lambda other: (-len(other), other)
        )
