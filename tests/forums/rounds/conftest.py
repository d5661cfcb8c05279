"""Rounds in each state, as staff find them, and the pages that staff have for them."""

from __future__ import annotations

import pytest
from django.urls import reverse

from forums.models import PaperBallot, RollEntry, Round
from forums.vote import casting, paper_entry, paper_issue, rounds
from forums.vote.paper_entry import Answer
from tests.factories import QuestionFactory, RegistrationFactory, RoundFactory

STATES = ("planned", "drawn", "open", "closed", "sealed", "annulled")


@pytest.fixture
def make_round(db):
    """`make_round("open", people=3)`: five options and three ticks, then ten points; arrivals on the roll."""

    def make(state="open", *, people=3, papers=0, **kwargs):
        round = RoundFactory(number=kwargs.pop("number", 1), **kwargs)
        QuestionFactory(
            round=round, position=1, title="Que faire d’abord?", limits={"limit": 3}, to_retain=2, options=5
        )
        points = {"method": "points", "limits": {"points": 10, "points_each": 4}}
        QuestionFactory(round=round, position=2, title="Où aller?", to_retain=2, options=5, **points)
        RegistrationFactory.create_batch(people, forum=round.forum)
        if state == "planned":
            return round
        rounds.draw_ballot(round_id=round.pk)
        if papers:
            paper_issue.print_papers(round_id=round.pk, count=papers)
        if state in {"open", "closed", "sealed", "annulled"}:
            rounds.open_round(round_id=round.pk, by=None)
        if state in {"closed", "sealed"}:
            rounds.close_round(round_id=round.pk, by=None)
        if state == "sealed":
            from forums.event.open_and_seal import seal_vote

            seal_vote(round_id=round.pk, by=None)
        if state == "annulled":
            rounds.annul_round(round_id=round.pk, reason="Une question était fautive.", by=None)
        return Round.objects.select_related("forum").get(pk=round.pk)

    return make


def address(name, round, **more):
    return reverse(f"staff:{name}", kwargs={"slug": round.forum.slug, "number": round.number, **more})


def fresh(round):
    return Round.objects.select_related("forum").get(pk=round.pk)


def entries(round):
    return list(RollEntry.objects.filter(round=round).order_by("pk"))


def vote(round, entry, first=(1,), second=((2, 3),), *, key="a", receipt=""):
    choices = {1: list(first), 2: [list(pair) for pair in second]}
    return casting.cast_ballot(
        round=round, entry_id=entry.pk, choices=choices, idempotency_key=f"{key}-{entry.pk}", receipt=receipt
    )


def serials(round):
    return list(PaperBallot.objects.filter(round=round).order_by("pk").values_list("serial", flat=True))


def close(round, *, papers_of=()):
    """Gives a paper to each of the entries, then closes."""
    for entry in papers_of:
        paper_issue.issue_paper(round_id=round.pk, entry_id=entry.pk)
    rounds.close_round(round_id=round.pk, by=None)


def type_twice(round, serial, first=(1,), second=()):
    for typist in ("user:0", "day:2"):
        paper_entry.type_paper(
            round_id=round.pk,
            serial=serial,
            answers={1: Answer(list(first)), 2: Answer([list(pair) for pair in second])},
            typist=typist,
            typist_name=typist,
        )
