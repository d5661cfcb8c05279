"""The whole profile of a judgment, as a table and as a drawing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from forums.vote.methods.base import Details
from pole.charts import Part, Stack, Stacks
from pole.templatetags.typography import number

if TYPE_CHECKING:
    from forums.vote.methods.judgment.method import GradeCount, JudgmentRow

# How dark the lowest grade is, from 0 to 1: it is there, and seen.
LIGHTEST = 0.08


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
