"""What is compared of an enterprise, and what is known of places."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from enterprises.duplicates.words import WORDS, Reading, name_match_key, readings_of
from enterprises.ownership.email_domains import own_domain_of_email
from pole.search import unaccented

# Of an enterprise with more names, the others are not compared.
MAX_NAMES = 12
_STREET_WORDS = re.compile(r"[a-z0-9]+")
_UNIT = re.compile(
    r"\b(?:app|appartement|bureau|local|suite|unite|etage|porte|casier postal|c p|cp|bp)\b ?\w*|#\s*\w+"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is compared of an enterprise."""

    # The listing's primary key; in an import, minus the row's number for a listing that the row would create,
    # and 0 for the row being compared.
    key: int
    name: str
    neq: str = ""
    # Its own domain, from `enterprises.ownership.email_domains.own_domain`.
    domain: str = ""
    phone: str = ""
    municipality: str = ""
    other_names: tuple[str, ...] = ()
    email: str = ""
    street: str = ""
    postal_code: str = ""
    # The key of the listing that this one is a branch of; None when it is none.
    parent: int | None = None


@dataclass(slots=True)
class Territory:
    """What the comparison knows of places."""

    # Unaccented words of the names of municipalities and MRCs.
    words: frozenset[str] = frozenset()
    neighbours: dict[str, frozenset[str]] = field(default_factory=dict)
    # By the code of a municipality, the words of its name and of its MRC.
    words_of: dict[str, frozenset[str]] = field(default_factory=dict)

    def are_near(self, one: str, other: str) -> bool:
        return not one or not other or one == other or other in self.neighbours.get(one, ())

    def is_place(self, word: str) -> bool:
        return word in self.words or word in WORDS["places"]

    def is_of(self, word: str, municipality: str) -> bool:
        """Whether a place word goes without saying there."""
        return not municipality or word in self.words_of.get(municipality, ()) or word == "quebec"


@dataclass(frozen=True, slots=True)
class Profile:
    """A candidate made ready: what is the same for every comparison."""

    candidate: Candidate
    readings: tuple[Reading, ...]
    name_key: str
    domains: frozenset[str]
    email: str
    # Number, street and postal code or municipality; "" without a street number.
    address: str
    postal_code: str

    def contacts(self) -> list[tuple[str, str]]:
        """What a body has of its own, by kind, unless many share it."""
        found = [("domain", domain) for domain in sorted(self.domains)]
        found += [("email", self.email), ("phone", self.candidate.phone), ("address", self.address)]
        return [each for each in found if each[1]]


def make_profile(candidate: Candidate) -> Profile:
    names = list(dict.fromkeys((candidate.name, *candidate.other_names)))[:MAX_NAMES]
    email = candidate.email.strip().lower()
    postal_code = re.sub(r"\s", "", candidate.postal_code.upper())
    return Profile(
        candidate,
        tuple(dict.fromkeys(reading for name in names for reading in readings_of(name))),
        name_match_key(candidate.name),
        frozenset({candidate.domain, own_domain_of_email(email)} - {""}),
        email,
        _address(candidate.street, postal_code or candidate.municipality),
        postal_code,
    )


# Of pairs that are compared one by one: an index keeps its own.
profile_of = lru_cache(maxsize=512)(make_profile)


def _address(street: str, place: str) -> str:
    """The same for “12, rue du Marché, bureau 201” and “12 RUE du Marche”; "" when it says no number."""
    text = _UNIT.sub(" ", re.sub(r"[.']", " ", unaccented(street)))
    words = [
        word
        for word in _STREET_WORDS.findall(text)
        if word not in WORDS["street"] and word not in _SHORT_STREETS
    ]
    if not place or not any(word[0].isdecimal() for word in words):
        return ""
    return " ".join([*words, place])


_SHORT_STREETS = frozenset(
    {"ch", "boul", "bd", "blvd", "av", "ave", "mtee", "rte", "rg", "pl", "st", "ste", "saint", "sainte"}
)
