"""What is published of sealed votes, put together once for the page, the PDF and the data.

Read from the count that sealing stored, never from ballots. Sentences are in `forums.results.sentences`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import BooleanField, Case, Q, Value, When

from forums.models import Option, Priority, Question, Recommendation, Results, Round
from forums.models.round import RoundQuerySet
from forums.recommendations.history import genealogies
from forums.results import sentences
from forums.results.drafts import priority_key
from forums.results.reconciliation_lines import Sums, sums
from forums.tally.count import QuestionOutcome, from_json
from forums.vote.reconciliation import Reconciliation
from pole.charts import Bar, bar_chart
from pole.templatetags.typography import number
from pole.text.bilingual import current_language


@dataclass(frozen=True, slots=True)
class OptionRow:
    """One line of a ballot with what it got; `place` is from 1 among those retained."""

    option: Option
    unit: str
    total: int
    share: Fraction
    rank: int
    place: int | None
    # By channel, when both had enough ballots to tell nothing of anyone.
    online: int | None
    paper: int | None

    @property
    def is_retained(self) -> bool:
        return self.place is not None

    @property
    def figure(self) -> str:
        """ "31 appuis (77,5 %)"."""
        return sentences.figure(self.total, self.unit, self.share)

    @property
    def share_percent(self) -> float:
        return float(100 * self.share)


@dataclass(frozen=True)
class QuestionReport:
    """One question: its options in the order of the count, and those retained in theirs."""

    question: Question
    outcome: QuestionOutcome
    rows: tuple[OptionRow, ...]
    # With few ballots the other reading is left out: it says how ticks go together.
    is_small: bool

    @property
    def retained(self) -> list[OptionRow]:
        return sorted((row for row in self.rows if row.place), key=lambda row: row.place or 0)

    @property
    def titles(self) -> dict[int, str]:
        return {row.option.number: row.option.shown_title for row in self.rows}

    @property
    def has_channels(self) -> bool:
        return self.rows[0].online is not None

    @cached_property
    def rule(self) -> str:
        return sentences.rule(self.question)

    @cached_property
    def ties(self) -> list[str]:
        return sentences.ties(self.outcome, self.titles)

    @cached_property
    def difference(self) -> str:
        return "" if self.is_small else sentences.difference(self.outcome, self.titles)

    @cached_property
    def counted(self) -> str:
        return sentences.counted(self.outcome)

    @property
    def chart_title(self) -> str:
        first = self.rows[0]
        return sentences.chart_title(self.question, f"{first.option.shown_title}, {first.figure}")

    @cached_property
    def chart(self) -> str:
        longest = max((row.share for row in self.rows), default=Fraction()) or Fraction(1)
        return bar_chart(
            [
                Bar(
                    label=f"{row.option.number}. {row.option.shown_title}{sentences.retained_mark(row.place)}",
                    value=f"{number(row.total)} ({sentences.share_of(row.share)})",
                    share=float(row.share / longest),
                    is_strong=row.is_retained,
                    language="" if row.option.shown_title.language == current_language() else "fr",
                )
                for row in self.rows
            ],
            key=f"chart-{self.question.pk}",
            title=self.chart_title,
        )


@dataclass(frozen=True)
class RoundReport:
    """A sealed round. `has_box` is False when too few voted for the list of ballots to be published."""

    round: Round
    questions: tuple[QuestionReport, ...]
    reconciliation: Reconciliation
    # (name of the kind, on the roll, voted); empty when few voted.
    turnout: tuple[tuple[str, int, int], ...]
    has_box: bool

    @property
    def ballots(self) -> int:
        return self.reconciliation.ballots

    @property
    def turnout_share(self) -> float | None:
        """In percent; None when the roll is empty."""
        counts = self.reconciliation
        return 100 * counts.voted / counts.on_roll if counts.on_roll else None

    @cached_property
    def method(self) -> str:
        return sentences.method(self.round, [each.question for each in self.questions])

    @cached_property
    def sums(self) -> list[Sums]:
        outcomes = [each.outcome for each in self.questions]
        return sums(
            self.reconciliation, outcomes, list(self.round.events.all()), self.round.papers_lost_because
        )

    @property
    def seed(self) -> str:
        return self.round.seed_hash


@dataclass(frozen=True, slots=True)
class PriorityLine:
    """A published priority and, when a vote retained it, its figures and its recommendation."""

    priority: Priority
    row: OptionRow | None = None
    question: QuestionReport | None = None
    round: Round | None = None
    # With its `genealogy` set; None when it comes from none, or from one that readers can't see.
    recommendation: Recommendation | None = None


def report_on(rounds: models.QuerySet[Round]) -> list[RoundReport]:
    """Sealed rounds with their figures and their log, in the order given. Four queries, and no ballot is read."""
    options = Option.objects.select_related("recommendation__forum").defer(
        *("recommendation__document", "recommendation__forum__document"),
        *("recommendation__forum__body", "recommendation__forum__body_en"),
    )
    questions = Question.objects.select_related("track").prefetch_related(
        models.Prefetch("options", options.order_by("number"))
    )
    rows = (
        rounds.select_related("box", "forum__municipality")
        .defer("box__text", "box__receipts", "forum__document", "forum__body", "forum__body_en")
        .annotate(
            has_box=Case(When(Q(box__text=""), then=Value(False)), default=True, output_field=BooleanField())
        )
        .prefetch_related(models.Prefetch("questions", questions.order_by("position")), "events")
        .fetch_mode(models.FETCH_RAISE)
    )
    return [_report(row, has_box=row.has_box) for row in rows]


def _report(round: Round, *, has_box: bool) -> RoundReport:
    stored = round.box.reconciliation
    outcomes = {each.position: each for each in from_json(round.box.outcome).questions}
    channels = {(row["question"], row["option"]): row for row in stored.get("channels") or ()}
    return RoundReport(
        round=round,
        questions=tuple(
            _question(question, outcomes[question.position], channels, is_small=not has_box)
            for question in round.questions.all()
        ),
        reconciliation=Reconciliation.from_json(stored),
        turnout=tuple(_turnout(stored.get("turnout") or ())) if has_box else (),
        has_box=has_box,
    )


def _turnout(lines: Iterable[dict[str, Any]]) -> list[tuple[str, int, int]]:
    """Small kinds, counted together, come last."""
    ordered = sorted(lines, key=lambda line: line["kind"] == "")
    return [(sentences.kind(line["kind"]), line["on_roll"], line["voted"]) for line in ordered]


def _question(
    question: Question,
    outcome: QuestionOutcome,
    channels: dict[tuple[int, int], dict[str, Any]],
    *,
    is_small: bool,
) -> QuestionReport:
    options = {option.number: option for option in question.options.all()}
    places = {number: place for place, number in enumerate(outcome.retained, start=1)}
    none: dict[str, Any] = {}
    rows = []
    for line in outcome.totals:
        by_channel = channels.get((question.position, line.number), none)
        rows.append(
            OptionRow(
                option=options[line.number],
                unit=question.method,
                total=line.total,
                share=line.share,
                rank=line.rank,
                place=places.get(line.number),
                online=by_channel.get("online"),
                paper=by_channel.get("paper"),
            )
        )
    return QuestionReport(question, outcome, tuple(rows), is_small)


def priority_lines(priorities: Sequence[Priority], reports: Sequence[RoundReport]) -> list[PriorityLine]:
    """Priorities with what is known of their vote and origins. Three queries when a vote retained some."""
    found: dict[uuid.UUID, tuple[OptionRow, QuestionReport, Round]] = {
        priority_key(row.option): (row, question, report.round)
        for report in reports
        for question in report.questions
        for row in question.rows
    }
    lines = []
    for priority in priorities:
        figures = found.get(priority.key)
        if figures is None:
            lines.append(PriorityLine(priority))
        else:
            origin = figures[0].option.recommendation
            is_shown = origin is not None and not origin.is_hidden
            lines.append(PriorityLine(priority, *figures, origin if is_shown else None))
    origins = [line.recommendation for line in lines if line.recommendation]
    found_genealogies = genealogies(origins)
    for origin in origins:
        origin.genealogy = found_genealogies[origin.pk]  # type: ignore[attr-defined]  # read by {% genealogy %}
    return lines


def released(now: datetime) -> RoundQuerySet:
    """Sealed rounds whose outcome everyone may read at `now`: published with results, or a trial."""
    published = Results.objects.readable(now).values("rounds")
    return Round.objects.sealed().filter(Q(pk__in=published) | Q(is_trial=True, forum__announced_at__lte=now))
