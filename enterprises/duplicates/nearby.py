"""The listings that one may be a duplicate of, without reading the directory: what its blocking keys find, in SQL."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Q

from enterprises.duplicates.candidates import Candidate, Profile, Territory, make_profile
from enterprises.duplicates.index import MOST_OF_A_KEY, acronyms_of
from enterprises.duplicates.words import ACRONYM_LETTERS, ACRONYMS, SMALL_WORDS, WORDS, Reading, is_common
from enterprises.models import Listing, ListingQuerySet

# Rows that the words of a name find: the most alike.
MOST_NAMED = 100
# Letters at each end of a word, one of which a slip leaves as they were.
_END = 4

_BETWEEN = rf"\w*\W+(?:(?:{'|'.join(sorted(SMALL_WORDS))})\W+)*"


def listings_near(candidate: Candidate, territory: Territory) -> ListingQuerySet:
    """Those that share a contact with it, wherever they are, or a part of its name near it; of each, so many at most."""
    profile = make_profile(candidate)
    standing = Listing.objects.exclude(state=Listing.State.ARCHIVED).values("pk")
    found = [standing.filter(condition).order_by("pk")[:MOST_OF_A_KEY] for condition in _contacts(profile)]
    near = standing
    if town := candidate.municipality:
        near = near.filter(municipality__in={town, *territory.neighbours.get(town, ())})
    likest = near.filter(_has_part_of_name(profile) | Q(other_names__len__gt=0))
    found.append(likest.order_by(TrigramSimilarity("name_key", candidate.name).desc(), "pk")[:MOST_NAMED])
    if pattern := _pattern_of_acronyms(profile):
        found.append(near.filter(name_key__regex=pattern).order_by("pk")[:MOST_OF_A_KEY])
    return Listing.objects.filter(pk__in=standing.filter(pk=candidate.key).order_by().union(*found))


def _contacts(profile: Profile) -> Iterator[Q]:
    candidate = profile.candidate
    if candidate.neq:
        yield Q(neq=candidate.neq)
    if candidate.phone:
        yield Q(phone=candidate.phone)
    if profile.email:
        yield Q(email__iexact=profile.email)
    for domain in sorted(profile.domains):
        yield Q(website__icontains=domain) | Q(email__iendswith=f"@{domain}")
    if profile.address:
        yield Q(postal_code=candidate.postal_code, municipality=candidate.municipality)


def _has_part_of_name(profile: Profile) -> Q:
    """A slip of a letter or two leaves the beginning of a word, or its end."""
    found = Q()
    for reading in profile.readings:
        telling = [word for word in reading.words if not is_common(word)]
        for word in telling or reading.words:
            for part in {word[:_END], word[-_END:]}:
                found |= Q(name_key__contains=part)
    return found


def _pattern_of_acronyms(profile: Profile) -> str:
    """A regular expression for unaccented names that have an acronym of its words, or words that it has the acronym of."""
    parts = {part for reading in profile.readings for part in _acronym_parts(reading)}
    return rf"\m(?:{'|'.join(sorted(parts))})\M" if parts else ""


def _acronym_parts(reading: Reading) -> Iterator[str]:
    for word in reading.words:
        if len(word) in ACRONYM_LETTERS and word.isalpha() and not is_common(word):
            yield _BETWEEN.join(word) + r"\w*"
    words = {*reading.words, *WORDS["legal"]}
    known = {acronym for acronym, stands_for in ACRONYMS.items() if words.issuperset(stands_for)}
    for acronym in {*known, *acronyms_of(reading)}:
        # "A.P.H.V." too.
        yield r"\W?\W?".join(map(re.escape, acronym))
