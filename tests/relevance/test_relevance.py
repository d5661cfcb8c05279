"""How well people find, and how well duplicates are: measured on judged questions and labelled pairs."""

from __future__ import annotations

import tomllib
from collections import defaultdict

import pytest

from enterprises.duplicates.similarity import Candidate, likeness
from enterprises.duplicates.territory import territory_of
from pole.geo.gazetteer import load_gazetteer
from tests.relevance import asking
from tests.relevance.asking import HERE

pytestmark = pytest.mark.django_db
LEAST_NDCG, LEAST_PRECISION, LEAST_RECALL = 0.9, 0.95, 0.9
KINDS = {
    *(
        "mot",
        "faute",
        "pluriel",
        "feminin",
        "accents",
        "synonyme",
        "acronyme",
        "anglais",
        "langage",
        "metier",
    ),
    *("plusieurs", "lieu", "nom"),
}


def test_people_find_what_they_look_for(client, capsys):
    judged = asking.read_data("queries.toml")["judged"]
    names = asking.seed_directory()
    scores, worst = defaultdict(list), []
    for kind, query, best, good in judged:
        grades = dict.fromkeys(asking.slugs_named(names, good), 1)
        grades |= dict.fromkeys(asking.slugs_named(names, best), 2)
        found = asking.listings_of(asking.read_page(client, query))
        score = asking.ndcg(found, grades)
        scores[kind].append(score)
        worst.append((score, query, [names[slug] for slug in found[:4]]))
    everything = [score for each in scores.values() for score in each]
    mean = sum(everything) / len(everything)
    with capsys.disabled():
        print(f"\nnDCG@10 {mean:.3f} sur {len(everything)} questions")
        for kind, each in sorted(scores.items()):
            print(f"  {kind:<10} {sum(each) / len(each):.3f} ({len(each)})")
        for score, query, first in sorted(worst)[:12]:
            print(f"  {score:.2f} {query}: {', '.join(first)}")
    assert len(judged) >= 60
    assert set(scores) >= KINDS
    assert mean >= LEAST_NDCG


def test_open_data_give_what_the_page_shows(client):
    """Which the other measures rely on."""
    judged = asking.read_data("queries.toml")["judged"]
    asking.seed_directory()
    for _kind, query, _best, _good in judged[::6]:
        page = asking.read_page(client, query)
        found = asking.ask(client, query)
        assert (found.slugs[:24], found.total) == (asking.listings_of(page), asking.total_of(page)), query


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
