"""Whether two listings may be one enterprise: what they share, and how alike their names must be with it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from enterprises.duplicates.candidates import Candidate, Profile, Territory, profile_of
from enterprises.duplicates.names import NameLikeness, compare_names

# How alike names must be with no other evidence.
MIN_LIKENESS = 0.72
# What each contact that both have and that differs, the municipality too, leaves of the likeness of names.
_DIFFERENT_CONTACT = 0.93
# An enterprise that moved has them all new.
_MOST_DIFFERENT = 2
# What each that both have leaves of the doubt.
_DOUBT = {"domain": 0.4, "email": 0.4, "phone": 0.5, "address": 0.6, "postal_code": 0.9}
_CONTACTS = frozenset({"domain", "email", "phone"})
_NOT_COMPARED = NameLikeness(0.0)

EVIDENCE: dict[str, Promise] = {
    "neq": _("same NEQ"),
    "domain": _("same domain"),
    "email": _("same e-mail address"),
    "phone": _("same telephone"),
    "address": _("same address"),
    "postal_code": _("same postal code"),
    "name": _("similar name"),
    "acronym": _("acronym of the name"),
}


@dataclass(frozen=True, slots=True)
class _Comparison:
    names: NameLikeness
    # Codes of `EVIDENCE` but those of the NEQ and of names.
    shared: frozenset[str]
    # How many contacts both have and differ, and the municipality.
    different: int
    is_near: bool
    is_one_town: bool
    # Whether one is in another municipality, or at another postal code.
    is_other_place: bool


def likeness(
    one: Candidate, other: Candidate, territory: Territory, crowded: Collection[tuple[str, str]] = ()
) -> float:
    """0 when they are two enterprises, else how alike they are; 1 for the same NEQ.

    `crowded`: contacts that many bodies have, by code, which prove nothing.
    """
    return likeness_of_profiles(profile_of(one), profile_of(other), territory, crowded)


def evidence_of(one: Candidate, other: Candidate, territory: Territory) -> tuple[str, ...]:
    """What makes them look like one enterprise: codes of `EVIDENCE`, the strongest first."""
    first, second = profile_of(one), profile_of(other)
    found = _compare(first, second, territory, ())
    codes = set(found.shared)
    if "address" in codes:
        codes.discard("postal_code")
    if one.neq and one.neq == other.neq:
        codes.add("neq")
    if found.names.value >= MIN_LIKENESS / 2:
        codes.add("acronym" if found.names.by_acronym else "name")
    return tuple(code for code in EVIDENCE if code in codes)


def likeness_of_profiles(
    one: Profile, other: Profile, territory: Territory, crowded: Collection[tuple[str, str]]
) -> float:
    mine, theirs = one.candidate, other.candidate
    if mine.neq and theirs.neq:
        return 1.0 if mine.neq == theirs.neq else 0.0
    if mine.parent is not None and mine.parent == theirs.key:
        return 0.0
    if theirs.parent is not None and theirs.parent == mine.key:
        return 0.0
    found = _compare(one, other, territory, crowded)
    names = found.names.value * _DIFFERENT_CONTACT**found.different
    if mine.parent is not None and mine.parent == theirs.parent:
        # Branches share what their parent has.
        return names if names >= 0.9 and mine.municipality == theirs.municipality else 0.0
    least = _least_name(found)
    if least is None or names < least:
        return 0.0
    doubt = 1 - names
    for code in found.shared:
        doubt *= _DOUBT[code]
    return 1.0 - doubt


def _least_name(found: _Comparison) -> float | None:
    """How alike names must be, given the rest; None when nothing is enough."""
    contacts = len(found.shared & _CONTACTS)
    if found.shared >= {"domain", "email"} and not found.is_one_town:
        # A network's general address is at the network's site.
        contacts -= 1
    if found.names.are_apart:
        return None
    if found.names.are_branches or (found.names.is_branched and found.is_other_place):
        return 0.0 if contacts >= 2 and "address" in found.shared else None
    if not found.is_near:
        # One name far apart: two bodies of a network more often than one that moved.
        least_of_one = 0.35 if "email" in found.shared else 0.5
        return (None, least_of_one, 0.25, 0.0)[contacts]
    return _least_name_of_neighbours(contacts, found.shared)


def _least_name_of_neighbours(contacts: int, shared: Collection[str]) -> float:
    has_place = "address" in shared or "postal_code" in shared
    if contacts == 0:
        return 0.65 if has_place else MIN_LIKENESS
    if contacts == 1 and "phone" in shared:
        # The switchboard of a building, perhaps.
        return 0.25 if "address" in shared else 0.3
    # Never created in silence: the same site, or the same e-mail address, at the same place.
    return 0.0 if contacts > 1 or has_place else 0.3


def _compare(
    one: Profile, other: Profile, territory: Territory, crowded: Collection[tuple[str, str]]
) -> _Comparison:
    mine, theirs = one.candidate, other.candidate
    towns = (mine.municipality, theirs.municipality)
    shared, different = _compare_contacts(one, other, crowded)
    is_near = territory.are_near(*towns)
    if not is_near and not shared & _CONTACTS:
        return _Comparison(_NOT_COMPARED, shared, different, is_near, is_one_town=False, is_other_place=True)
    names = compare_names(one.readings, other.readings, territory, towns)
    if mine.name == theirs.name and not names.value:
        names = NameLikeness(1.0)
    is_elsewhere = all(towns) and towns[0] != towns[1]
    postal_codes = {one.postal_code, other.postal_code} - {""}
    return _Comparison(
        names, shared, min(different, _MOST_DIFFERENT) + is_elsewhere, is_near,
        is_one_town=is_near and not is_elsewhere, is_other_place=is_elsewhere or len(postal_codes) > 1,
    )  # fmt: skip


def _compare_contacts(
    one: Profile, other: Profile, crowded: Collection[tuple[str, str]]
) -> tuple[frozenset[str], int]:
    """(Codes of what both have, how many both have and differ)."""
    shared = set()
    different = 0
    for code, first, second in (
        ("email", one.email, other.email),
        ("phone", one.candidate.phone, other.candidate.phone),
        ("address", one.address, other.address),
        ("postal_code", one.postal_code, other.postal_code),
    ):
        if first and first == second:
            if (code, first) not in crowded:
                shared.add(code)
        elif first and second:
            different += 1
    domains = {domain for domain in one.domains & other.domains if ("domain", domain) not in crowded}
    sites = {one.candidate.domain, other.candidate.domain}
    # One e-mail address alone is not also a domain.
    if domains and (domains & sites or "email" not in shared):
        shared.add("domain")
    elif one.domains and other.domains and not one.domains & other.domains:
        different += 1
    return frozenset(shared), different
