"""What a ballot may hold, and whether a round takes it: asked by the form, by casting and by the typing of papers.

The tally checks ballots by its own account, on purpose.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from forums.models import Question
from forums.vote.methods.base import BallotFault
from forums.vote.methods.registry import method_of

# By position of the question, as `Ballot.choices` has them: empty is blank.
type Choices = Mapping[int, list[Any]]


def checked_choices(choices: Choices, questions: Sequence[Question]) -> dict[str, list[Any]]:
    """The choices as `Ballot.choices` has them, every question present. Raises `BallotFault`.

    Questions come with their options prefetched.
    """
    if unknown := set(choices) - {question.position for question in questions}:
        raise BallotFault("unknown", word=str(min(unknown)))
    checked = {}
    for question in questions:
        given = choices.get(question.position, [])
        chosen = method_of(question).kept(list(part) if isinstance(part, tuple) else part for part in given)
        check_answer(question, chosen)
        checked[str(question.position)] = chosen
    return checked


def check_answer(question: Question, chosen: list[Any]) -> None:
    """Raises the first `BallotFault` of the choices made for a question."""
    for fault in method_of(question).faults(question, chosen):
        raise fault


def is_open(round_id: int) -> bool:
    """Whether ballots are accepted now, by the database's clock. Only under the round's lock does it stay true."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM forums_round WHERE id = %s AND forums_is_open(forums_round)", [round_id])
        return bool(cursor.rowcount)
