"""Give each option a grade. `chosen` is sorted pairs of an option's number and its grade, 0 for the lowest.

The limit is `grades`, how many there are. An option left without a grade is not in `chosen`, and gets the lowest; a ballot that
grades nothing is blank.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from forums.models import Option, Question
from forums.tally.outcome import QuestionOutcome
from forums.vote.methods.base import (
    MAX_DIGITS,
    BallotFault,
    Details,
    FilledOption,
    FilledQuestion,
    OptionsMethod,
    ResultRow,
    faults_of_numbers,
    field_name,
    sentence,
)
from forums.vote.methods.judgment import counting
from forums.vote.methods.judgment.grades import LETTERS, Grade, grade_of, scale
from forums.vote.methods.judgment.published import JudgmentRow, details_of, drawing_of, profile_of
from pole.charts import Drawing

# "3A", "3 A", "3=A": an option's number and the letter of its grade; beside what else may be typed.
MARK = re.compile(rf"([0-9]{{1,{MAX_DIGITS}}})[ =-]*([a-z])(?![a-z])|\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class GradedOption(FilledOption):
    """A line of the ballot, with the grades among which it is given one, the best first.

    `value` is that of its grade as it is posted; "" when it has none.
    """

    grades: Sequence[Grade] = ()

    @property
    def grade(self) -> Grade | None:
        return next((grade for grade in self.grades if str(grade.value) == self.value), None)


class Judgment(OptionsMethod):
    name = counting.NAME
    label = gettext_lazy("Give each option a grade (majority judgment)")
    counting = counting
    unit, is_by_totals = "grade", False

    def limit_fields(self) -> dict[str, forms.Field]:
        choices = [
            (grades, ", ".join(grade.word for grade in scale(grades)))
            for grades in range(counting.MIN_GRADES, counting.MAX_GRADES + 1)
        ]
        return {
            "grades": forms.TypedChoiceField(
                label=gettext_lazy("Grades"),
                choices=choices,
                coerce=int,
                empty_value=None,
                required=False,
            )
        }

    def clean_limits(self, typed: Mapping[str, Any]) -> tuple[dict[str, int], dict[str, str]]:
        if not typed["grades"]:
            return {}, {"grades": _("Choose the grades that people may give.")}
        return {"grades": typed["grades"]}, {}

    def fill(self, question: Question, chosen: list[Any]) -> FilledQuestion:
        given = {number: str(grade) for number, grade in chosen}
        lines = [_line(question, option, given.get(option.number, "")) for option in question.options.all()]
        return FilledQuestion(question, lines, list(chosen))

    def read(self, question: Question, data: MultiValueDict[str, str]) -> FilledQuestion:
        lines = [_read_option(question, option, data) for option in question.options.all()]
        given = [[line.option.number, line.grade.value] for line in lines if line.grade is not None]
        return FilledQuestion(question, lines, given)

    def faults(self, question: Question, chosen: list[Any]) -> Iterator[BallotFault]:
        numbers = [number for number, _grade in chosen]
        for number in sorted({each for each in numbers if numbers.count(each) > 1}):
            yield BallotFault("two_grades", option=number, number=number)
        yield from faults_of_numbers(question, sorted(set(numbers)))
        for number, grade in chosen:
            if type(grade) is not int or not 0 <= grade < question.limits["grades"]:
                yield BallotFault("not_a_grade", option=number, number=number)

    def parse_marks(self, question: Question, marks: Sequence[str]) -> list[Any]:
        """Two grades of one option are read as they are: over-marked papers have some."""
        letters = LETTERS[: question.limits["grades"]]
        pairs: list[list[int]] = []
        for found in MARK.finditer(" ".join(marks)):
            number, letter = found.groups()
            if number is None:
                raise BallotFault("marks", word=found.group())
            if letter.upper() not in letters:
                raise BallotFault("no_such_letter", word=letter.upper(), last=letters[-1])
            pair = [int(number), len(letters) - 1 - letters.index(letter.upper())]
            if pair in pairs:
                raise BallotFault("twice", number=pair[0])
            pairs.append(pair)
        for fault in faults_of_numbers(question, sorted({number for number, _grade in pairs})):
            raise fault
        return sorted(pairs)

    def paper_marks(self, question: Question) -> Sequence[tuple[str, str]]:
        return [(grade.letter, grade.word) for grade in scale(question.limits["grades"])]

    def format_marks(self, question: Question, chosen: list[Any]) -> str:
        grades = question.limits["grades"]
        return " ".join(f"{number}{grade_of(grades, grade).letter}" for number, grade in chosen)

    def amounts(self, chosen: list[Any]) -> Iterable[tuple[int, int]]:
        """None, and no key: a majority grade is no sum of those on screen and on paper."""
        return ()

    def keys(self, question: Question) -> Iterable[int]:
        return ()

    def rows(self, question: Question, outcome: QuestionOutcome) -> list[ResultRow]:
        counts = dict(outcome.detail["profile"])
        return [
            JudgmentRow(
                **{each.name: getattr(row, each.name) for each in fields(ResultRow)},
                profile=profile_of(question, counts[row.key], row.total),
            )
            for row in super().rows(question, outcome)
        ]

    def details(self, rows: Sequence[JudgmentRow], outcome: QuestionOutcome) -> Details:
        return details_of(rows)

    def drawing(self, rows: Sequence[JudgmentRow], outcome: QuestionOutcome) -> Drawing:
        return drawing_of(rows)


def _name_of(question: Question, option: Option) -> str:
    return f"{field_name(question)}-{option.number}"


def _line(question: Question, option: Option, value: str, error: str = "") -> GradedOption:
    grades = scale(question.limits["grades"])
    return GradedOption(option, _name_of(question, option), value, bool(value), error, grades)


def _read_option(question: Question, option: Option, data: MultiValueDict[str, str]) -> GradedOption:
    posted = {each for each in data.getlist(_name_of(question, option)) if each}
    known = {str(grade.value) for grade in scale(question.limits["grades"])}
    if len(posted) > 1:
        return _line(
            question, option, "", sentence(question, "fault", code="two_grades", number=option.number)
        )
    if posted - known:
        return _line(question, option, "", sentence(question, "fault", code="not_a_grade"))
    return _line(question, option, "".join(posted))
