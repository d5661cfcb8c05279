"""What each row of a file is, or resembles: listings, and other rows of the file.

A row is compared with the whole directory once, at the trial; what it resembles is then stored beside it, so that
an answer about it asks nothing of the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any

from enterprises.duplicates.merging import candidate_of
from enterprises.duplicates.similarity import (
    Candidate,
    CandidateIndex,
    Territory,
    evidence_of,
    name_match_key,
    words_of_name,
)
from enterprises.listing.guessing import guess_legal_form
from enterprises.models import ImportRow, Listing
from pole.search import unaccented

# Among the evidence: they are one enterprise, and nobody is asked.
SURE = "same"
# Of one row, those that staff are shown.
MAX_MATCHES, MAX_WITHOUT_TOWN = 5, 25
# Of one row, the others of its file that it knows.
MAX_NEAR = 20
# Homonyms in one town that are compared: a file of thousands of rows of one name stays readable.
MAX_NAMESAKES = 40
# An establishment of an enterprise, which bears its NEQ.
BRANCH_WORDS = frozenset({"succursale", "point", "comptoir", "etablissement", "campus", "installation"})


def candidate_of_row(row: ImportRow) -> Candidate | None:
    """A row as it is compared, None when it has no name. Its key tells its rank: of two that are as like, file order chooses none."""
    values = row.cleaned.get("values", {})
    if not values.get("name"):
        return None
    listing = Listing(
        name=values["name"],
        neq=values.get("neq", ""),
        website=values.get("website", ""),
        phone=values.get("phone", ""),
        municipality_id=values.get("municipality_id", ""),
        other_names=values.get("other_names", []),
        email=values.get("email", ""),
        street=values.get("street", ""),
        postal_code=values.get("postal_code", ""),
    )
    return candidate_of(listing, key=-row.rank - 1)


# Of a name, asked again for each that resembles it.
_name_key = lru_cache(maxsize=65_536)(name_match_key)
_named_form = lru_cache(maxsize=65_536)(guess_legal_form)


def name_keys(candidate: Candidate) -> set[str]:
    return {_name_key(name) for name in (candidate.name, *candidate.other_names)}


def have_two_neqs(one: Candidate, other: Candidate) -> bool:
    """Two different NEQ are two enterprises, whatever their names."""
    return bool(one.neq and other.neq and one.neq != other.neq)


def have_two_forms(one: Candidate, other: Candidate) -> bool:
    """A workers’ cooperative and a solidarity cooperative of one name may be two."""
    mine, theirs = _named_form(one.name), _named_form(other.name)
    return bool(mine and theirs and mine != theirs)


def are_same(one: Candidate, other: Candidate) -> bool:
    """Whether nobody would ask: one NEQ in one place or under one name, or one name in one town without two NEQ."""
    if one.neq and one.neq == other.neq:
        return not may_be_branch(one, other)
    if have_two_neqs(one, other) or one.municipality != other.municipality or have_two_forms(one, other):
        return False
    return bool(name_keys(one) & name_keys(other))


def may_be_branch(one: Candidate, other: Candidate) -> bool:
    """One NEQ, but another name in another place: an establishment rather than the enterprise itself."""
    is_elsewhere = one.municipality != other.municipality or bool(
        one.street
        and other.street
        and one.postal_code != other.postal_code
        and unaccented(one.street) != unaccented(other.street)
    )
    has_other_name = not name_keys(one) & name_keys(other)
    says_so = bool(BRANCH_WORDS & (set(words_of_name(one.name)) ^ set(words_of_name(other.name))))
    return is_elsewhere and (has_other_name or says_so)


def common_facts(one: Candidate, other: Candidate) -> int:
    """How many of their facts are equal: which of two homonyms a row is about."""
    names = ("neq", "domain", "phone", "email", "street", "postal_code")
    return sum(1 for name in names if getattr(one, name) and getattr(one, name) == getattr(other, name))


class Finder:
    """The directory and the rows of one file, to be searched for what a row is or resembles."""

    def __init__(self, listings: Iterable[Candidate], territory: Territory) -> None:
        self.territory = territory
        self.candidates: dict[int, Candidate] = {}
        self.index = CandidateIndex((), territory)
        self._by_neq: dict[str, list[int]] = defaultdict(list)
        self._by_name: dict[tuple[str, str], list[int]] = defaultdict(list)
        for candidate in listings:
            self.add(candidate)

    def add(self, candidate: Candidate) -> None:
        self.candidates[candidate.key] = candidate
        self.index.add(candidate)
        if candidate.neq and len(self._by_neq[candidate.neq]) < MAX_NAMESAKES:
            self._by_neq[candidate.neq].append(candidate.key)
        if candidate.municipality:
            for key in name_keys(candidate):
                namesakes = self._by_name[key, candidate.municipality]
                if len(namesakes) < MAX_NAMESAKES:
                    namesakes.append(candidate.key)

    def exact(self, candidate: Candidate) -> int | None:
        """The listing that it is without asking, or None: none, or several that nothing distinguishes."""
        return exact_among(candidate, self._namesakes(candidate))

    def _namesakes(self, candidate: Candidate) -> list[Candidate]:
        keys = set(self._by_neq.get(candidate.neq, ())) if candidate.neq else set()
        if candidate.municipality:
            for key in name_keys(candidate):
                keys |= set(self._by_name.get((key, candidate.municipality), ()))
        return [self.candidates[key] for key in sorted(keys) if key != candidate.key]

    def matches(self, candidate: Candidate) -> list[list[Any]]:
        """[key, likeness, [evidence]] of what it may be, likeliest first; those that it surely is among them.

        Without its town, more of them: the town will tell.
        """
        limit = MAX_MATCHES if candidate.municipality else MAX_WITHOUT_TOWN
        found = {
            other.key: likeness
            for other, likeness in self.index.matches(candidate, limit=limit)
            if not have_two_neqs(candidate, other)
        }
        for other in self._namesakes(candidate)[:MAX_MATCHES]:
            if not have_two_neqs(candidate, other):
                found[other.key] = 1.0
        return matches_of(
            candidate, [(self.candidates[key], likeness) for key, likeness in found.items()], self.territory
        )[:limit]


def exact_among(candidate: Candidate, others: Collection[Candidate]) -> int | None:
    """Of these candidates, the listing that `candidate` is without asking.

    One of its name in its town before the one that bears its NEQ elsewhere: a branch has none of its own.
    """
    same = [other for other in others if other.key > 0 and are_same(candidate, other)]
    if len(same) < 2:
        return same[0].key if same else None
    here = [
        other
        for other in same
        if other.municipality == candidate.municipality and name_keys(other) & name_keys(candidate)
    ]
    ranked = sorted(here or same, key=lambda other: (-common_facts(candidate, other), other.key))
    first = ranked[0]
    if len(ranked) > 1 and common_facts(candidate, ranked[1]) == common_facts(candidate, first):
        return None
    return first.key


def matches_of(
    candidate: Candidate, others: Iterable[tuple[Candidate, float]], territory: Territory
) -> list[list[Any]]:
    """As `Finder.matches`, of candidates that were found: listings before rows of the file at one likeness."""
    found = []
    for other, likeness in others:
        is_sure = are_same(candidate, other)
        evidence = [*evidence_of(candidate, other, territory), *([SURE] if is_sure else [])]
        found.append([other.key, 1.0 if is_sure else round(likeness, 3), evidence])
    return sorted(found, key=lambda match: (-match[1], match[0] < 0, abs(match[0])))


def with_numbers(matches: Iterable[list[Any]], numbers: Mapping[int, int]) -> list[list[Any]]:
    """Of matches among candidates, the rows by their numbers. `numbers`: by rank."""
    return [[key if key > 0 else -numbers[-key - 1], *rest] for key, *rest in matches]


def link_rows(rows: Iterable[ImportRow]) -> None:
    """Of two rows that resemble one another, the one that ranks after the other is asked about, and knows it."""
    by_number = {row.number: row for row in rows}
    for row in by_number.values():
        for match in [match for match in row.matches if match[0] < 0]:
            other = by_number[-match[0]]
            if other.rank > row.rank:
                row.matches.remove(match)
                if all(each[0] != -row.number for each in other.matches) and len(other.near) < MAX_NEAR:
                    other.matches.append([-row.number, *match[1:]])
                    other.near = [*other.near, -row.number]
    for row in by_number.values():
        row.matches.sort(
            key=lambda match: (
                -match[1],
                match[0] < 0,
                match[0] if match[0] > 0 else by_number[-match[0]].rank,
            )
        )
        row.near = [match[0] for match in row.matches if match[0] < 0]
