"""Rounds that decide on a proposal."""

from __future__ import annotations

import html

import pytest

from forums.vote.rounds import open_round
from tests.factories import (
    OptionFactory,
    QuestionFactory,
    RegistrationFactory,
    RoundFactory,
)
from tests.forums.vote.conftest import codes_of

PROPOSAL = {"title": "Ouvrir le samedi", "description": "De 9 h à midi."}
TWO_THIRDS = {"threshold_numerator": 2, "threshold_denominator": 3}
QUORUM = {"quorum_numerator": 1, "quorum_denominator": 2}


def text(response):
    return html.unescape(" ".join(response.content.decode().split())).replace("\u00a0", " ")


def decision(round, *, limits=None, proposals=1, position=1, title="Adoptons-nous cette proposition?"):
    question = QuestionFactory(
        round=round,
        position=position,
        title=title,
        method="decision",
        limits=limits or {},
        to_retain=1,
        options=0,
    )
    for number in range(1, proposals + 1):
        OptionFactory(question=question, number=number, **PROPOSAL)
    return question


@pytest.fixture
def planned(db):
    def make(people=3, limits=None, **kwargs):
        round = RoundFactory(**kwargs)
        decision(round, limits=limits)
        RegistrationFactory.create_batch(people, forum=round.forum)
        return round

    return make


@pytest.fixture
def round(planned):
    return open_round(round_id=planned(limits=TWO_THIRDS | QUORUM).pk, by=None)


@pytest.fixture
def phone(round, client):
    assert client.get(f"/vote/{codes_of(round.forum)[0]}/").status_code == 302
    return client


def pdf_text(content):
    import io

    from pypdf import PdfReader

    pages = PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split()).replace("\u00a0", " ")
