"""A sealing killed at any statement: all of it or nothing, and again gives one box."""

from __future__ import annotations

import random

import pytest
from django.db import connection

from forums.event.open_and_seal import seal_vote
from forums.models import Ballot, Results, Round, RoundSecret, SealedBox
from forums.tally.outcome import from_json
from forums.vote.rounds import close_round, open_round
from tests import kills
from tests.factories import QuestionFactory, RegistrationFactory, RoundFactory
from tests.forums.sealed import _cast, past_forum

pytestmark = pytest.mark.django_db(transaction=True)
SEAL = "from forums.event.open_and_seal import seal_vote; seal_vote(round_id={}, by=None)"


def closed_round():
    round = RoundFactory(forum=past_forum(), number=1)
    QuestionFactory(round=round, position=1, options=3, limits={"limit": 1}, to_retain=1)
    RegistrationFactory.create_batch(10, forum=round.forum)
    open_round(round_id=round.pk, by=None)
    _cast(round, ((1,),) * 6 + ((2,),) * 4, 1)
    close_round(round_id=round.pk, by=None)
    return round


def state(round):
    return (
        Round.objects.values("closed_at", "sealed_at").get(pk=round.pk),
        Ballot.objects.filter(round=round).count(),
        RoundSecret.objects.filter(round=round).count(),
        SealedBox.objects.filter(round=round).count(),
        Results.objects.filter(forum=round.forum).count(),
    )


def test_killed_sealing_loses_no_ballot_and_counts_once():
    """The statements are drawn by lot among the first forty, then the first commit: there is no other."""
    round = closed_round()
    before = state(round)
    database = connection.settings_dict["NAME"]
    command = ("shell", "--no-imports", "-c", SEAL.format(round.pk))
    drawn = random.Random(14)
    for _ in range(kills.KILLS):
        assert kills.killed_at(database, "statement", drawn.randint(2, 40), *command)
        assert state(round) == before
    assert kills.killed_at(database, "commit", 1, *command)
    assert state(round)[1:] == (0, 0, 1, 1)
    box = SealedBox.objects.get(round=round)
    assert seal_vote(round_id=round.pk, by=None).pk == box.pk
    assert SealedBox.objects.get(round=round).text == box.text
    assert from_json(box.outcome)
