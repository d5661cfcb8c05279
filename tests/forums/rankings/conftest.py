"""A round of one ranking: three ranks among five options, two retained."""

from __future__ import annotations

import pytest

from forums.models import Question
from forums.vote.rounds import open_round
from tests.factories import QuestionFactory, RegistrationFactory, RoundFactory
from tests.forums.vote.conftest import codes_of

RANKING = {"method": "ranking", "limits": {"ranks": 3}}


@pytest.fixture
def planned(db):
    def make(people=3, options=5, limits=None, **kwargs):
        round = RoundFactory(**kwargs)
        QuestionFactory(
            round=round,
            position=1,
            to_retain=2,
            options=options,
            **RANKING | ({"limits": limits} if limits else {}),
        )
        RegistrationFactory.create_batch(people, forum=round.forum)
        return round

    return make


@pytest.fixture
def round(planned):
    return open_round(round_id=planned().pk, by=None)


@pytest.fixture
def question(round):
    return Question.objects.prefetch_related("options").get(round=round)


@pytest.fixture
def phone(round, client):
    assert client.get(f"/vote/{codes_of(round.forum)[0]}/").status_code == 302
    return client
