"""How well people find, and how well duplicates are: measured on judged questions and labelled pairs."""

from __future__ import annotations

import math
import random
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

from enterprises import demo
from enterprises.duplicates.similarity import Candidate, likeness
from enterprises.duplicates.territory import territory_of
from enterprises.models import Listing
from enterprises.search.query import Search, find
from enterprises.search.snapshot import snapshot_at
from pole.geo.gazetteer import load_gazetteer
from pole.search import query_words

pytestmark = pytest.mark.django_db
HERE = Path(__file__).parent
LEAST_NDCG, LEAST_PRECISION, LEAST_RECALL = 0.85, 0.95, 0.9


def ndcg(found: list[int], grades: dict[int, int], size: int = 10) -> float:
    """Of the first ten, against the best order there could be."""

    def gain(values: list[int]) -> float:
        return float(sum((2**value - 1) / math.log2(place + 2) for place, value in enumerate(values[:size])))

    best = gain(sorted(grades.values(), reverse=True))
    return gain([grades.get(key, 0) for key in found]) / best


def test_people_find_what_they_look_for(capsys):
    from django.utils import timezone

    from pole.caching.public_pages import read_public_state

    judged = tomllib.loads((HERE / "queries.toml").read_text(encoding="utf-8"))["judged"]
    demo.seed(scale=0, rng=random.Random(1))
    names = dict(Listing.objects.values_list("pk", "name"))
    snapshot = snapshot_at(read_public_state(timezone.now()))
    scores, worst = defaultdict(list), []
    for kind, query, best, good in judged:
        grades = {}
        for grade, parts in ((2, best), (1, good)):
            for part in parts:
                (key,) = [pk for pk, name in names.items() if part in name]
                grades[key] = grade
        found = find(Search(words=tuple(query_words(query))), snapshot, language="fr", count=10).keys
        score = ndcg(found, grades)
        scores[kind].append(score)
        worst.append((score, query, [names[key] for key in found[:4]]))
    everything = [score for each in scores.values() for score in each]
    mean = sum(everything) / len(everything)
    with capsys.disabled():
        print(f"\nnDCG@10 {mean:.3f} sur {len(everything)} questions")
        for kind, each in sorted(scores.items()):
            print(f"  {kind:<10} {sum(each) / len(each):.3f} ({len(each)})")
        for score, query, first in sorted(worst)[:8]:
            print(f"  {score:.2f} {query}: {', '.join(first)}")
    assert len(judged) >= 60
    assert {"mot", "faute", "pluriel", "feminin", "accents", "synonyme", "acronyme", "anglais"} <= set(scores)
    assert mean >= LEAST_NDCG


def test_duplicates_are_told_from_neighbours(capsys):
    pairs = tomllib.loads((HERE / "pairs.toml").read_text(encoding="utf-8"))["pairs"]
    territory = territory_of(load_gazetteer())
    right = wrong = missed = 0
    mistakes = []
    for is_one, name, town, other_name, other_town, facts in pairs:
        neq = {"neq=": ("1190000001",) * 2, "neq!": ("1190000001", "1190000019")}.get(facts, ("", ""))
        domain, phone = (
            ("ruche.example" if facts == "web" else ""),
            ("+14505550100" if facts == "tel" else ""),
        )
        first = Candidate(1, name, neq[0], domain, phone, town)
        second = Candidate(2, other_name, neq[1], domain, phone, other_town)
        says = likeness(first, second, territory) > 0
        assert says == (likeness(second, first, territory) > 0), (name, other_name)
        right, wrong, missed = (
            right + (says and is_one),
            wrong + (says and not is_one),
            missed + (is_one and not says),
        )
        if says != is_one:
            mistakes.append(f"  {'manqué' if is_one else 'à tort'} : {name} / {other_name}")
    precision, recall = right / (right + wrong), right / (right + missed)
    with capsys.disabled():
        print(
            f"\nDoublons : précision {precision:.3f}, rappel {recall:.3f} sur {len(pairs)} paires",
            *mistakes,
            sep="\n",
        )
    assert len(pairs) >= 60
    assert precision >= LEAST_PRECISION
    assert recall >= LEAST_RECALL
