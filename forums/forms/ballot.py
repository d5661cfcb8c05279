"""The ballot as a voter filled it in, parsed from the form that was posted, with its errors.

Each question's fields begin with `q<position>`; its method names and reads them. Nothing chosen is a blank ballot.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from forums.models import Question
from forums.vote.methods.base import FilledQuestion
from forums.vote.methods.registry import method_of

IDEMPOTENCY_KEY = re.compile(r"[\w-]{16,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class FilledBallot:
    questions: tuple[FilledQuestion, ...]
    # It has a field that no question of the round has: another form, or one cut on its way.
    has_unknown_fields: bool = False

    @property
    def choices(self) -> dict[int, list[Any]]:
        """What `forums.vote.casting.cast_ballot` takes."""
        return {filled.question.position: filled.chosen for filled in self.questions}

    @property
    def has_errors(self) -> bool:
        return self.has_unknown_fields or any(filled.has_error for filled in self.questions)

    @property
    def is_blank(self) -> bool:
        return not any(filled.chosen for filled in self.questions)


def ballot_from_choices(
    questions: Sequence[Question], choices: Mapping[str, list[Any]] | None = None
) -> FilledBallot:
    """An empty ballot, or the one of these `Ballot.choices`."""
    kept = choices or {}
    return FilledBallot(
        tuple(
            method_of(question).fill(question, kept.get(str(question.position), [])) for question in questions
        )
    )


def parse_ballot(questions: Sequence[Question], data: QueryDict) -> FilledBallot:
    """The ballot that was posted, as it was filled in, with an error beside whatever is wrong."""
    answers = tuple(method_of(question).read(question, data) for question in questions)
    known = {line.name for filled in answers for line in filled.lines}
    return FilledBallot(
        answers, has_unknown_fields=any(re.match(r"q\d", name) and name not in known for name in data)
    )


def clean_idempotency_key(text: str) -> str:
    """The idempotency key that the form carries; empty when it is not one."""
    return text if IDEMPOTENCY_KEY.fullmatch(text) else ""
