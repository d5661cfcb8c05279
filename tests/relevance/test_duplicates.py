"""How well duplicates are told from neighbours, by kind: precision and recall on labelled pairs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import batched

import pytest

from enterprises.duplicates.merging import candidate_of
from enterprises.duplicates.nearby import listings_near
from enterprises.duplicates.similarity import Candidate, CandidateIndex, likeness
from enterprises.duplicates.territory import territory_of
from enterprises.models import Listing
from pole.geo.gazetteer import load_gazetteer
from tests.relevance.pairs import Pair, read_pairs

pytestmark = pytest.mark.django_db
LEAST_PRECISION, LEAST_RECALL, LEAST_PAIRS = 0.95, 0.9, 250


def test_duplicates_are_told_from_neighbours(capsys):
    gazetteer = load_gazetteer()
    territory = territory_of(gazetteer)
    pairs = list(read_pairs(gazetteer))
    flagged = {pair for pair in pairs if likeness(pair.first, pair.second, territory) > 0}
    with capsys.disabled():
        _print(pairs, flagged)
    assert len(pairs) >= LEAST_PAIRS
    for half in (pairs, [pair for pair in pairs if pair.is_held_out]):
        precision, recall = _measure(half, flagged)
        assert precision >= LEAST_PRECISION
        assert recall >= LEAST_RECALL


def test_an_index_of_all_finds_what_a_comparison_does():
    """No blocking key is missing: what two rows say alone, they say among the others."""
    gazetteer = load_gazetteer()
    territory = territory_of(gazetteer)
    for pair in read_pairs(gazetteer):
        said = likeness(pair.first, pair.second, territory)
        for one, other in ((pair.first, pair.second), (pair.second, pair.first)):
            found = CandidateIndex([other], territory).matches(one)
            assert found == ([(other, said)] if said else []), str(pair)


def test_the_database_finds_what_a_comparison_does():
    """So that one listing is looked for without reading the directory."""
    gazetteer = load_gazetteer()
    territory = territory_of(gazetteer)
    pairs = [
        pair
        for pair in read_pairs(gazetteer)
        if likeness(_numberless(pair.first), _numberless(pair.second), territory)
    ]
    rows = Listing.objects.bulk_create(
        [
            _listing(each, f"fiche-{at}-{each.key}")
            for at, pair in enumerate(pairs)
            for each in (pair.first, pair.second)
        ]
    )
    candidates = [candidate_of(row, key=row.pk) for row in rows]
    for one, other in batched(candidates, 2, strict=True):
        for asked, sought in ((one, other), (other, one)):
            found = listings_near(asked, territory).filter(pk=sought.key)
            assert found.exists(), f"{asked.name} / {sought.name}"


def _numberless(candidate: Candidate) -> Candidate:
    return replace(candidate, neq="")


def _listing(candidate: Candidate, slug: str) -> Listing:
    # Two listings never have one number; the town of a pair from outside the territory is any.
    return Listing(
        slug=slug, name=candidate.name, municipality_id=candidate.municipality or "67050", phone=candidate.phone,
        email=candidate.email, street=candidate.street, postal_code=candidate.postal_code,
        website=f"https://www.{candidate.domain}/" if candidate.domain else "",
    )  # fmt: skip


def _measure(pairs: Iterable[Pair], flagged: set[Pair]) -> tuple[float, float]:
    """(Precision, recall); 1 of nothing."""
    ones = {pair for pair in pairs if pair.is_one}
    said = {pair for pair in pairs if pair in flagged}
    right = len(ones & said)
    return right / (len(said) or 1) if said else 1.0, right / (len(ones) or 1) if ones else 1.0


def _print(pairs: list[Pair], flagged: set[Pair]) -> None:
    halves = {
        "toutes": pairs,
        "réglage": [pair for pair in pairs if not pair.is_held_out],
        "jamais vues": [pair for pair in pairs if pair.is_held_out],
    }
    print("\nDoublons")
    for name, half in halves.items():
        precision, recall = _measure(half, flagged)
        print(f"  {name:<12} précision {precision:.3f}, rappel {recall:.3f} ({len(half)} paires)")
    for kind in dict.fromkeys(pair.kind for pair in pairs):
        each = [pair for pair in pairs if pair.kind == kind]
        right = sum((pair in flagged) == pair.is_one for pair in each)
        print(f"  {'une' if each[0].is_one else 'deux':<5} {kind:<34} {right}/{len(each)}")
    for pair in pairs:
        if (pair in flagged) != pair.is_one:
            print(f"    {'manqué' if pair.is_one else 'à tort'} : {pair}")
