"""For, against or abstention, on a phone."""

from __future__ import annotations

import pytest

from forums.models import Ballot
from tests.forums.decisions.conftest import text
from tests.forums.vote.conftest import address, cast, receipt_on

pytestmark = pytest.mark.django_db


def test_ballot_shows_the_proposal_its_answers_and_what_it_takes(phone, round):
    page = text(phone.get(address(round)))
    assert "Ouvrir le samedi" in page
    assert "De 9 h à midi." in page
    assert "Adoptée si les pour font au moins les deux tiers des pour et des contre." in page
    assert "Quorum : au moins 1/2 des personnes sur la liste doivent voter." in page
    for value in ("for", "against", "abstention", ""):
        assert f'name="q1" value="{value}"' in page
    # Nothing chosen is a blank ballot.
    assert 'value="" checked' in page


@pytest.mark.parametrize(
    ("answer", "word"), [("for", "Pour"), ("against", "Contre"), ("abstention", "Abstention")]
)
def test_answer_is_reviewed_cast_and_changed(phone, round, answer, word):
    review = text(phone.post(address(round), {"key": "une-clef-de-seize-signes", "q1": answer}))
    assert f"<span>{word}</span>" in review
    assert "Ouvrir le samedi" in review
    assert f'name="q1" value="{answer}"' in review
    cast(phone, round, {"q1": answer})
    assert Ballot.objects.get().choices == {"1": [answer]}
    assert receipt_on(phone)
    again = text(phone.get(address(round) + "?modifier"))
    assert f'value="{answer}" checked' in again
    cast(phone, round, {"q1": ""}, key="une-autre-clef-de-seize-signes")
    assert Ballot.objects.get().choices == {"1": []}


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"q1": "maybe"}, "Cette réponse n’est pas de celles qui sont offertes."),
        ({"q1": "1"}, "Cette réponse n’est pas de celles qui sont offertes."),
        ({"q1": ["for", "against"]}, "Choisissez une seule réponse."),
        ({"q1": ["for", "for"]}, "Choisissez une seule réponse."),
        ({"q1-1": "for"}, "Ce formulaire était incomplet."),
        ({"q2": "for"}, "Ce formulaire était incomplet."),
    ],
)
def test_forged_answers_are_refused_in_words(phone, round, choices, message):
    for response in (phone.post(address(round), choices), cast(phone, round, choices)):
        assert response.status_code == 422
        assert message in text(response)
    assert not Ballot.objects.exists()
