"""Grades given on a phone, with or without a script."""

from __future__ import annotations

import pytest

from forums.models import Ballot
from tests.forums.judgments.conftest import text
from tests.forums.vote.conftest import address, cast, receipt_on

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("posted", "kept"),
    [
        ({"q1-1": "4", "q1-2": "0", "q1-3": "2"}, [[1, 4], [2, 0], [3, 2]]),
        ({"q1-3": "1", "q1-1": ""}, [[3, 1]]),
        ({"q1-2": "0"}, [[2, 0]]),
        # Nothing graded is a blank ballot.
        ({"q1-1": "", "q1-2": "", "q1-3": ""}, []),
        ({}, []),
    ],
)
def test_grades_are_reviewed_cast_and_changed(phone, round, posted, kept):
    review = phone.post(address(round), {"key": "une-clef-de-seize-signes", **posted})
    assert review.status_code == 200
    cast(phone, round, posted)
    assert Ballot.objects.get().choices == {"1": kept}
    assert receipt_on(phone)
    again = phone.get(address(round) + "?modifier").content.decode()
    for number, grade in kept:
        (field,) = [tag for tag in again.split("<input") if f'name="q1-{number}" value="{grade}"' in tag]
        assert " checked" in field.split(">")[0]
    cast(phone, round, {"q1-1": "3"}, key="une-autre-clef-de-seize-signes")
    assert Ballot.objects.get().choices == {"1": [[1, 3]]}


def test_ballot_says_what_a_missing_grade_counts_as(phone, round):
    page = text(phone.get(address(round)))
    assert "Sans mention, une recommandation compte comme « Insuffisant »" in page
    assert "un bulletin sans aucune mention est blanc" in page


@pytest.mark.parametrize(
    ("posted", "message"),
    [
        ({"q1-1": "5"}, "Cette mention n’est pas de celles qui sont offertes."),
        ({"q1-1": "-1"}, "Cette mention n’est pas de celles qui sont offertes."),
        ({"q1-1": "04"}, "Cette mention n’est pas de celles qui sont offertes."),
        ({"q1-1": "٣"}, "Cette mention n’est pas de celles qui sont offertes."),
        ({"q1-1": "A"}, "Cette mention n’est pas de celles qui sont offertes."),
        ({"q1-1": ["1", "2"]}, "Une seule mention ici."),
        ({"q1-4": "1"}, "Ce formulaire était incomplet."),
        ({"q1": "1"}, "Ce formulaire était incomplet."),
    ],
)
def test_forged_grades_are_refused_in_words(phone, round, posted, message):
    for response in (phone.post(address(round), posted), cast(phone, round, posted)):
        assert response.status_code == 422
        assert message in text(response)
    assert not Ballot.objects.exists()


@pytest.mark.parametrize("same", [{"q1-1": ["2", "2"]}, {"q1-1": ["2", ""]}])
def test_grade_sent_twice_alike_is_one(phone, round, same):
    cast(phone, round, same)
    assert Ballot.objects.get().choices == {"1": [[1, 2]]}


def test_what_is_right_is_kept_beside_what_is_not(phone, round):
    page = phone.post(address(round), {"q1-1": "9", "q1-2": "3"}).content.decode()
    (field,) = [tag for tag in page.split("<input") if 'name="q1-2" value="3"' in tag]
    assert " checked" in field.split(">")[0]
