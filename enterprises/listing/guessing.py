"""The sectors and the legal form that the words of a listing suggest: proposals for people to accept."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from enterprises.models import Listing, Sector
from pole.search import unaccented
from pole.search.stems import is_stop_word, stem
from pole.text.bilingual import FRENCH

TRADES = Path(__file__).parents[1] / "data" / "trades.toml"
MOST_GUESSES = 3
LONGEST_TERM, SHORTEST_BEGINNING = 4, 3
# What an enterprise calls itself tells more than what it sells, and that more than how it speaks of it.
NAME_WEIGHT, PRODUCTS_WEIGHT, MISSION_WEIGHT = 3.0, 1.5, 1.0
# A second sector needs this share of what speaks for the first.
LEAST_SHARE = 0.45

_LEGAL_FORMS = (
    (r"actionnaire", Listing.LegalForm.COOP_WORKER_SHAREHOLDERS),
    (r"solidarite|solidarity", Listing.LegalForm.COOP_SOLIDARITY),
    (r"op\w* de travail|travailleu|workers", Listing.LegalForm.COOP_WORKERS),
    (r"producteur|productrice|producers", Listing.LegalForm.COOP_PRODUCERS),
    (r"consommat|consumers|habitation|scolaire", Listing.LegalForm.COOP_CONSUMERS),
)
# “Coopération” is what centres speak of.
_COOPERATIVE = re.compile(r"\bco[- ]?op(?!eration)")
# Bodies that are legal persons without shares, but for rare ones.
_COMMUNITY_BODY = re.compile(
    r"\b(?:association|amicale|carrefour|centre|cercle|club|comite|corporation|corps|cpe|federation|fondation|foundation|garderie"
    r"|maison|mouvement|musee|organisme|popote|regroupement|ressourcerie|societe d|table|theatre)"
)


class SectorGuesser:
    """What speaks for each sector: its name and synonyms, and words of trades. Two queries at most, when it is made."""

    def __init__(self, sectors: Iterable[Sector] | None = None) -> None:
        self._keys_of: dict[tuple[str, ...], set[int]] = defaultdict(set)
        self._keys_of_beginning: dict[str, set[int]] = defaultdict(set)
        trades = _read_trades()
        for sector in Sector.objects.order_by("pk") if sectors is None else sectors:
            own, (of_trade, beginnings) = (
                (*_parts_of_name(sector), *sector.synonyms),
                trades.get(sector.slug, ([], [])),
            )
            for stems in (*map(_stems, own), *of_trade):
                if stems:
                    self._keys_of[stems].add(sector.pk)
            for beginning in beginnings:
                self._keys_of_beginning[beginning].add(sector.pk)

    def guess_sectors(self, *, name: str, mission: str, products: Sequence[str]) -> list[int]:
        """Keys of sectors, the likeliest first, `MOST_GUESSES` at most; none when no word tells anything. No query."""
        scores: dict[int, float] = defaultdict(float)
        seen: set[frozenset[int]] = set()
        parts = ((NAME_WEIGHT, [name]), (PRODUCTS_WEIGHT, products), (MISSION_WEIGHT, [mission]))
        for weight, texts in parts:
            for keys, words in (found for text in texts for found in self._terms_in(text)):
                # Said again, it tells less.
                share = weight * words / len(keys) / (2 if frozenset(keys) in seen else 1)
                seen.add(frozenset(keys))
                for key in keys:
                    scores[key] += share
        best_first = sorted(scores, key=lambda key: (-scores[key], key))
        least = LEAST_SHARE * scores[best_first[0]] if best_first else 0
        return [key for key in best_first if scores[key] >= least][:MOST_GUESSES]

    def _terms_in(self, text: str) -> Iterator[tuple[set[int], int]]:
        """(keys of the sectors, number of words) of each term of a text: the longest that begins at each place."""
        words = _telling(text)
        place = 0
        while place < len(words):
            keys, length = self._longest_term(words[place : place + LONGEST_TERM])
            if keys:
                yield keys, length
            place += length

    def _longest_term(self, words: list[tuple[str, str]]) -> tuple[set[int], int]:
        for length in range(len(words), 0, -1):
            if keys := self._keys_of.get(tuple(stem_ for _word, stem_ in words[:length])):
                return keys, length
        word = words[0][0]
        for length in range(len(word), SHORTEST_BEGINNING - 1, -1):
            if keys := self._keys_of_beginning.get(word[:length]):
                return keys, 1
        return set(), 1


@cache
def _read_trades() -> dict[str, tuple[list[tuple[str, ...]], list[str]]]:
    """The terms of each sector, as stems, and the beginnings of words, by slug."""
    return {
        slug: (
            [_stems(term) for term in terms if not term.endswith("*")],
            [unaccented(term[:-1]) for term in terms if term.endswith("*")],
        )
        for slug, terms in tomllib.loads(TRADES.read_text(encoding="utf-8")).items()
    }


def _stems(term: str) -> tuple[str, ...]:
    return tuple(stem_ for _word, stem_ in _telling(term))[:LONGEST_TERM]


def _parts_of_name(sector: Sector) -> list[str]:
    """“Arts, culture et patrimoine” is three words of trade."""
    return [part for name in (sector.name, sector.name_en) for part in re.split(r",| et | and ", name)]


def _telling(text: str) -> list[tuple[str, str]]:
    """(word, stem) of the words of a text that tell something."""
    words = re.findall(r"[a-z0-9]+", unaccented(text))
    return [(word, stem(word, FRENCH)) for word in words if len(word) > 1 and not is_stop_word(word, FRENCH)]


def guess_legal_form(text: str, *, is_declared: bool = False) -> str:
    """The legal form that a text names, or "". `is_declared` is false for a name: only unambiguous words count then."""
    key = unaccented(text)
    if text in Listing.LegalForm.values:
        return text
    if re.search(r"\bmutuelle|\bmutual", key):
        return Listing.LegalForm.MUTUAL
    if _COOPERATIVE.search(key):
        found = next((form for pattern, form in _LEGAL_FORMS if re.search(pattern, key)), "")
        return str(found)
    if re.search(r"\bobnl\b|\bosbl\b|but non lucratif|non[- ]profit|\bobl\b", key):
        return Listing.LegalForm.NPO
    if is_declared and re.search(r"personne morale sans but|association|organisme|npo", key):
        return Listing.LegalForm.NPO
    return ""


def suggest_legal_form(name: str) -> str:
    """As `guess_legal_form` of a name, or what bodies that are called so nearly always are: for a person to confirm."""
    if form := guess_legal_form(name):
        return form
    key = unaccented(name)
    is_npo = _COMMUNITY_BODY.search(key) and not _COOPERATIVE.search(key)
    return str(Listing.LegalForm.NPO) if is_npo else ""
