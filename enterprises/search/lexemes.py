"""Lexemes of words, as the search documents of listings hold them: without accents, reduced to their stem."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.db import connection

from pole.caching.in_process import BoundedCache, process_cache
from pole.search import ENGLISH_CONFIG, FRENCH_CONFIG
from pole.text.bilingual import ENGLISH

# PostgreSQL's French stop words have their accents, which queries and documents have lost. Not "été": a season.
UNACCENTED_STOP_WORDS = frozenset({"a", "etaient", "etais", "etait", "etes", "etiez", "etions", "meme"})
# A word's stem never changes while the server runs.
_cache: BoundedCache[str, tuple[tuple[str, ...], tuple[str, ...]]] = process_cache(limit=20_000)


def lexemes_of(words: Iterable[str], language: str) -> dict[str, tuple[str, ...]]:
    """The lexemes of each word, read as French and as English; none for a stop word of `language`.

    At most one query, and none for words in the cache of this process.
    """
    words = list(dict.fromkeys(words))
    known = {word: cached for word in words if (cached := _cache.get(word)) is not None}
    if unknown := [word for word in words if word not in known]:
        known |= _read_lexemes(unknown)
    found = {}
    for word in words:
        french, english = known[word]
        is_stop_word = word in UNACCENTED_STOP_WORDS or not (english if language == ENGLISH else french)
        found[word] = () if is_stop_word else tuple(dict.fromkeys((*french, *english)))
    return found


def any_lexeme(lexemes: Iterable[str]) -> str:
    """A query, for `to_tsquery('simple', …)`, that any of the lexemes satisfies."""
    return " | ".join(f"'{lexeme}'" for lexeme in lexemes)


def with_other_number(word: str) -> list[str]:
    """The word with its plural or singular, where the French stemmer takes them for two words.

    It leaves the s of "vélos", "amis" and "menus", and the x of "jeux". A form that does not exist
    finds nothing.
    """
    if re.search("[aiou]s$|[aeo]ux$", word):
        return [word, word[:-1]]
    if re.search("[aiou]$", word):
        return [word, f"{word}s", f"{word}x"] if re.search("[aeo]u$", word) else [word, f"{word}s"]
    return [word]


def _read_lexemes(words: list[str]) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word, tsvector_to_array(to_tsvector(%s, word)), tsvector_to_array(to_tsvector(%s, word))"
            " FROM unnest(%s::text[]) AS word",
            [FRENCH_CONFIG, ENGLISH_CONFIG, words],
        )
        found = {word: (tuple(french), tuple(english)) for word, french, english in cursor.fetchall()}
    for word, lexemes in found.items():
        _cache[word] = lexemes
    return found
