"""The ballot as a voter filled it in, parsed from the form that was posted, with its errors.

Fields: `q<position>` holds the numbers of the options ticked; `q<position>-<number>`, the points given
to one option. Nothing ticked is a blank ballot.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from forums.models import Option, Question

IDEMPOTENCY_KEY = re.compile(r"[\w-]{16,64}", re.ASCII)
MAX_DIGITS = 4


@dataclass(frozen=True, slots=True)
class FilledOption:
    """One option, and what the voter did with it."""

    option: Option
    name: str
    is_chosen: bool = False
    # As typed, for points.
    points: str = ""
    error: str = ""

    @property
    def given(self) -> int:
        """The points, once they are known to be right."""
        return int(self.points)

    @property
    def id(self) -> str:
        return f"{self.name}-{self.option.number}" if "-" not in self.name else self.name


@dataclass(frozen=True, slots=True)
class FilledQuestion:
    """One question as the voter filled it in."""

    question: Question
    lines: Sequence[FilledOption]
    # What `forums.vote.casting.cast_ballot` takes: numbers, or pairs of number and points.
    chosen: list[Any] = field(default_factory=list)
    error: str = ""

    @property
    def name(self) -> str:
        return f"q{self.question.position}"

    @property
    def is_points(self) -> bool:
        return self.question.method == Question.Method.POINTS

    @property
    def maximum(self) -> int:
        """The most ticks, or points."""
        return (self.question.points if self.is_points else self.question.limit) or 0

    @property
    def chosen_options(self) -> list[FilledOption]:
        return [line for line in self.lines if line.is_chosen]

    @property
    def has_error(self) -> bool:
        return bool(self.error) or any(line.error for line in self.lines)


@dataclass(frozen=True, slots=True)
class FilledBallot:
    questions: tuple[FilledQuestion, ...]
    # It has a field that no question of the round has: another form, or one cut on its way.
    has_unknown_fields: bool = False

    @property
    def choices(self) -> dict[int, list[Any]]:
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
    answers = []
    for question in questions:
        chosen = (choices or {}).get(str(question.position), [])
        points = {number: str(given) for number, given in chosen} if question.method == "points" else {}
        lines = [
            FilledOption(
                option,
                _field_name(question, option),
                option.number in (points or chosen),
                points.get(option.number, ""),
            )
            for option in question.options.all()
        ]
        answers.append(FilledQuestion(question, lines, list(chosen)))
    return FilledBallot(tuple(answers))


def parse_ballot(questions: Sequence[Question], data: QueryDict) -> FilledBallot:
    """The ballot that was posted, as it was filled in, with an error beside whatever is wrong."""
    answers = tuple(
        _parse_points(question, data) if question.method == "points" else _parse_ticks(question, data)
        for question in questions
    )
    known = {filled.name for filled in answers if not filled.is_points}
    known |= {line.name for filled in answers if filled.is_points for line in filled.lines}
    return FilledBallot(
        answers, has_unknown_fields=any(re.match(r"q\d", name) and name not in known for name in data)
    )


def _field_name(question: Question, option: Option) -> str:
    name = f"q{question.position}"
    return f"{name}-{option.number}" if question.method == "points" else name


def _parse_ticks(question: Question, data: QueryDict) -> FilledQuestion:
    ticked = set(data.getlist(f"q{question.position}"))
    options = list(question.options.all())
    lines = [
        FilledOption(option, _field_name(question, option), str(option.number) in ticked)
        for option in options
    ]
    chosen = [line.option.number for line in lines if line.is_chosen]
    limit = question.limit or 0
    error = ""
    if len(chosen) != len(ticked):
        error = _("This ballot names a recommendation that is not on the list. Check your choices.")
    elif (over := len(chosen) - limit) > 0:
        error = ngettext(
            "You ticked %(count)s: %(over)s too many. Untick %(over)s.",
            "You ticked %(count)s: %(over)s too many. Untick %(over)s.",
            over,
        ) % {"count": len(chosen), "over": over}
    return FilledQuestion(question, lines, chosen, error)


def _parse_points(question: Question, data: QueryDict) -> FilledQuestion:
    lines = [_parse_option_points(question, option, data) for option in question.options.all()]
    given = [(line.option.number, int(line.points)) for line in lines if line.is_chosen and not line.error]
    spent = sum(points for _number, points in given)
    error = ""
    if spent > (question.points or 0):
        error = _("You gave %(spent)s points: the most is %(points)s. Take some back.") % {
            "spent": spent,
            "points": question.points,
        }
    return FilledQuestion(question, lines, given, error)


def _parse_option_points(question: Question, option: Option, data: QueryDict) -> FilledOption:
    name = _field_name(question, option)
    typed = data.get(name, "").strip()
    each = question.points_each or 0
    if not typed or (typed.isdecimal() and not typed.strip("0")):
        return FilledOption(option, name)
    if not typed.isdecimal() or len(typed) > MAX_DIGITS:
        return FilledOption(
            option, name, True, typed[:40], _("Write a whole number, from 0 to %(each)s.") % {"each": each}
        )
    if int(typed) > each:
        return FilledOption(option, name, True, typed, _("%(each)s points at most here.") % {"each": each})
    return FilledOption(option, name, True, str(int(typed)))


def clean_idempotency_key(text: str) -> str:
    """The idempotency key that the form carries; empty when it is not one."""
    return text if IDEMPOTENCY_KEY.fullmatch(text) else ""
