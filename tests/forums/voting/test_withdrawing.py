"""Whose ballot is emptied, when, and by whom: a withdrawal, condition by condition."""

from __future__ import annotations

import pytest
from django.db import transaction

from forums.models import Ballot
from forums.vote import casting, paper_issue, roll, rounds
from tests.factories import UserFactory
from tests.forums.voting.conftest import entries_of


def cast(round, entry):
    return casting.cast_ballot(round=round, entry_id=entry.pk, choices={1: [1]}, idempotency_key="a")


def withdraw(round, entry, **proof):
    return casting.withdraw_ballot(round_id=round.pk, entry_id=entry.pk, **proof or {"has_account": True})


def left(round):
    return Ballot.objects.filter(round=round, is_withdrawn=False).count()


def test_own_ballot_alone_is_emptied(open_vote):
    round, other = open_vote(), open_vote()
    first, second, _third = entries_of(round)
    cast(round, first), cast(round, second), cast(other, entries_of(other)[0])
    withdraw(round, second)
    assert (left(round), left(other)) == (1, 1)
    assert casting.choices_cast(round_id=round.pk, entry_id=first.pk, has_account=True)["1"] == [1]
    withdraw(round, second)
    assert left(round) == 1


def test_nothing_is_withdrawn_once_the_round_is_closed(open_vote):
    round = open_vote()
    entry = entries_of(round)[0]
    cast(round, entry)
    rounds.close_round(round_id=round.pk, by=None)
    with pytest.raises(casting.VoteNotOpen):
        withdraw(round, entry)
    assert left(round) == 1


def test_entry_of_another_round_or_taken_off_withdraws_nothing(open_vote):
    round, other = open_vote(), open_vote()
    entry = entries_of(round)[0]
    cast(round, entry)
    with pytest.raises(casting.NotOnRoll):
        withdraw(other, entry)
    roll.void_entry(round_id=round.pk, entry_id=entry.pk, reason="Erreur", by=UserFactory(is_staff=True))
    with pytest.raises(casting.NotOnRoll):
        withdraw(round, entry)


def test_whoever_votes_on_paper_withdraws_nothing(open_vote):
    round = open_vote()
    first, second, _third = entries_of(round)
    paper_issue.issue_paper(round_id=round.pk, entry_id=second.pk)
    with pytest.raises(casting.VotesOnPaper):
        withdraw(round, second)
    withdraw(round, first)


def test_withdrawal_is_a_transaction_by_itself(open_vote):
    round = open_vote()
    entry = entries_of(round)[0]
    cast(round, entry)
    with pytest.raises(RuntimeError), transaction.atomic():
        withdraw(round, entry)
    assert left(round) == 1
