"""Tick up to a number of options. `chosen` is their numbers, sorted; the limit is `limit`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from forums.models import Question
from forums.vote.methods.approval import counting
from forums.vote.methods.base import (
    MAX_OPTIONS,
    BallotFault,
    FilledOption,
    FilledQuestion,
    OptionsMethod,
    faults_of_numbers,
    field_name,
    parse_number,
    sentence,
)


class Approval(OptionsMethod):
    name = counting.NAME
    label = gettext_lazy("Tick up to a number of options")
    counting = counting

    def limit_fields(self) -> dict[str, forms.Field]:
        label = gettext_lazy("Ticks at most")
        return {
            "limit": forms.IntegerField(label=label, min_value=1, max_value=MAX_OPTIONS, required=False),
        }

    def clean_limits(self, typed: Mapping[str, Any]) -> tuple[dict[str, int], dict[str, str]]:
        if not typed["limit"]:
            return {}, {"limit": _("Say how many options one person may tick.")}
        return {"limit": typed["limit"]}, {}

    def fill(self, question: Question, chosen: list[Any]) -> FilledQuestion:
        lines = [
            FilledOption(option, field_name(question), str(option.number), option.number in chosen)
            for option in question.options.all()
        ]
        return FilledQuestion(question, lines, list(chosen))

    def read(self, question: Question, data: MultiValueDict[str, str]) -> FilledQuestion:
        ticked = set(data.getlist(field_name(question)))
        chosen = [option.number for option in question.options.all() if str(option.number) in ticked]
        faults = [BallotFault("not_on_list")] if len(chosen) != len(ticked) else self.faults(question, chosen)
        error = next((sentence(question, "fault", code=fault.code, **fault.values) for fault in faults), "")
        return FilledQuestion(question, self.fill(question, chosen).lines, chosen, error)

    def faults(self, question: Question, chosen: list[Any]) -> Iterator[BallotFault]:
        yield from faults_of_numbers(question, chosen)
        limit = question.limits["limit"]
        if len(chosen) > limit:
            yield BallotFault("too_many", count=len(chosen), limit=limit, over=len(chosen) - limit)

    def parse_marks(self, question: Question, marks: Sequence[str]) -> list[Any]:
        numbers = sorted(parse_number(mark) for mark in marks)
        for fault in faults_of_numbers(question, numbers):
            raise fault
        return numbers

    def amounts(self, chosen: list[Any]) -> Iterable[tuple[int, int]]:
        return ((number, 1) for number in chosen)
