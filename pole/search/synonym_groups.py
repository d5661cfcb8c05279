"""The groups of synonyms: those proposed with the portal, as this hub changed them, and its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from pole.models import SynonymGroup
from pole.search.words import query_words

_AIL = re.compile(r"ail$|ails$|(?<![ey])aux$")
MAX_TERM_LENGTH, MAX_TERMS = 60, 30

_DEFAULTS = Path(__file__).parent.parent / "data" / "synonyms.txt"
# Left out of comparisons: a query says each of them once, wherever it says it again. Not "the": it is "thé" too.
_LITTLE_WORDS = frozenset(
    ["a", "au", "aux", "de", "des", "du", "en", "et", "la", "le", "les", "un", "une", "and", "of"]
)


def term_key(words: Sequence[str]) -> tuple[str, ...]:
    """What two terms have in common when they are the same one: each word once. Empty when nothing of them can be compared."""
    return tuple(dict.fromkeys(_singular(word) for word in words if word not in _LITTLE_WORDS))


# A save compares each of its terms with those of every group.
@lru_cache(maxsize=10_000)
def key_of(term: str) -> tuple[str, ...]:
    return term_key(query_words(term))


def _singular(word: str) -> str:
    if _AIL.search(word):
        # "travail" and "travaux".
        return _AIL.sub("al", word)
    return word[:-1] if len(word) > 3 and word[-1] in "sx" else word


def split_terms(line: str) -> tuple[str, ...]:
    """The terms between commas, each once, however it is written."""
    terms: dict[tuple[str, ...] | str, str] = {}
    for part in line.replace("\n", ",").split(","):
        if term := " ".join(part.split()):
            terms.setdefault(key_of(term) or term, term)
    return tuple(terms.values())


@cache
def default_groups() -> tuple[tuple[str, ...], ...]:
    """Those of the file, as it writes them."""
    lines = (line.partition("#")[0].strip() for line in _DEFAULTS.read_text(encoding="utf-8").splitlines())
    return tuple(split_terms(line) for line in lines if line)


def name_of_default(terms: Sequence[str]) -> str:
    """The name of a default group, in addresses and in `SynonymGroup.replaces`: its first term."""
    return "-".join(key_of(terms[0]))


@dataclass(frozen=True, slots=True)
class Group:
    """A group as the hub has it now."""

    # The terms that searches use; none when it is switched off.
    terms: tuple[str, ...]
    # Those proposed with the portal; none for a group of the hub's own.
    proposed: tuple[str, ...]
    row: SynonymGroup | None

    @property
    def key(self) -> int | None:
        """That of its row."""
        return self.row.pk if self.row else None

    @property
    def name(self) -> str:
        """That of the proposed group; empty for one of the hub's own."""
        return name_of_default(self.proposed) if self.proposed else ""

    @property
    def is_off(self) -> bool:
        return self.row is not None and self.row.is_off

    @property
    def state(self) -> str:
        if not self.proposed:
            return "added"
        if self.is_off:
            return "off"
        return "changed" if self.terms != self.proposed else "proposed"

    @property
    def shown_terms(self) -> tuple[str, ...]:
        """Its terms, were it in use."""
        return self.terms or (tuple(self.row.terms) if self.row else ()) or self.proposed


def current_groups() -> list[Group]:
    """The hub's own, newest first, then those of the file. One query."""
    rows = list(SynonymGroup.objects.all())
    defaults = default_groups()
    # By any of their terms: a later version of the file may begin a group with another one.
    names = {"-".join(key_of(term)): name_of_default(terms) for terms in defaults for term in terms}
    changed = {names[row.replaces]: row for row in rows if row.replaces in names}
    own = [Group(tuple(row.terms), (), row) for row in rows if row.replaces not in names and not row.is_off]
    return [
        *(group for group in own if group.terms),
        *(_as_changed(terms, changed.get(name_of_default(terms))) for terms in defaults),
    ]


def _as_changed(proposed: tuple[str, ...], row: SynonymGroup | None) -> Group:
    terms = tuple(row.terms) if row and row.terms else proposed
    return Group(() if row and row.is_off else terms, proposed, row)


def group_with(term: str, groups: Iterable[Group]) -> Group | None:
    """The first of `groups` that has this term."""
    key = key_of(term)
    return next((group for group in groups if any(key_of(other) == key for other in group.terms)), None)
