"""One entry, one ballot: what casting keeps, gives back and refuses."""

from __future__ import annotations

import hmac

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from forums.models import Ballot, RoundSecret
from forums.tally.box import receipt_hash
from forums.vote import casting, paper_issue, round_keys, rounds
from forums.vote.codes import ALPHABET
from tests.forums.closing import bring_closing
from tests.forums.voting.conftest import entries_of

FULL = {1: [3, 1], 2: [(4, 4), (2, 3)]}


@pytest.fixture
def cast(open_vote):
    round = open_vote()
    entry = entries_of(round)[0]

    def do(choices=FULL, key="a", **proof):
        return casting.cast_ballot(
            round=round, entry_id=entry.pk, choices=choices, idempotency_key=key, **proof
        )

    do.round, do.entry = round, entry
    return do


def kept(cast):
    return Ballot.objects.get(round=cast.round).choices


def test_ballot_is_kept_sorted_with_every_question(cast):
    given = cast()
    assert kept(cast) == {"1": [1, 3], "2": [[2, 3], [4, 4]]}
    assert Ballot.objects.get().receipt_hash == receipt_hash(given.receipt)
    assert (len(given.receipt), given.is_change) == (16, False)


def test_key_and_receipt_are_made_of_the_secret(cast):
    """As HMAC-SHA256 of Python's own library makes them, though the database keeps the two blocks alone."""
    given = cast(key="é" * 9)
    kept = RoundSecret.objects.get(round=cast.round)
    secret = bytes(byte ^ 0x36 for byte in kept.inner_block)[:32]
    assert bytes(kept.outer_block) == bytes(byte ^ 0x5C for byte in secret.ljust(64, b"\0"))
    round_key = round_keys.key_of_round(cast.round.pk)
    voter_key = hmac.digest(secret, round_key + b"voter:%d" % cast.entry.pk, "sha256")
    assert bytes(Ballot.objects.get().voter_key) == voter_key
    digest = hmac.digest(secret, round_key + b"receipt:" + voter_key + ("é" * 9).encode(), "sha256")
    bits = f"{int.from_bytes(digest[:10]):080b}"
    assert given.receipt == "".join(ALPHABET[int(bits[place : place + 5], 2)] for place in range(0, 80, 5))


def test_secret_is_drawn_by_the_database_and_in_no_statement(open_vote):
    """PostgreSQL may be asked to log every statement."""
    with CaptureQueriesContext(connection) as written:
        first, second = (RoundSecret.objects.get(round=open_vote()) for _ in range(2))
    for kept in ("inner_block", "outer_block", "seed"):
        assert bytes(getattr(first, kept)) != bytes(getattr(second, kept))
        assert not [query for query in written if bytes(getattr(first, kept)).hex() in query["sql"]]


def test_ballot_may_be_blank(cast):
    cast({})
    assert kept(cast) == {"1": [], "2": []}


@pytest.mark.parametrize(
    "choices",
    [
        {1: [1, 2, 3, 4]},
        {1: [1, 1]},
        {1: [6]},
        {1: [0]},
        {3: [1]},
        {2: [(1, 5)]},
        {2: [(1, 0)]},
        {2: [(1, -1), (2, 4)]},
        {2: [(1, 4), (2, 4), (3, 3)]},
        {2: [(1, 2), (1, 2)]},
        {2: [(9, 2)]},
    ],
)
def test_choices_beyond_the_limits_are_refused(cast, choices):
    with pytest.raises(casting.InvalidChoices):
        cast(choices)
    assert not Ballot.objects.exists()


def test_choices_at_the_limits_are_kept(cast):
    cast({1: [1, 2, 3], 2: [(1, 4), (2, 4), (3, 2)]})
    assert kept(cast) == {"1": [1, 2, 3], "2": [[1, 4], [2, 4], [3, 2]]}


def test_repeated_request_gives_the_same_receipt(cast):
    first, again = cast(), cast()
    assert (first.receipt, Ballot.objects.count()) == (again.receipt, 1)


def test_change_needs_the_receipt_or_the_account(cast):
    first = cast()
    with pytest.raises(casting.ReceiptNeeded):
        cast({1: [2]}, key="b")
    with pytest.raises(casting.ReceiptNeeded):
        cast({1: [2]}, key="b", receipt="0" * 16)
    assert kept(cast)["1"] == [1, 3]
    second = cast({1: [2]}, key="b", receipt=first.receipt)
    assert (second.is_change, kept(cast)["1"]) == (True, [2])
    cast({1: [5]}, key="c", has_account=True)
    assert kept(cast)["1"] == [5]


