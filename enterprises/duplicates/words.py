"""The words of names of enterprises, as they are compared."""

from __future__ import annotations

import contextlib
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from sys import intern
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

from pole.search import unaccented

_FILE: dict[str, Any] = tomllib.loads(
    (Path(__file__).parents[1] / "data" / "words.toml").read_text(encoding="utf-8")
)
ACRONYMS: dict[str, tuple[str, ...]] = {
    acronym: tuple(words.split()) for acronym, words in _FILE.pop("acronyms").items()
}
# By kind: each is explained in the file.
WORDS: dict[str, frozenset[str]] = {kind: frozenset(words) for kind, words in _FILE.items()}
_ABBREVIATIONS = {
    "st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes", "n": "no", "&": "et", "ass": "association",
    "assoc": "association", "asso": "association", "cent": "centre", "ctre": "centre", "qc": "quebec",
}  # fmt: skip
_NUMBERS = {
    "deux": "2", "trois": "3", "quatre": "4", "cinq": "5", "six": "6", "sept": "7", "huit": "8", "dix": "10",
}  # fmt: skip
# "12e" as 12.
_RANK = re.compile(r"^(\d+)(?:e|er|re|ere|ieme|eme|nd|nde|th)$")
_LOST = "\N{REPLACEMENT CHARACTER}"
_ELISION = re.compile(r"\b(?:l|d|j|qu|n|s|c|m|t)['’‘´`]")
_LOST_APOSTROPHE = re.compile(rf"\b(?:l|d|j|qu|n|s|c|m|t){_LOST}(?=[aeiouyh{_LOST}])")
_MARK_IN_WORD = re.compile(r"(?<=[^\W\d_])\?+(?=[^\W\d_])")
_WORD = re.compile(rf"[a-z0-9&{_LOST}]+")
_DOTTED = re.compile(r"(?<![a-z0-9])[a-z](?:[.\-] ?[a-z])+(?![a-z0-9])")
_SPACED = re.compile(r"(?<![a-z0-9])[a-z](?: [a-z]){2,}(?![a-z0-9])")
_BRACKETED = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_ALSO_CALLED = re.compile(
    r"\b(?:faisant affaires? sous(?: le nom de)?|f\.? ?a\.? ?s\.?|aussi connue? sous(?: le nom de)?|alias)\b"
)
_NUMBERED = re.compile(r"\b\d{4}[- ]?\d{4} quebec(?: inc)?\b")
MAX_READINGS = 6
_POINT_OF_SERVICE = re.compile(r"\bpoints? de services?\b")
_BRANCH_OF_CAISSE = re.compile(r"\b(?:points?|centres?) de services?\b")
_CAISSE = re.compile(r"\bcaisses?\b|\bdesjardins\b")
# Of an acronym that is read from the initials of a name.
ACRONYM_LETTERS = range(3, 9)
# Without a letter in most acronyms.
SMALL_WORDS = frozenset(
    {"de", "d", "du", "des", "la", "le", "les", "l", "a", "au", "aux", "et", "en", "pour", "sur"}
)
# A letter that was lost or mistyped leaves a longer word of the lists recognisable.
_LEAST_LETTERS_TO_MEND = 8
_LISTED = sorted(
    word for word in WORDS["legal"] | WORDS["common"] if len(word) >= _LEAST_LETTERS_TO_MEND
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a name."""

    # Each word once, in its order: without legal words, known acronyms written out.
    words: tuple[str, ...]
    # Whether an acronym was written out.
    has_acronym: bool
    # What acronyms take letters of: its words but small ones, or all; the first letters of each.
    abbreviated: tuple[tuple[tuple[str, ...], str], ...]

    def words_with_initials(self, acronym: str) -> tuple[str, ...]:
        """The words in a row that begin with its letters, small words perhaps left out; none if there are none."""
        for words, initials in self.abbreviated:
            if (start := initials.find(acronym)) >= 0:
                return words[start : start + len(acronym)]
        return ()


def words_of_name(name: str) -> list[str]:
    """The words of a name, unaccented, abbreviations written out, legal words left out."""
    found = _written_words(_plain(name))
    return [word for word in found if word not in WORDS["legal"]] or found


def name_match_key(name: str) -> str:
    """Names with the same key match, whatever their case, accents, marks, "inc." or order."""
    return " ".join(sorted(words_of_name(name)))


def readings_of(name: str) -> tuple[Reading, ...]:
    """The whole name; and what else it says that the enterprise is called: an acronym in brackets, a trade name."""
    text = _plain(name)
    parts = [text, *_ALSO_CALLED.split(text)]
    if numbered := _NUMBERED.search(text):
        parts.append(text.replace(numbered[0], " "))
    for bracketed in _BRACKETED.findall(text):
        outside = text.replace(bracketed, " ")
        if _is_acronym_of(bracketed, outside):
            parts += [outside, bracketed]
    if acronym := _acronym_beside(text):
        parts += [re.sub(rf"\b{acronym}\b", " ", text), acronym]
    named = [part for part in dict.fromkeys(parts) if part == text or _names_something(part)]
    return tuple(dict.fromkeys(_read(part) for part in named))[:MAX_READINGS]


def _names_something(part: str) -> bool:
    return any(word not in WORDS["legal"] for word in _WORD.findall(part))


def _acronym_beside(text: str) -> str:
    """The first or last word, when it is the initials of the others: "RAPL – Regroupement des artisans…"."""
    words = _written_words(text)
    for acronym, rest in ((words[0], words[1:]), (words[-1], words[:-1])) if len(words) > 3 else ():
        if len(acronym) > 2 and any(acronym in initials for _words, initials in _abbreviated(rest)):
            return acronym
    return ""


def _abbreviated(written: Sequence[str]) -> tuple[tuple[tuple[str, ...], str], ...]:
    every = tuple(written)
    small_left_out = tuple(word for word in written if word not in SMALL_WORDS)
    kept = (small_left_out, every) if len(small_left_out) < len(every) else (every,)
    return tuple((words, "".join(word[0] for word in words)) for words in kept)


def _is_acronym_of(text: str, outside: str) -> bool:
    """Whether it is one of the field, or all its letters but one begin words of the rest, in their order."""
    words = _written_words(text)
    if len(words) != 1 or not 2 <= len(words[0]) <= 8:
        return False
    initials = iter(word[0] for word in _written_words(outside))
    return words[0] in ACRONYMS or sum(letter in initials for letter in words[0]) >= max(2, len(words[0]) - 1)


def _read(text: str) -> Reading:
    branch = _BRANCH_OF_CAISSE if _CAISSE.search(text) else _POINT_OF_SERVICE
    text = branch.sub(" succursale ", text)
    written = _written_words(text)
    expanded: list[str] = []
    for word in written:
        expanded += ACRONYMS.get(word, (word,))
    mended = [_NUMBERS.get(word, _mend(word)) for word in expanded]
    words = [word for word in mended if word not in WORDS["legal"]] or mended
    written = [intern(word) for word in written]
    return Reading(
        tuple(intern(word) for word in dict.fromkeys(words)),
        any(word in ACRONYMS for word in written),
        _abbreviated(written),
    )


def _plain(name: str) -> str:
    """Unaccented and in lower case; UTF-8 that was read as Windows-1252 is repaired."""
    if "Ã" in name or "â€" in name:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp1252").decode("utf-8")
    # "coop?rative": where an accent was.
    return _MARK_IN_WORD.sub(lambda found: _LOST * len(found[0]), unaccented(name))


def _written_words(text: str) -> list[str]:
    text = _LOST_APOSTROPHE.sub(" ", _ELISION.sub(" ", text))
    for initials in (_DOTTED, _SPACED):
        text = initials.sub(lambda found: re.sub(r"[^a-z]", "", found[0]), text)
    # A name in another writing is compared as it stands; one of signs alone, too.
    found = _WORD.findall(text) or re.findall(r"\w+", text) or text.split()
    return [_ABBREVIATIONS.get(word) or _RANK.sub(r"\1", word) for word in found]


@lru_cache(maxsize=20_000)
def _mend(word: str) -> str:
    """The word of the lists that this one is, with a slip or a lost letter; else the word."""
    if _LOST in word:
        every = sorted(WORDS["legal"] | WORDS["common"])
        return next((listed for listed in every if may_be(word, listed)), word)
    if len(word) < _LEAST_LETTERS_TO_MEND or is_common(word) or word in WORDS["legal"]:
        return word
    found = process.extractOne(word, _LISTED, scorer=OSA.distance, score_cutoff=1)
    return found[0] if found else word


def may_be(word: str, other: str) -> bool:
    """Whether `word`, some letters of which were lost, may be `other`; a lost letter may be one too many."""
    if _LOST not in word:
        return False
    pattern = re.sub(f"{_LOST}+", lambda found: f"[a-z]{{0,{2 * len(found[0])}}}", word)
    return re.fullmatch(pattern, other) is not None


def is_common(word: str) -> bool:
    return word in WORDS["common"] or word in WORDS["related"] or word in WORDS["branch"]
