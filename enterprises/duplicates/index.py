"""Candidates found by what they share, since comparing each with each would take hours.

Whatever the data, one search compares few of them: a word, a pair of words or a contact that many have finds
the first of them only, or nothing.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from itertools import combinations

from enterprises.duplicates.candidates import Candidate, Profile, Territory, make_profile
from enterprises.duplicates.evidence import likeness_of_profiles
from enterprises.duplicates.words import ACRONYM_LETTERS, Reading, is_common

# Candidates kept of one blocking key; beyond, a word of a name finds nothing.
MOST_OF_A_KEY = 64
# Candidates compared in one search: those that share the most.
MOST_COMPARED = 40
# Of a name, the pairs of its first words.
MOST_PAIRED_WORDS = 6
# Bodies of different names from which on what they share proves nothing, by kind of contact.
CROWD = {"domain": 4, "email": 4, "phone": 3, "address": 3}

type Contact = tuple[str, str]


class CandidateIndex:
    """Candidates, found by their blocking keys."""

    def __init__(self, candidates: Iterable[Candidate], territory: Territory) -> None:
        self.territory = territory
        self.compared = 0
        self._profiles: dict[int, Profile] = {}
        # Keys of candidates by the hash of a blocking key, the smallest first; None once there are too many.
        self._sharing: dict[int, list[int] | None] = {}
        # Keys of names, of a contact that is not crowded yet; None of one that is.
        self._names_at: dict[Contact, frozenset[str] | None] = {}
        for candidate in candidates:
            self.add(candidate)

    def add(self, candidate: Candidate) -> None:
        """Adds it, in the place of one with its key."""
        self.discard(candidate.key)
        profile = make_profile(candidate)
        self._profiles[candidate.key] = profile
        for key, is_strong in _blocking_keys(profile):
            self._share(hash(key), candidate.key, is_strong=is_strong)
        for contact in profile.contacts():
            names = self._names_at.get(contact, frozenset())
            if names is not None:
                names |= {profile.name_key}
                self._names_at[contact] = names if len(names) < CROWD[contact[0]] else None

    def discard(self, key: int) -> None:
        if profile := self._profiles.pop(key, None):
            for blocking_key, _is_strong in _blocking_keys(profile):
                if key in (sharing := self._sharing.get(hash(blocking_key)) or []):
                    sharing.remove(key)

    def likeness(self, one: int, other: int) -> float:
        """Of two of its candidates, by their keys; 0 if one is not there."""
        first, second = self._profiles.get(one), self._profiles.get(other)
        if first is None or second is None:
            return 0.0
        return likeness_of_profiles(
            first, second, self.territory, self._crowded(first) | self._crowded(second)
        )

    def matches(self, candidate: Candidate, *, limit: int = 3) -> list[tuple[Candidate, float]]:
        """The candidates that may be the same enterprise, each with its likeness, likeliest first; never `candidate` itself."""
        profile = make_profile(candidate)
        crowded = self._crowded(profile)
        found = []
        for key in self._nearest(profile, crowded):
            other = self._profiles[key]
            self.compared += 1
            if value := likeness_of_profiles(profile, other, self.territory, crowded):
                found.append((other.candidate, value))
        return sorted(found, key=lambda match: (-match[1], match[0].key))[:limit]

    def _share(self, key: int, candidate: int, *, is_strong: bool) -> None:
        sharing = self._sharing.setdefault(key, [])
        if sharing is None:
            return
        insort(sharing, candidate)
        if len(sharing) > MOST_OF_A_KEY:
            sharing.pop()
            if not is_strong:
                self._sharing[key] = None

    def _nearest(self, profile: Profile, crowded: Collection[Contact]) -> list[int]:
        """Keys of those that share the most blocking keys: near ones, and those that share more than words."""
        words: Counter[int] = Counter()
        strong: Counter[int] = Counter()
        for key, is_strong in _blocking_keys(profile):
            if key in crowded:
                continue
            (strong if is_strong else words).update(self._sharing.get(hash(key)) or ())
        near = self.territory.are_near
        town, profiles = profile.candidate.municipality, self._profiles
        worth = {found: 3 * count for found, count in strong.items()}
        for found, count in words.items():
            if found in worth or near(town, profiles[found].candidate.municipality):
                worth[found] = worth.get(found, 0) + count
        worth.pop(profile.candidate.key, None)
        if len(worth) <= MOST_COMPARED:
            return list(worth)
        return sorted(worth, key=lambda found: (-worth[found], found))[:MOST_COMPARED]

    def _crowded(self, profile: Profile) -> frozenset[Contact]:
        """Its contacts that many bodies have, itself among them."""
        return frozenset(
            contact
            for contact in profile.contacts()
            if (names := self._names_at.get(contact, frozenset())) is None
            or len(names | {profile.name_key}) >= CROWD[contact[0]]
        )


def _blocking_keys(profile: Profile) -> set[tuple[tuple[str, ...], bool]]:
    """What is shared, and whether it finds the first ones of those that share it even if they are many."""
    candidate = profile.candidate
    keys: set[tuple[tuple[str, ...], bool]] = {(contact, True) for contact in profile.contacts()}
    if candidate.neq:
        keys.add((("neq", candidate.neq), True))
    for reading in profile.readings:
        keys |= {(key, False) for key in _keys_of_name(reading, candidate.municipality)}
        keys.add((("name", *sorted(reading.words), candidate.municipality), True))
    keys.add((("key", profile.name_key, candidate.municipality), True))
    return keys


def _keys_of_name(reading: Reading, municipality: str) -> Iterator[tuple[str, ...]]:
    words = reading.words
    joined = "".join(words)
    yield ("joined", joined)
    yield ("part", joined[:7], municipality)
    yield ("part", joined[-7:], municipality)
    yield ("words", *sorted(words))
    for word in words:
        if not is_common(word):
            yield ("word", word)
            # A slip of one letter, or two, leaves some part of the word as it was.
            for part in _parts(word):
                yield ("part", part)
                yield ("part", part, municipality)
        yield ("word", word, municipality)
    for one, other in combinations(sorted(words[:MOST_PAIRED_WORDS]), 2):
        yield ("pair", one, other)
    yield from (("initials", initials) for initials in acronyms_of(reading))


def _parts(word: str) -> Iterator[str]:
    if len(word) >= 5:
        yield word[:4]
        yield word[-4:]


def acronyms_of(reading: Reading) -> set[str]:
    """A short word that may be an acronym, and what a name may be abbreviated to, from one of its first two words on."""
    found = {word for word in reading.words if len(word) in ACRONYM_LETTERS and word.isalpha()}
    for _words, letters in reading.abbreviated:
        found |= {
            letters[start : start + size]
            for start in (0, 1)
            for size in ACRONYM_LETTERS
            if start + size <= len(letters)
        }
    return found
