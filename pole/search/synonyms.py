"""Which terms a search also looks for: the groups of synonyms, found in the words of a query."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils import timezone

from pole.caching.in_process import BoundedCache, process_cache
from pole.caching.public_pages import PublicState, read_public_state
from pole.search.synonym_groups import current_groups, key_of, term_key
from pole.search.words import ELIDED, all_words

# Words of a term as `pole.search.words.all_words` gives them, for a phrase: with little words and elided articles.
type Term = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """A term of a group, found in a query at the places from `start` to `end` (excluded), and the others of its group."""

    start: int
    end: int
    terms: tuple[Term, ...]


class Synonyms:
    """Groups of terms, ready to be found in queries.

    A term is compared without accents, capitals, little words ("de", "la"…) nor the s or x of a plural. One that is in
    several groups has the other terms of each.
    """

    def __init__(self, groups: Iterable[Sequence[str]]) -> None:
        """`groups`: terms as people write them. Whatever has no word to compare is left out."""
        self._others: dict[Term, dict[Term, Term]] = {}
        for group in groups:
            terms = {key: tuple(all_words(term)) for term in group if (key := key_of(term))}
            for key in terms:
                others = self._others.setdefault(key, {})
                others.update((other, words) for other, words in terms.items() if other != key)
        self._longest = max(map(len, self._others), default=0)

    def alternatives(self, words: Sequence[str]) -> list[Alternative]:
        """Of words as `pole.search.query_words` gives them: in their order, longest terms first where they overlap."""
        # Each once, as a term has them: "eau" and "eaux" are the same.
        first: dict[str, int] = {}
        for place, word in enumerate(words):
            for key in term_key([word]):
                first.setdefault(key, place)
        keys = [(place, key) for key, place in first.items()]
        found: list[Alternative] = []
        taken: set[int] = set()
        for length in range(min(self._longest, len(keys)), 0, -1):
            for start in range(len(keys) - length + 1):
                places = range(start, start + length)
                others = self._others.get(tuple(key for _place, key in keys[start : start + length]))
                if others and taken.isdisjoint(places):
                    taken.update(places)
                    found.append(Alternative(keys[start][0], keys[places[-1]][0] + 1, tuple(others.values())))
        return sorted(found, key=lambda alternative: alternative.start)


# By content version of the scope "hub".
_synonyms: BoundedCache[int, Synonyms] = process_cache(limit=1)


def synonyms_at(public_state: PublicState) -> Synonyms:
    """Those of the hub: no query when this process already knows this state of them."""
    return _synonyms.get_or_make(
        public_state.version_of("hub"), lambda: Synonyms(group.terms for group in current_groups())
    )


def current_synonyms() -> Synonyms:
    """One query, to know whether they changed: for what has no public state at hand."""
    return synonyms_at(read_public_state(timezone.now()))


def expand_synonyms(words: Sequence[str], synonyms: Synonyms | None = None) -> list[str]:
    """`words`, then their synonyms of one word. One query without `synonyms`."""
    found = (synonyms or current_synonyms()).alternatives(words) if words else []
    terms = [
        [word for word in term if word not in ELIDED] for alternative in found for term in alternative.terms
    ]
    return list(dict.fromkeys([*words, *(term[0] for term in terms if len(term) == 1)]))
