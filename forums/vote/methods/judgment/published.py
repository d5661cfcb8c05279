"""The whole profile of a judgment, as a table and as a drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from django.utils.translation import gettext as _

from forums.models import Question
from forums.vote.methods.base import Details, ResultRow
from forums.vote.methods.judgment.grades import Grade, grade_of, scale
from pole.charts import Part, Stack, Stacks
from pole.templatetags.typography import number

# How dark the lowest grade is, from 0 to 1: it is there, and seen.
LIGHTEST = 0.08


@dataclass(frozen=True, slots=True)
class GradeCount:
    """How many of the ballots gave an option this grade; `before` is the share of those that gave it a better one."""

    grade: Grade
    count: int
    share: Fraction
    before: Fraction
    is_median: bool


@dataclass(frozen=True, slots=True)
class JudgmentRow(ResultRow):
    """`total` is the majority grade, 0 for the lowest; `ballots` how many gave at least it, and `share` what part of those filled in.

    `profile` has every grade, the best first.
    """

    profile: Sequence[GradeCount] = field(default=())

    @property
    def grade(self) -> Grade:
        """The majority grade."""
        return grade_of(self.question.limits["grades"], self.total)

    @property
    def filled(self) -> int:
        return sum(each.count for each in self.profile)


def profile_of(question: Question, counts: Sequence[int], median: int) -> tuple[GradeCount, ...]:
    whole = sum(counts) or 1
    return tuple(
        GradeCount(
            grade=grade,
            count=counts[grade.value],
            share=Fraction(counts[grade.value], whole),
            before=Fraction(sum(counts[grade.value + 1 :]), whole),
            is_median=grade.value == median,
        )
        for grade in scale(question.limits["grades"])
    )


def details_of(rows: Sequence[JudgmentRow]) -> Details:
    """How many ballots gave each grade, the best first."""
    heads = [each.grade.word for each in rows[0].profile]
    return Details(heads, [[number(each.count) for each in row.profile] for row in rows])


def drawing_of(rows: Sequence[JudgmentRow]) -> Stacks:
    """The best grade begins each bar: the middle of all falls within the majority grade, or where it begins."""
    return Stacks([_stack(row) for row in rows], middle=_("half of the ballots"))


def _stack(row: JudgmentRow) -> Stack:
    parts = [_part(each, len(row.profile)) for each in row.profile]
    return Stack(row.label, row.short_figure, parts, row.title_language)


def _part(each: GradeCount, grades: int) -> Part:
    level = LIGHTEST + (1 - LIGHTEST) * each.grade.value / (grades - 1)
    return Part(float(each.before), float(each.share), each.grade.letter, round(level, 3), each.is_median)
