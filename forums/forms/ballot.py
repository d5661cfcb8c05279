"""What a voter ticked or shared, read from the form that was posted, with what is wrong with it.

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

KEY = re.compile(r"[\w-]{16,64}", re.ASCII)
MAX_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Line:
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
class Sheet:
    """One question as the voter filled it in."""

    question: Question
    lines: Sequence[Line]
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
    def allowed(self) -> int:
        """Ticks, or points."""
        return (self.question.points if self.is_points else self.question.limit) or 0

    @property
    def kept_lines(self) -> list[Line]:
        return [line for line in self.lines if line.is_chosen]

    @property
    def has_error(self) -> bool:
        return bool(self.error) or any(line.error for line in self.lines)


@dataclass(frozen=True, slots=True)
class FilledBallot:
    sheets: tuple[Sheet, ...]
    # The form was not one of ours, or was cut on its way.
    is_odd: bool = False

    @property
    def choices(self) -> dict[int, list[Any]]:
        return {sheet.question.position: sheet.chosen for sheet in self.sheets}

    @property
    def has_errors(self) -> bool:
        return self.is_odd or any(sheet.has_error for sheet in self.sheets)

    @property
    def is_blank(self) -> bool:
        return not any(sheet.chosen for sheet in self.sheets)


def ballot_from(questions: Sequence[Question], kept: Mapping[str, list[Any]] | None = None) -> FilledBallot:
    """An empty ballot, or the one that `Ballot.choices` holds."""
    sheets = []
    for question in questions:
        chosen = (kept or {}).get(str(question.position), [])
        points = {number: str(given) for number, given in chosen} if question.method == "points" else {}
        lines = [
            Line(
                option,
                _name(question, option),
                option.number in (points or chosen),
                points.get(option.number, ""),
            )
            for option in question.options.all()
        ]
        sheets.append(Sheet(question, lines, list(chosen)))
    return FilledBallot(tuple(sheets))


def read_ballot(questions: Sequence[Question], data: QueryDict) -> FilledBallot:
    """What was posted; whatever is wrong is said where it is, and what was ticked is kept."""
    sheets = tuple(
        _read_points(question, data) if question.method == "points" else _read_ticks(question, data)
        for question in questions
    )
    known = {sheet.name for sheet in sheets if not sheet.is_points}
    known |= {line.name for sheet in sheets if sheet.is_points for line in sheet.lines}
    return FilledBallot(sheets, is_odd=any(re.match(r"q\d", name) and name not in known for name in data))


def _name(question: Question, option: Option) -> str:
    name = f"q{question.position}"
    return f"{name}-{option.number}" if question.method == "points" else name


def _read_ticks(question: Question, data: QueryDict) -> Sheet:
    ticked = set(data.getlist(f"q{question.position}"))
    options = list(question.options.all())
    lines = [Line(option, _name(question, option), str(option.number) in ticked) for option in options]
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
    return Sheet(question, lines, chosen, error)


def _read_points(question: Question, data: QueryDict) -> Sheet:
    lines = [_read_line(question, option, data) for option in question.options.all()]
    given = [(line.option.number, int(line.points)) for line in lines if line.is_chosen and not line.error]
    spent = sum(points for _number, points in given)
    error = ""
    if spent > (question.points or 0):
        error = _("You gave %(spent)s points: the most is %(points)s. Take some back.") % {
            "spent": spent,
            "points": question.points,
        }
    return Sheet(question, lines, given, error)


def _read_line(question: Question, option: Option, data: QueryDict) -> Line:
    name = _name(question, option)
    typed = data.get(name, "").strip()
    each = question.points_each or 0
    if not typed or (typed.isdecimal() and not typed.strip("0")):
        return Line(option, name)
    if not typed.isdecimal() or len(typed) > MAX_DIGITS:
        return Line(
            option, name, True, typed[:40], _("Write a whole number, from 0 to %(each)s.") % {"each": each}
        )
    if int(typed) > each:
        return Line(option, name, True, typed, _("%(each)s points at most here.") % {"each": each})
    return Line(option, name, True, str(int(typed)))


def valid_key(text: str) -> str:
    """The name of an attempt as the form carries it; empty when it is not one."""
    return text if KEY.fullmatch(text) else ""
