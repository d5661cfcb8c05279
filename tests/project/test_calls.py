"""What it costs to make each kind of reading page, in calls of functions."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.bench.data import POST_SLUG, post_with_comments
from tests.bench.votes import casts, open_round
from tests.calls import calls_to_answer, calls_to_make, environment_of, statements_to_make

pytestmark = [pytest.mark.django_db, pytest.mark.any_hour("counts calls")]

# (address, most calls, most after a change of what the page reads, most statements then).
PAGES = [
    ("/billets/", 5_600, 5_750, 4),
    ("/billets/?page=2", 9_600, 9_750, 4),
    (f"/billets/{POST_SLUG}/", 8_850, 8_950, 9),
    ("/", 5_600, 8_450, 10),
    ("/a-propos/", 7_300, 7_300, 3),
    ("/forums/", 8_700, 8_900, 9),
    ("/forums/forum-de-la-releve-collective/", 12_900, 13_200, 13),
    ("/forums/forum-de-la-releve-collective/resultats/", 18_700, 18_850, 16),
    ("/forums/forum-de-la-releve-collective/suivi/", 5_500, 5_800, 8),
    ("/forums/forum-de-la-releve-collective/tours/1/resultats/", 9_850, 10_000, 8),
    ("/forums/forum-regional-automne-2025/recommandations/", 12_300, 12_450, 11),
    ("/forums/forum-regional-automne-2025/recommandations/1/", 12_900, 13_050, 13),
    ("/priorites/", 12_800, 13_200, 9),
    ("/forums/rencontre-logement-et-voisinage/tours/1/ecran/", 14_700, 14_700, 4),
]
# The page that holds nothing but what every page does.
FRAME = ("/vide/", 2_300)
CASTING = 1_950


@pytest.fixture
def demonstration(db):
    with Path(os.devnull).open("w") as sink:
        call_command("seed_demo", stdout=sink)
    post_with_comments()


def test_pages_are_made_with_few_calls(demonstration):
    asked = [
        (
            address,
            calls_to_make(address),
            calls_to_make(address, is_changed=True),
            len(statements_to_make(address, is_changed=True)),
        )
        for address, *_most in PAGES
    ]
    over = [
        found
        for found, most in zip(asked, PAGES, strict=True)
        if any(number > limit for number, limit in zip(found[1:], most[1:], strict=True))
    ]
    assert over == []


def test_frame_of_every_page_takes_few_calls(demonstration, settings):
    settings.ROOT_URLCONF = "tests.empty_page"
    address, most = FRAME
    assert calls_to_make(address) <= most


def test_a_ballot_is_cast_with_few_calls(db):
    round = open_round("banc-d-essai", people=3)
    sent = [environment_of(cast.request) for cast in casts(round, 80)]
    calls, status = calls_to_answer(*sent)
    assert status == 200
    assert calls <= CASTING
