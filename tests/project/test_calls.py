"""What it costs to make each kind of reading page, in calls of functions."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test.signals import template_rendered

from tests.bench.data import POST_SLUG, post_with_comments
from tests.bench.votes import casts, open_round
from tests.calls import calls_to_answer, calls_to_make, environment_of, statements_to_make

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.counts_calls,
    pytest.mark.any_hour("always the same day: a month has more rows than another"),
]

# As few as docs/performance.md set out to have, or those of the day when they were last changed and a fortieth.
# (address, most calls, most after a change of what the page reads, most statements then).
PAGES = [
    ("/billets/", 6_000, 6_000, 4),
    ("/billets/?page=2", 9_900, 10_100, 4),
    (f"/billets/{POST_SLUG}/", 10_000, 10_000, 9),
    # Changed: with the activities to come and the season that is under way, asked anew.
    ("/", 6_000, 10_200, 11),
    ("/a-propos/", 7_600, 7_600, 3),
    ("/agenda/", 20_500, 37_000, 6),
    ("/agenda/?vue=mois", 15_600, 15_900, 7),
    ("/forums/", 9_100, 9_300, 9),
    ("/forums/forum-de-la-releve-collective/", 13_300, 13_500, 13),
    ("/forums/forum-de-la-releve-collective/resultats/", 19_300, 19_500, 16),
    ("/forums/forum-de-la-releve-collective/suivi/", 5_800, 6_100, 8),
    ("/forums/forum-de-la-releve-collective/tours/1/resultats/", 10_200, 10_400, 8),
    ("/forums/forum-regional-automne-2025/recommandations/", 12_700, 12_900, 11),
    ("/forums/forum-regional-automne-2025/recommandations/1/", 13_300, 13_500, 13),
    ("/priorites/", 13_200, 13_500, 9),
    ("/forums/rencontre-logement-et-voisinage/tours/1/ecran/", 15_000, 15_000, 4),
]
# The page that holds nothing but what every page does.
FRAME = ("/vide/", 2_500)
CASTING = 2_100


@pytest.fixture
def demonstration(db):
    with Path(os.devnull).open("w") as sink:
        call_command("seed_demo", stdout=sink)
    post_with_comments()


def test_pages_and_their_frame_are_made_with_few_calls(demonstration, settings):
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
    settings.ROOT_URLCONF = "tests.empty_page"
    address, most = FRAME
    assert calls_to_make(address) <= most


def test_what_the_suite_notes_of_a_page_is_not_counted(db, settings):
    settings.ROOT_URLCONF = "tests.empty_page"
    address, _most = FRAME
    alone = calls_to_make(address)
    noted = []

    def note(template, **_signal):
        noted.append(template)

    template_rendered.connect(note)
    try:
        assert calls_to_make(address) == alone
        assert noted
    finally:
        template_rendered.disconnect(note)


def test_a_ballot_is_cast_with_few_calls(db):
    round = open_round("banc-d-essai", people=3)
    sent = [environment_of(cast.request) for cast in casts(round, 80)]
    calls, status = calls_to_answer(*sent)
    assert status == 200
    assert calls <= CASTING
