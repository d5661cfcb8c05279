"""Rounds ready to vote in, and people to race in them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connection

from forums.models import RollEntry
from forums.vote.rounds import open_round
from tests.factories import QuestionFactory, RegistrationFactory, RoundFactory


@pytest.fixture
def open_vote(db):
    """Opens a round of two questions (three ticks of five; ten points, four each) for so many arrivals."""

    def make(people=3, **kwargs):
        planned = RoundFactory(**kwargs)
        QuestionFactory(round=planned, position=1, limits={"limit": 3}, to_retain=2, options=5)
        points = {"method": "points", "limits": {"points": 10, "points_each": 4}}
        QuestionFactory(round=planned, position=2, to_retain=2, options=5, **points)
        RegistrationFactory.create_batch(people, forum=planned.forum)
        return open_round(round_id=planned.pk, by=None)

    return make


def entries_of(round):
    return list(RollEntry.objects.filter(round=round).order_by("pk"))


def together(*jobs: Callable[[], Any]) -> list[Any]:
    """Runs the jobs at the same instant, each with its own connection; gives results, or what they raised."""
    start = threading.Barrier(len(jobs))
    results: list[Any] = [None] * len(jobs)

    def run(place: int, job: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            start.wait()
            results[place] = job()
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def kinds(results: Sequence[Any]) -> set[type]:
    return {type(result) for result in results}
