"""Slips of the keyboard, the same at each run: one letter dropped, doubled, replaced or swapped, an accent lost or wrong."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from pole.search import unaccented

# Accents that people take one for the other, or leave out.
ACCENTS = {
    "é": "eè", "è": "eé", "ê": "eé", "ë": "eé", "à": "aâ", "â": "aà", "î": "iï", "ï": "iî", "ô": "oö", "û": "uù", "ù": "uû", "ç": "c",
}  # fmt: skip
WRONG_ACCENTS = {"e": "éè", "a": "àâ", "u": "ùû", "o": "ô", "i": "îï"}


@dataclass(frozen=True, slots=True)
class Slip:
    kind: str
    typed: str
    meant: str


def make_slips(
    words: Sequence[str], keyboard: Sequence[str], other_words: Collection[str], count: int
) -> list[Slip]:
    """`count` slips, each word in turn with the next kind; never another number of the word nor one of `other_words`.

    Those are as `singular` makes them.
    """
    makers = _makers(keyboard)
    kinds = list(makers)
    slips: dict[str, Slip] = {}
    for turn in range(len(kinds)):
        for number, word in enumerate(words):
            kind = kinds[(number + turn) % len(kinds)]
            typed = _first_fit(word, kind, makers[kind], other_words, of_letters=kind != "accent")
            if typed and len(slips) < count:
                slips.setdefault(typed, Slip(kind, typed, word))
    return list(slips.values())


def make_double_slips(
    words: Sequence[str], keyboard: Sequence[str], other_words: Collection[str], count: int
) -> list[Slip]:
    """Two slips a word, one in each half of it, of two kinds that change letters."""
    makers = {kind: make for kind, make in _makers(keyboard).items() if kind != "accent"}
    kinds = list(makers)
    slips: dict[str, Slip] = {}
    for turn in range(len(kinds)):
        for number, word in enumerate(words):
            first, second = kinds[(number + turn) % len(kinds)], kinds[(number + 2 * turn + 1) % len(kinds)]
            middle = len(word) // 2

            def make(word: str, rng: random.Random, first=first, second=second, middle=middle) -> str:
                return makers[first](word[:middle], rng) + makers[second](word[middle:], rng)

            typed = _first_fit(word, f"{first} {second}", make, other_words, of_letters=True)
            if typed and len(slips) < count:
                slips.setdefault(typed, Slip(f"{first}, {second}", typed, word))
    return list(slips.values())


def singular(word: str) -> str:
    """Near enough to compare: unaccented, without a final s or x."""
    return unaccented(word).rstrip("sx")


def _first_fit(
    word: str,
    kind: str,
    make: Callable[[str, random.Random], str],
    other_words: Collection[str],
    *,
    of_letters: bool,
) -> str | None:
    """What can be taken for a slip of the word; None when ten attempts give none."""
    rng = random.Random(f"{word} {kind}")
    for _attempt in range(10):
        typed = make(word, rng)
        if of_letters and singular(typed) in {singular(word), *other_words}:
            continue
        if typed != word:
            return typed
    return None


def _makers(keyboard: Sequence[str]) -> dict[str, Callable[[str, random.Random], str]]:
    beside = _neighbours(keyboard)

    def drop(word: str, rng: random.Random) -> str:
        at = rng.randrange(len(word))
        return word[:at] + word[at + 1 :]

    def double(word: str, rng: random.Random) -> str:
        at = rng.randrange(len(word))
        return word[: at + 1] + word[at:]

    def replace(word: str, rng: random.Random) -> str:
        at = rng.randrange(len(word))
        letter = rng.choice(beside.get(unaccented(word[at])[0], "e"))
        return word[:at] + letter + word[at + 1 :]

    def swap(word: str, rng: random.Random) -> str:
        at = rng.randrange(len(word) - 1)
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]

    def accent(word: str, rng: random.Random) -> str:
        known = ACCENTS if any(letter in ACCENTS for letter in word) else WRONG_ACCENTS
        places = [at for at, letter in enumerate(word) if letter in known]
        at = rng.choice(places)
        return word[:at] + rng.choice(known[word[at]]) + word[at + 1 :]

    return {"dropped": drop, "doubled": double, "replaced": replace, "swapped": swap, "accent": accent}


def _neighbours(keyboard: Sequence[str]) -> dict[str, str]:
    """By letter, those whose keys touch its own: each row stands half a key to the right of the one above."""
    beside = {}
    for number, row in enumerate(keyboard):
        for at, letter in enumerate(row):
            touching = [row[at - 1] if at else "", row[at + 1 : at + 2]]
            if number:
                touching.append(keyboard[number - 1][at : at + 2])
            if number + 1 < len(keyboard):
                below = keyboard[number + 1]
                touching.append(below[max(0, at - 1) : at + 1])
            beside[letter] = "".join(touching)
    return beside
