"""A round of two questions, people who arrived, and the phones they vote with."""

from __future__ import annotations

import pytest
from django.test import Client

from forums.models import Registration, RollEntry
from forums.vote import slips
from forums.vote.rounds import open_round
from tests.factories import QuestionFactory, RegistrationFactory, RoundFactory

CHOICES = {"q1": ["1", "3"], "q2-2": "4", "q2-5": "3"}
KEPT = {"1": [1, 3], "2": [[2, 4], [5, 3]]}


@pytest.fixture
def planned(db):
    """`planned(people=3)`: a round that nobody has opened yet, and its arrivals."""

    def make(people=3, **kwargs):
        round = RoundFactory(**kwargs)
        QuestionFactory(round=round, position=1, limits={"limit": 3}, to_retain=2, options=5)
        points = {"method": "points", "limits": {"points": 10, "points_each": 4}}
        QuestionFactory(round=round, position=2, to_retain=2, options=5, **points)
        RegistrationFactory.create_batch(people, forum=round.forum)
        return round

    return make


@pytest.fixture
def opened(planned):
    def make(people=3, **kwargs):
        return open_round(round_id=planned(people, **kwargs).pk, by=None)

    return make


@pytest.fixture
def round(opened):
    return opened()


def codes_of(forum):
    """An active code for everyone who arrived at a forum."""
    people = list(Registration.objects.filter(forum=forum).order_by("pk"))
    made = slips.create_slips(forum=forum, count=len(people))
    for (_number, code), person in zip(made, people, strict=True):
        slips.activate_slip(slip=slips.find_slip(forum_id=forum.pk, written=code), registration=person)
    return [code for _number, code in made]


@pytest.fixture
def codes(round):
    return codes_of(round.forum)


@pytest.fixture
def phone(codes):
    """`phone()`: a fresh phone that has just scanned the first code; `phone(1)` the second."""

    def make(which=0, **options):
        client = Client(**options)
        assert client.get(f"/vote/{codes[which]}/").status_code == 302
        return client

    return make


def entry_of(round, which=0):
    return RollEntry.objects.filter(round=round).order_by("registration_id")[which]


def address(round, rest=""):
    return f"/forums/{round.forum.slug}/tours/{round.number}/vote/{rest}"


def cast(client, round, choices=CHOICES, key="une-clef-de-seize-signes", **headers):
    return client.post(address(round, "depot/"), {"key": key, **choices}, headers=headers)


def receipt_on(client):
    return next(
        (cookie.value for name, cookie in client.cookies.items() if "recu-" in name and cookie.value), ""
    )
