"""Share points between options. `chosen` is sorted pairs of an option's number and its points, from 1.

The limits are `points`, what a person shares, and `points_each`, the most on one option.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
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
    FilledOption,
    FilledQuestion,
    OptionsMethod,
    ResultRow,
    faults_of_numbers,
    field_name,
    parse_number,
    sentence,
)
from forums.vote.methods.points import counting

MAX_POINTS = 1000


class Points(OptionsMethod):
    name = counting.NAME
    label = gettext_lazy("Share points between options")
    counting = counting
    unit = "points"

    def limit_fields(self) -> dict[str, forms.Field]:
        labels = {
            "points": gettext_lazy("Points to share"),
            "points_each": gettext_lazy("Points at most on one option"),
        }
        return {
            name: forms.IntegerField(label=label, min_value=1, max_value=MAX_POINTS, required=False)
            for name, label in labels.items()
        }

    def clean_limits(self, typed: Mapping[str, Any]) -> tuple[dict[str, int], dict[str, str]]:
        points, each = typed["points"], typed["points_each"]
        faults = {}
        if not points:
            faults["points"] = _("Say how many points each person shares.")
        if not each:
            faults["points_each"] = _("Say how many points one option may get from one person.")
        if points and each and each > points:
            faults["points_each"] = _("No more than the points to share.")
        return {"points": points, "points_each": each}, faults

    def fill(self, question: Question, chosen: list[Any]) -> FilledQuestion:
        given = {number: str(points) for number, points in chosen}
        lines = [
            FilledOption(
                option,
                _name_of(question, option),
                given.get(option.number, ""),
                option.number in given,
            )
            for option in question.options.all()
        ]
        return FilledQuestion(question, lines, list(chosen))

    def read(self, question: Question, data: MultiValueDict[str, str]) -> FilledQuestion:
        lines = [_read_option(question, option, data) for option in question.options.all()]
        given = [(line.option.number, int(line.value)) for line in lines if line.is_chosen and not line.error]
        # A number too large is said beside its option, and counts in no sum.
        error = next(
            (
                sentence(question, "fault", code=fault.code, **fault.values)
                for fault in self.faults(question, given)
            ),
            "",
        )
        return FilledQuestion(question, lines, given, error)

    def faults(self, question: Question, chosen: list[Any]) -> Iterator[BallotFault]:
        yield from faults_of_numbers(question, [number for number, _points in chosen])
        spent = sum(points for _number, points in chosen)
        if spent > question.limits["points"]:
            yield BallotFault("too_many_points", count=spent, limit=question.limits["points"])
        for number, points in chosen:
            if not 1 <= points <= question.limits["points_each"]:
                yield _fault_of_option(question, number, points)

    def parse_marks(self, question: Question, marks: Sequence[str]) -> list[Any]:
        pairs = []
        for mark in marks:
            number, equal, points = mark.partition("=")
            if not equal or not points.isdecimal() or len(points) > MAX_DIGITS or int(points) < 1:
                raise BallotFault("points", word=mark)
            pairs.append([parse_number(number), int(points)])
        for fault in faults_of_numbers(question, [number for number, _points in pairs]):
            raise fault
        return sorted(pairs)

    def format_marks(self, question: Question, chosen: list[Any]) -> str:
        return " ".join(f"{number}={points}" for number, points in chosen)

    def rows(self, question: Question, outcome: QuestionOutcome) -> list[ResultRow]:
        whole = sum(each.total for each in outcome.totals)
        return [replace(row, whole=whole) for row in super().rows(question, outcome)]

    def amounts(self, chosen: list[Any]) -> Iterable[tuple[int, int]]:
        return ((number, points) for number, points in chosen)


def _name_of(question: Question, option: Option) -> str:
    return f"{field_name(question)}-{option.number}"


def _fault_of_option(question: Question, number: int, points: int) -> BallotFault:
    return BallotFault("too_many_each", option=number, count=points, limit=question.limits["points_each"])


def _read_option(question: Question, option: Option, data: MultiValueDict[str, str]) -> FilledOption:
    name = _name_of(question, option)
    typed = data.get(name, "").strip()
    if not typed or (typed.isdecimal() and not typed.strip("0")):
        return FilledOption(option, name, "")
    each = question.limits["points_each"]
    if not typed.isdecimal() or len(typed) > MAX_DIGITS:
        return FilledOption(
            option, name, typed[:40], True, sentence(question, "fault", code="not_a_number", limit=each)
        )
    if int(typed) > each:
        fault = _fault_of_option(question, option.number, int(typed))
        return FilledOption(
            option, name, typed, True, sentence(question, "fault", code=fault.code, **fault.values)
        )
    return FilledOption(option, name, str(int(typed)), True)
