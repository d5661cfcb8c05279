"""What became of each option, stage by stage, in words, as a table and as a drawing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from itertools import groupby
from math import ceil
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from forums.models import Question
from forums.tally.outcome import QuestionOutcome, decimal_votes
from forums.vote.methods.base import Details, ResultRow, SettledTie, plain_text, sentence
from pole.charts import Course, Courses, Step
from pole.templatetags.typography import number


@dataclass(frozen=True, slots=True)
class RankingRow(ResultRow):
    """`fate`: "retained", "filled" (no more were left than places), "out", "left" at the end, or "unranked".

    `round` is where it was settled, from 1: for "out", the last one in which the option had `votes`, with which it went out.
    `course` is its votes at each stage, None once it is out; all in votes, exact.
    """

    fate: str = "unranked"
    round: int = 0
    votes: Decimal = Decimal()
    needed: Decimal = Decimal()
    course: Sequence[Decimal | None] = ()

    @property
    def at_least(self) -> int:
        """Its votes for a plural: 1.5 are several."""
        return ceil(self.votes)


def row_of(question: Question, row: ResultRow, outcome: QuestionOutcome) -> RankingRow:
    values = {each.name: getattr(row, each.name) for each in fields(ResultRow)}
    stages = outcome.detail["stages"]
    number_ = row.option.number if row.option else 0
    if number_ in outcome.unsupported or not stages:
        return RankingRow(**values)
    numbers = sorted(option.number for option in question.options.all())
    at = numbers.index(number_)
    return RankingRow(**values, **_fate(stages, number_, at), course=tuple(_course(stages, number_, at)))


def _fate(stages: Sequence[Mapping[str, Any]], option: int, at: int) -> dict[str, Any]:
    for place, stage in enumerate(stages, start=1):
        if option in stage["elected"]:
            has_filled = stage["fills"] and stage["votes"][at] < stage["needed"]
            return _settled("filled" if has_filled else "retained", place, stage, at)
        if stage["kind"] == "exclusion" and stage["option"] == option:
            return _settled("out", place - 1, stages[place - 2], at)
    return _settled("left", len(stages), stages[-1], at)


def _settled(fate: str, place: int, stage: Mapping[str, Any], at: int) -> dict[str, Any]:
    return {
        "fate": fate,
        "round": place,
        "votes": votes(stage["votes"][at]),
        "needed": votes(stage["needed"]),
    }


def _course(stages: Sequence[Mapping[str, Any]], option: int, at: int) -> Iterator[Decimal | None]:
    is_out = False
    for stage in stages:
        is_out |= stage["kind"] == "exclusion" and stage["option"] == option
        yield None if is_out else votes(stage["votes"][at])


def votes(hundred_thousandths: int) -> Decimal:
    """Of whole hundred-thousandths: 633333 is 6.33333, 700000 is 7."""
    return Decimal(decimal_votes(hundred_thousandths))


def details_of(rows: Sequence[RankingRow], outcome: QuestionOutcome) -> Details:
    """The votes of each option at each round, those that no option has any more, and what was needed."""
    stages = outcome.detail["stages"]
    question = rows[0].question
    heads = [
        pgettext("of a count", "Stage %(number)s") % {"number": number(place)}
        for place in range(1, len(stages) + 1)
    ]
    cells = [[_cell(each) for each in row.course] or ["–"] * len(stages) for row in rows]
    foot = [
        (_("Votes that no option has any more"), [_cell(votes(each["not_transferable"])) for each in stages]),
        (sentence(question, "needed"), [_cell(votes(each["needed"])) for each in stages]),
    ]
    return Details(heads, cells, foot if stages else [])


def settled_ties(outcome: QuestionOutcome) -> list[SettledTie]:
    """Those of which an earlier round said who was before: the lottery settled the others."""
    return [
        SettledTie(
            options=stage["equals"],
            first=stage["option"],
            values={"kind": stage["kind"], "round": place - 1, "settled_by": stage["settled_by"]},
        )
        for place, stage in enumerate(outcome.detail["stages"], start=1)
        if stage["settled_by"]
    ]


def _cell(found: Decimal | None) -> str:
    return "–" if found is None else number(found)


def drawing_of(rows: Sequence[RankingRow], outcome: QuestionOutcome) -> Courses:
    longest = max(
        (each for row in rows for each in row.course if each is not None), default=Decimal()
    ) or Decimal(1)
    quota = votes(outcome.detail["quota"] or 0)
    longest = max(longest, quota)
    return Courses(
        [_course_of(row, longest) for row in rows],
        needed=_("quota: %(votes)s") % {"votes": number(quota)} if quota else "",
        needed_share=float(quota / longest),
    )


def _course_of(row: RankingRow, longest: Decimal) -> Course:
    """Rounds that change nothing for the option are one bar."""
    steps = []
    for found, equals in groupby(enumerate(row.course, start=1), key=lambda each: each[1]):
        if found is not None:
            rounds = [place for place, _votes in equals]
            words = plain_text(
                "forums/methods/ranking/step.txt", first=rounds[0], last=rounds[-1], votes=found
            )
            steps.append(Step(words, float(found / longest)))
    return Course(row.label, row.short_figure, steps, row.is_retained, row.title_language)
