"""Whether a round takes ballots is said in one way by the model, by its rows and by the database."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import product

import pytest
from django.db import connection
from django.utils import timezone

from forums.models import Round
from forums.vote.rules import is_open
from tests.forums.rounds.conftest import STATES

MINUTE = timedelta(minutes=1)


def in_database(round, function):
    """What a function of the database says of a row with these dates, stored or not."""
    dates = {name: getattr(round, name) for name in ("opened_at", "closed_at", "annulled_at", "closes_at")}
    row = json.dumps({name: at and at.isoformat() for name, at in dates.items()})
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(jsonb_populate_record(NULL::forums_round, %s))", [row])
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_model_and_database_agree_on_every_mix_of_dates():
    now = timezone.now()
    past, future = now - MINUTE, now + MINUTE
    for opened, closed, annulled, closes in product((None, past), (None, past), (None, past), (past, future)):
        round = Round(opened_at=opened, closed_at=closed, annulled_at=annulled, closes_at=closes)
        assert in_database(round, "forums_is_running") is round.is_running
        assert in_database(round, "forums_is_open") is (round.state_at(now) == Round.State.OPEN)
        assert round.is_running is (opened is past and closed is None and annulled is None)


@pytest.mark.django_db
@pytest.mark.parametrize("state", STATES)
def test_rows_agree_with_the_model_in_every_state(make_round, state):
    round = make_round(state)
    assert is_open(round.pk) is (state == "open")
    for now in (timezone.now(), round.closes_at, round.closes_at + MINUTE):
        found = Round.objects.filter(pk=round.pk)
        assert found.open_at(now).exists() is (round.state_at(now) == Round.State.OPEN)
        assert found.overdue(now).exists() is (round.is_running and now >= round.closes_at)
