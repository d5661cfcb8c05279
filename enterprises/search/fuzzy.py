"""What a mistyped word may have meant, among the words of the directory."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

# Like pg_trgm's word_similarity, 1 is the same word. "erabel" and "erables" are 0.5 alike.
MIN_SIMILARITY = 0.45
# Shorter words have too few trigrams to tell a mistake from another word.
MIN_LENGTH = 4


class Vocabulary:
    """The distinct words of some unaccented, lower-case texts, indexed by their trigrams."""

    def __init__(self, texts: Iterable[str]) -> None:
        words = {word for word in re.findall(r"[a-z0-9]+", " ".join(texts)) if len(word) >= MIN_LENGTH}
        self._words = sorted(words)
        self._sizes = [len(word) + 1 for word in self._words]
        self._words_by_trigram: dict[str, list[int]] = defaultdict(list)
        for number, word in enumerate(self._words):
            for trigram in _trigrams(word):
                self._words_by_trigram[trigram].append(number)

    def similar_words(self, word: str, limit: int = 3) -> list[str]:
        """The most alike words, best first; none for a short word or one like no other."""
        if len(word) < MIN_LENGTH:
            return []
        typed = _trigrams(word)
        shared = Counter(number for trigram in typed for number in self._words_by_trigram.get(trigram, ()))
        alike = [
            (count / max(len(typed), self._sizes[number]), self._words[number])
            for number, count in shared.items()
        ]
        found = sorted(
            (pair for pair in alike if pair[0] >= MIN_SIMILARITY), key=lambda pair: (-pair[0], pair[1])
        )
        # Far behind the best, a word is another one.
        return [other for likeness, other in found[:limit] if likeness >= found[0][0] - 0.15]


def _trigrams(word: str) -> set[str]:
    padded = f"  {word} "
    return {padded[start : start + 3] for start in range(len(padded) - 2)}