def test_former_receipt_proves_nothing(cast):
    first = cast()
    cast({1: [2]}, key="b", receipt=first.receipt)
    with pytest.raises(casting.ReceiptNeeded):
        cast({1: [4]}, key="c", receipt=first.receipt)
    assert kept(cast)["1"] == [2]


def test_delayed_retry_never_restores_an_old_vote(cast):
    first = cast(key="a")
    cast({1: [2]}, key="b", receipt=first.receipt)
    for proof in ({}, {"receipt": first.receipt}, {"has_account": True}):
        with pytest.raises(casting.StaleBallot):
            cast(key="a", **proof)
    assert kept(cast)["1"] == [2]


def test_same_key_with_other_choices_is_refused(cast):
    cast(key="a")
    with pytest.raises(casting.StaleBallot):
        cast({1: [5]}, key="a", has_account=True)
    assert kept(cast)["1"] == [1, 3]


def test_withdrawn_ballot_is_empty_and_its_requests_are_dead(cast):
    first = cast(key="a")
    with pytest.raises(casting.ReceiptNeeded):
        casting.withdraw_ballot(round_id=cast.round.pk, entry_id=cast.entry.pk)
    casting.withdraw_ballot(round_id=cast.round.pk, entry_id=cast.entry.pk, receipt=first.receipt)
    assert (kept(cast), casting.turnout(cast.round.pk)) == ({}, (0, 3))
    with pytest.raises(casting.StaleBallot):
        cast(key="a")
    cast({1: [2]}, key="b")
    assert (kept(cast)["1"], casting.turnout(cast.round.pk)) == ([2], (1, 3))


def test_withdrawn_ballot_is_not_told_as_deleted(cast):
    given = cast()
    casting.withdraw_ballot(round_id=cast.round.pk, entry_id=cast.entry.pk, receipt=given.receipt)
    assert paper_issue.issue_paper(round_id=cast.round.pk, entry_id=cast.entry.pk) is False
    assert not Ballot.objects.exists()


def test_code_alone_shows_nothing(cast):
    assert casting.choices_cast(round_id=cast.round.pk, entry_id=cast.entry.pk) is None
    given = cast()
    with pytest.raises(casting.ReceiptNeeded):
        casting.choices_cast(round_id=cast.round.pk, entry_id=cast.entry.pk)
    shown = casting.choices_cast(round_id=cast.round.pk, entry_id=cast.entry.pk, receipt=given.receipt)
    assert shown == {"1": [1, 3], "2": [[2, 3], [4, 4]]}


def test_entry_of_another_round_is_refused(cast, open_vote):
    other = open_vote()
    with pytest.raises(casting.NotOnRoll):
        casting.cast_ballot(round=other, entry_id=cast.entry.pk, choices=FULL, idempotency_key="a")
    assert not Ballot.objects.exists()


def test_ballot_before_closing_counts_and_after_does_not(open_vote):
    round = open_vote()
    first, second, _third = entries_of(round)
    casting.cast_ballot(round=round, entry_id=first.pk, choices=FULL, idempotency_key="a")
    bring_closing(round)
    with pytest.raises(casting.VoteNotOpen):
        casting.cast_ballot(round=round, entry_id=second.pk, choices=FULL, idempotency_key="b")
    closed = rounds.close_round(round_id=round.pk, by=None)
    assert closed.closed_at == round.closes_at
    assert Ballot.objects.count() == 1


def test_round_that_is_not_open_takes_nothing(cast):
    rounds.annul_round(round_id=cast.round.pk, reason="Panne de courant.", by=None)
    with pytest.raises(casting.VoteNotOpen):
        cast()
    assert not Ballot.objects.exists()


def test_ballot_is_not_cast_inside_another_transaction(cast):
    """What would be acknowledged could still be taken back."""
    with pytest.raises(RuntimeError, match="inside another transaction"), transaction.atomic():
        cast()
    assert not Ballot.objects.exists()


def test_casting_asks_one_statement(cast, django_assert_num_queries, monkeypatch):
    casting.questions_of(cast.round)
    asked, ask = [], casting.fetch_row
    monkeypatch.setattr(casting, "fetch_row", lambda *given: asked.append(given) or ask(*given))
    # The statement goes by itself, unseen by Django (`test_no_statement_shows_a_person_beside_choices`).
    with django_assert_num_queries(0):
        cast()
        cast({1: [2]}, key="b", has_account=True)
    assert len(asked) == 2


def test_questions_are_remembered_by_opening(cast, django_assert_num_queries):
    casting.questions_of(cast.round)
    with django_assert_num_queries(0):
        assert [question.position for question in casting.questions_of(cast.round)] == [1, 2]
