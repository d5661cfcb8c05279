"""What it costs to make each kind of reading page, in calls of functions."""

from __future__ import annotations

import pytest

from tests.calls import calls_to_make, statements_to_make

pytestmark = [pytest.mark.django_db, pytest.mark.any_hour("counts calls")]

# (address, calls, statements): no more of either.
PAGES = [
    ("/a-propos/", 13_000, 10),
    ("/forums/", 9_300, 8),
    ("/forums/forum-de-la-releve-collective/", 14_900, 14),
    ("/forums/forum-de-la-releve-collective/resultats/", 23_400, 15),
    ("/forums/forum-de-la-releve-collective/suivi/", 6_900, 8),
    ("/forums/forum-de-la-releve-collective/tours/1/resultats/", 10_800, 8),
    ("/forums/forum-regional-automne-2025/recommandations/", 16_100, 9),
    ("/forums/forum-regional-automne-2025/recommandations/1/", 14_200, 13),
    ("/priorites/", 11_800, 9),
    ("/forums/rencontre-logement-et-voisinage/tours/1/ecran/", 14_100, 4),
]


@pytest.fixture
def demonstration(db):
    import os
    from pathlib import Path

    from django.core.management import call_command

    with Path(os.devnull).open("w") as sink:
        call_command("seed_demo", stdout=sink)


def test_pages_are_made_with_few_calls(demonstration):
    asked = [
        (address, calls_to_make(address, is_changed=True), len(statements_to_make(address, is_changed=True)))
        for address, *_most in PAGES
    ]
    over = [
        (address, calls, statements)
        for (address, calls, statements), (_address, most_calls, most_statements) in zip(
            asked, PAGES, strict=True
        )
        if calls > most_calls or statements > most_statements
    ]
    assert over == []
