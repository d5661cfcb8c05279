"""How well people find what they look for: measured on judged questions."""

from __future__ import annotations

from collections import defaultdict

import pytest

from tests.relevance import asking

pytestmark = pytest.mark.django_db
LEAST_NDCG = 0.9
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
