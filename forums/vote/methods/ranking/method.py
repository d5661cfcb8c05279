"""Rank up to a number of options. `chosen` is their numbers in the order of preference, the first choice first.

The limit is `ranks`. The ballot has a field an option, which holds its rank. A skipped rank closes up: 1 and 3 are a first
and a second choice, as when a paper is typed by its numbers in order. Two options of the same rank are refused: no order says
which of them comes first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from forums.models import Option, Question
from forums.tally.outcome import QuestionOutcome
from forums.vote.methods.base import (
    MAX_DIGITS,
    MAX_OPTIONS,
    BallotFault,
    Details,
    FilledOption,
    FilledQuestion,
    OptionsMethod,
    ResultRow,
    SettledTie,
    faults_of_numbers,
    field_name,
    parse_number,
    plain_text,
    sentence,
)
from forums.vote.methods.ranking import counting
from forums.vote.methods.ranking.published import RankingRow, details_of, drawing_of, row_of, settled_ties
from pole.charts import Drawing

DEFAULT_RANKS = 5
# Beyond so many possible orders for each ballot expected, a prescribed one is hardly ever another person’s too.
ORDERS_BY_BALLOT = 10


@dataclass(frozen=True, slots=True)
class RankedQuestion(FilledQuestion):
    """Its chosen options are in the order of preference."""

    @property
    def offered(self) -> list[tuple[str, str]]:
        """Each rank that an option may be given, and its words: no more than there are options."""
        ranks = range(1, offered_ranks(self.question) + 1)
        return [(str(rank), plain_text("forums/methods/ranking/choice.txt", rank=rank)) for rank in ranks]

    @property
    def chosen_options(self) -> list[FilledOption]:
        places = {number: place for place, number in enumerate(self.chosen)}
        last = len(places)
        # Not `super()`: a dataclass with slots is made anew, and the former class is what `super` would mean.
        chosen = [line for line in self.lines if line.is_chosen]
        return sorted(chosen, key=lambda line: places.get(line.option.number, last))


class Ranking(OptionsMethod):
    name = counting.NAME
    label = gettext_lazy("Rank options in order of preference")
    counting = counting
    unit = "first choices"
    is_by_totals, may_sign = False, True

    def limit_fields(self) -> dict[str, forms.Field]:
        label = gettext_lazy("Options that one person ranks, at most")
        return {
            "ranks": forms.IntegerField(
                label=label, min_value=1, max_value=MAX_OPTIONS, initial=DEFAULT_RANKS, required=False
            ),
        }

    def clean_limits(self, typed: Mapping[str, Any]) -> tuple[dict[str, int], dict[str, str]]:
        if not typed["ranks"]:
            return {}, {"ranks": _("Say how many options one person may rank.")}
        return {"ranks": typed["ranks"]}, {}

    def signature_warning(self, question: Question, option_count: int, expected: int) -> str:
        """When possible orders are more than tenfold the ballots that are expected; `safe` is how many ranks would not be."""
        most = ORDERS_BY_BALLOT * expected
        orders = counting.possible_ballots(option_count, question.limits["ranks"])
        if orders <= most:
            return ""
        ranks = range(1, question.limits["ranks"])
        safe = max(
            (each for each in ranks if counting.possible_ballots(option_count, each) <= most), default=0
        )
        return sentence(question, "signature", ballots=orders, expected=expected, safe=safe)

    def kept(self, chosen: Iterable[Any]) -> list[Any]:
        return list(chosen)

    def fill(self, question: Question, chosen: list[Any]) -> FilledQuestion:
        ranks = {number: str(rank) for rank, number in enumerate(chosen, start=1)}
        lines = [
            FilledOption(
                option, _name_of(question, option), ranks.get(option.number, ""), option.number in ranks
            )
            for option in question.options.all()
        ]
        return RankedQuestion(question, lines, list(chosen))

    def read(self, question: Question, data: MultiValueDict[str, str]) -> FilledQuestion:
        lines = [_read_option(question, option, data) for option in question.options.all()]
        ranked = [line for line in lines if line.is_chosen and not line.error]
        times = Counter(line.value for line in ranked)
        lines = [
            replace(line, error=sentence(question, "fault", code="same_rank", rank=line.value))
            if line in ranked and times[line.value] > 1
            else line
            for line in lines
        ]
        chosen = [line.option.number for line in sorted(ranked, key=lambda line: int(line.value))]
        if any(line.error for line in lines):
            return RankedQuestion(question, lines, chosen)
        error = next(
            (
                sentence(question, "fault", code=fault.code, **fault.values)
                for fault in self.faults(question, chosen)
            ),
            "",
        )
        return RankedQuestion(question, self.fill(question, chosen).lines, chosen, error)

    def faults(self, question: Question, chosen: list[Any]) -> Iterator[BallotFault]:
        yield from faults_of_numbers(question, chosen)
        ranks = question.limits["ranks"]
        if len(chosen) > ranks:
            yield BallotFault("too_many_ranks", count=len(chosen), limit=ranks)

    def parse_marks(self, question: Question, marks: Sequence[str]) -> list[Any]:
        numbers = [parse_number(mark) for mark in marks]
        for fault in faults_of_numbers(question, numbers):
            raise fault
        return numbers

    def amounts(self, chosen: list[Any]) -> Iterable[tuple[int, int]]:
        """By channel, first choices alone: with the ranks after them, a rare order would show where it was cast."""
        return ((number, 1) for number in chosen[:1])

    def rows(self, question: Question, outcome: QuestionOutcome) -> list[ResultRow]:
        """Totals are first choices; ranks are of the whole count."""
        rows = [row_of(question, row, outcome) for row in super().rows(question, outcome)]
        equals = Counter(row.rank for row in rows)
        return [replace(row, is_tied=row.is_retained and equals[row.rank] > 1) for row in rows]

    def details(self, rows: Sequence[RankingRow], outcome: QuestionOutcome) -> Details | None:
        return details_of(rows, outcome) if outcome.detail["stages"] else None

    def settled_ties(self, outcome: QuestionOutcome) -> list[SettledTie]:
        return settled_ties(outcome)

    def drawing(self, rows: Sequence[RankingRow], outcome: QuestionOutcome) -> Drawing:
        return drawing_of(rows, outcome)


def offered_ranks(question: Question) -> int:
    return min(question.limits["ranks"], len(question.options.all()))


def _name_of(question: Question, option: Option) -> str:
    return f"{field_name(question)}-{option.number}"


def _read_option(question: Question, option: Option, data: MultiValueDict[str, str]) -> FilledOption:
    name, ranks = _name_of(question, option), offered_ranks(question)
    posted = {each.strip() for each in data.getlist(name)} - {""}
    if not posted:
        return FilledOption(option, name, "")
    # Two ranks of one option: neither is it.
    typed = posted.pop() if len(posted) == 1 else ""
    is_rank = typed.isdecimal() and len(typed) <= MAX_DIGITS and 1 <= int(typed) <= ranks
    if not is_rank:
        error = sentence(question, "fault", code="not_a_rank", limit=ranks)
        return FilledOption(option, name, typed[:40], True, error)
    return FilledOption(option, name, str(int(typed)), True)
