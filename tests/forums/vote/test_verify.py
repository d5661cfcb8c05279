"""Checking a receipt: recorded, in the sealed list, or not found; never what the ballot says."""

from __future__ import annotations

import hashlib

import pytest

from forums.event.open_and_seal import seal_vote
from forums.models import RateLimitCounter
from forums.vote import rate_limits
from forums.vote.paper_issue import issue_paper
from forums.vote.rounds import annul_round, close_round
from tests.forums.vote.conftest import address, cast, entry_of, receipt_on
from tests.forums.vote.test_ways_in import text

RECORDED, SEALED, UNKNOWN = "Enregistré", "Dans la liste scellée", "Aucun bulletin n’a ce reçu"


def check(client, receipt):
    response = client.post("/verifier/", {"recu": receipt})
    assert response.status_code == 200
    page = text(response)
    return [words for words in (RECORDED, SEALED, UNKNOWN) if f">{words}</h2>" in page]


@pytest.fixture
def voted(round, phone):
    """The phone of someone who voted, and the receipt."""
    held = phone()
    cast(held, round)
    return held, receipt_on(held)


def test_receipt_is_recorded_then_in_the_sealed_list(client, round, voted):
    _held, receipt = voted
    assert check(client, receipt) == [RECORDED]
    close_round(round_id=round.pk, by=None)
    assert check(client, receipt) == [RECORDED]
    seal_vote(round_id=round.pk, by=None)
    assert check(client, receipt) == [SEALED]
    assert check(client, "0" * 16) == [UNKNOWN]


@pytest.mark.parametrize(
    "write", [str.lower, lambda receipt: f" {receipt[:4]} – {receipt[4:]}".replace("0", "o")]
)
def test_receipt_is_typed_as_people_type(client, voted, write):
    assert check(client, write(voted[1])) == [RECORDED]


def test_cancelled_receipts_are_not_found(client, round, voted):
    held, first = voted
    cast(held, round, {"q1": ["2"]}, "une-autre-clef-de-seize")
    second = receipt_on(held)
    assert (check(client, first), check(client, second)) == ([UNKNOWN], [RECORDED])
    held.post(address(round, "retrait/"))
    assert check(client, second) == [UNKNOWN]


def test_receipt_is_not_found_after_a_paper_or_an_annulment(client, round, phone, voted):
    other = phone(1)
    cast(other, round)
    issue_paper(round_id=round.pk, entry_id=entry_of(round).pk)
    assert (check(client, voted[1]), check(client, receipt_on(other))) == ([UNKNOWN], [RECORDED])
    annul_round(round_id=round.pk, reason="Erreur", by=None)
    assert check(client, receipt_on(other)) == [UNKNOWN]


def test_page_tells_what_the_box_lists_and_nothing_of_the_ballot(client, round, voted):
    page = text(client.post("/verifier/", {"recu": voted[1]}))
    assert hashlib.sha256(voted[1].encode()).hexdigest() in page
    assert not any(
        option.title in page for question in round.questions.all() for option in question.options.all()
    )


@pytest.mark.parametrize(
    ("typed", "said"), [("", "Tapez votre reçu."), ("ABC", "seize lettres et chiffres"), ("U" * 16, "seize")]
)
def test_what_is_no_receipt_is_said_so(client, db, typed, said):
    response = client.post("/verifier/", {"recu": typed})
    assert (response.status_code, said in text(response)) == (422, True)


def test_checks_are_slowed_softly(client, db, monkeypatch):
    monkeypatch.setitem(rate_limits._LIMITS, RateLimitCounter.Kind.RECEIPT, 2)
    answers = [client.post("/verifier/", {"recu": "0" * 16}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["Retry-After"] == "60"
    assert 'value="0000000000000000"' in text(answers[2])


def test_checking_asks_few_queries(client, round, voted, django_assert_num_queries):
    check(client, voted[1])
    # Count, ballots; content versions.
    with django_assert_num_queries(3):
        check(client, voted[1])


def test_receipt_in_the_address_is_not_read(client, voted):
    page = text(client.get(f"/verifier/?recu={voted[1]}"))
    assert f'value="{voted[1]}"' not in page
    assert RECORDED not in page
