"""Words as the index holds them: without accents, reduced to a stem that a singular shares with its plural."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from pole.caching.in_process import BoundedCache, process_cache
from pole.text.bilingual import ENGLISH, FRENCH

MAX_STEMS = 200_000
# French stop words have accents, which queries and documents have lost. Not "été": a season.
UNACCENTED_STOP_WORDS = frozenset({"a", "etaient", "etais", "etait", "etes", "etiez", "etions", "meme"})
# "maïs" and "fût" without their accents: each is something to sell.
UNACCENTED_WORDS = frozenset({"mais", "fut"})
FAMILY_LENGTH = 5
# "chevaux" and "locaux" are left to the stemmer; "bureaux" and "tuyaux" are not.
_PLURAL = re.compile(r"(?<=..)[^s]s$|(?:[ey]a|[eo])ux$")
# The letters of an acronym: how many of an initialism's first ones people type.
ACRONYM_LENGTHS = range(3, 8)


def _analyzer(*filters: Filter) -> TextAnalyzer:
    builder = TextAnalyzerBuilder(Tokenizer.raw())
    for each in filters:
        builder = builder.filter(each)
    return builder.build()


_STEMMERS = {FRENCH: _analyzer(Filter.stemmer("french")), ENGLISH: _analyzer(Filter.stemmer("english"))}
_STOP_WORDS = {FRENCH: _analyzer(Filter.stopword("french")), ENGLISH: _analyzer(Filter.stopword("english"))}
# What a word is never changes while the process runs.
_stems: BoundedCache[tuple[str, str], str] = process_cache(limit=MAX_STEMS)
_are_stop_words: BoundedCache[tuple[str, str], bool] = process_cache(limit=MAX_STEMS)


def stem(word: str, language: str) -> str:
    """Of one unaccented word."""
    found = _stems.get((language, word))
    if found is None:
        found = _stems[language, word] = (
            _french_stem(word) if language == FRENCH else _reduced(word, language)
        )
    return found


def _french_stem(word: str) -> str:
    """One for both numbers, where the stemmer leaves two."""
    # As "travail" and "travaux", which is stemmed as "locaux" is.
    return re.sub("ail$", "al", _reduced(singulars(word)[-1], FRENCH))


def _reduced(word: str, language: str) -> str:
    (found,) = _STEMMERS[language].analyze(word)
    return found


def stems_of(word: str) -> tuple[str, ...]:
    """Those of a word that may be French or English: each once."""
    french = stem(word, FRENCH)
    # As an English text has "animal", for who types "animaux".
    return tuple(dict.fromkeys((french, stem(word, ENGLISH), stem(french, ENGLISH))))


def telling(found: Sequence[str], language: str) -> list[str]:
    """The stems of the words of a phrase, without those that tell nothing by themselves."""
    return [stem(word, language) for word in found if not is_stop_word(word, language)]


def is_stop_word(word: str, language: str) -> bool:
    """Whether an unaccented word tells nothing by itself, in this language."""
    found = _are_stop_words.get((language, word))
    if found is None:
        is_unaccented = language == FRENCH and word in UNACCENTED_STOP_WORDS
        is_word = language == FRENCH and word in UNACCENTED_WORDS
        found = not is_word and (is_unaccented or not _STOP_WORDS[language].analyze(word))
        _are_stop_words[language, word] = found
    return found


def tell_nothing(found: Sequence[str], language: str) -> bool:
    """Whether none of these words, if there is one, tells anything by itself."""
    return all(is_stop_word(word, language) for word in found)


def family(word: str) -> str:
    """What words of one root begin with, as "comptable" and "comptabilité"; "" for a short one, which may share no root."""
    singular = singulars(word)[-1]
    return singular[:FAMILY_LENGTH] if len(singular) > FAMILY_LENGTH else ""


@lru_cache(maxsize=MAX_STEMS)
def singulars(word: str) -> tuple[str, ...]:
    """The word, and what it may be the plural of."""
    return (word, word[:-1]) if _PLURAL.search(word) else (word,)


def initials(words: Iterable[str]) -> list[str]:
    """What people may call a name by its initials: of "Centre d'action bénévole de l'Anse", "cab" and "caba"."""
    letters = "".join(word[0] for word in words if not is_stop_word(word, FRENCH) and word[0].isalpha())
    return [letters[:length] for length in ACRONYM_LENGTHS if length <= len(letters)]


def joined(words: list[str]) -> list[str]:
    """Neighbours written as one word: "co-op" is also "coop", "week-end" "weekend"."""
    return [first + second for first, second in pairwise(words)]
