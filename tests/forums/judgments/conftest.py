"""Rounds that give options grades."""

from __future__ import annotations

import html

import pytest

from forums.models import Question
from forums.vote.rounds import open_round
from tests.factories import OptionFactory, QuestionFactory, RegistrationFactory, RoundFactory
from tests.forums.vote.conftest import codes_of

TITLES = ("Jardin collectif", "Navette rurale", "Four à pain")


def text(response):
    return html.unescape(" ".join(response.content.decode().split())).replace("\u00a0", " ")


def judgment(round, *, grades=5, titles=TITLES, position=1, to_retain=1):
    question = QuestionFactory(
        round=round,
        position=position,
        method="judgment",
        limits={"grades": grades},
        to_retain=to_retain,
        options=0,
    )
    for number, title in enumerate(titles, start=1):
        OptionFactory(question=question, number=number, title=title)
    return question


def question_of(round):
    return Question.objects.prefetch_related("options").get(round=round)


@pytest.fixture
def planned(db):
    def make(people=3, **kwargs):
        round = RoundFactory()
        judgment(round, **kwargs)
        RegistrationFactory.create_batch(people, forum=round.forum)
        return round

    return make


@pytest.fixture
def round(planned):
    return open_round(round_id=planned().pk, by=None)


@pytest.fixture
def phone(round, client):
    assert client.get(f"/vote/{codes_of(round.forum)[0]}/").status_code == 302
    return client
