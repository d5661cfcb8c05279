"""What is published of sealed votes: one report for the page, the PDF and the open data.

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
from forums.results.published_reconciliation import ReconciliationGroup, reconciliation_groups
from forums.tally.count import QuestionOutcome, from_json
from forums.vote.reconciliation import Reconciliation
from pole.charts import Bar, bar_chart
from pole.templatetags.typography import number
from pole.text.bilingual import current_language


@dataclass(frozen=True, slots=True)
class OptionRow:
    """One option with its figures; `retained_position` is its place among those retained, from 1."""

    option: Option
    unit: str
    total: int
    share: Fraction
    rank: int
    retained_position: int | None
    # By channel; None when one had too few ballots to keep them secret.
    online: int | None
    paper: int | None

    @property
    def is_retained(self) -> bool:
        return self.retained_position is not None

    @property
    def figure(self) -> str:
        """ "31 appuis (77,5 %)"."""
        return sentences.format_figure(self.total, self.unit, self.share)

    @property
    def share_percent(self) -> float:
        return float(100 * self.share)


@dataclass(frozen=True)
class QuestionReport:
    """One question: its options by total, and those retained in their own order."""

    question: Question
    outcome: QuestionOutcome
    rows: tuple[OptionRow, ...]
    # With few ballots the other reading is not published: it would reveal combinations of choices.
    is_small: bool

    @property
    def retained(self) -> list[OptionRow]:
        return sorted(
            (row for row in self.rows if row.retained_position), key=lambda row: row.retained_position or 0
        )

    @property
    def titles(self) -> dict[int, str]:
        return {row.option.number: row.option.shown_title for row in self.rows}

    @property
    def has_channels(self) -> bool:
        return self.rows[0].online is not None

    @cached_property
    def rule(self) -> str:
        return sentences.describe_rule(self.question)

    @cached_property
    def ties(self) -> list[str]:
        return sentences.describe_ties(self.outcome, self.titles)

    @cached_property
    def difference(self) -> str:
        return "" if self.is_small else sentences.describe_other_reading(self.outcome, self.titles)

    @cached_property
    def counted(self) -> str:
        return sentences.describe_ballots(self.outcome)

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
                    label=f"{row.option.number}. {row.option.shown_title}{sentences.retained_suffix(row.retained_position)}",
                    value=f"{number(row.total)} ({sentences.format_share(row.share)})",
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
    """A sealed round. `has_box` is False when too few voted to publish the list of ballots."""

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
        return sentences.describe_method(self.round, [each.question for each in self.questions])

    @cached_property
    def reconciliation_groups(self) -> list[ReconciliationGroup]:
        outcomes = [each.outcome for each in self.questions]
        return reconciliation_groups(
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
    # With `genealogy` set on it; None when the priority comes from none, or from a hidden one.
    recommendation: Recommendation | None = None


def round_reports(rounds: models.QuerySet[Round]) -> list[RoundReport]:
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
    """(label of the kind, on the roll, voted); small kinds, counted together, come last."""
    ordered = sorted(lines, key=lambda line: line["kind"] == "")
    return [(sentences.kind_label(line["kind"]), line["on_roll"], line["voted"]) for line in ordered]


def _question(
    question: Question,
    outcome: QuestionOutcome,
    channels: dict[tuple[int, int], dict[str, Any]],
    *,
    is_small: bool,
) -> QuestionReport:
    options = {option.number: option for option in question.options.all()}
    positions = {number: position for position, number in enumerate(outcome.retained, start=1)}
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
                retained_position=positions.get(line.number),
                online=by_channel.get("online"),
                paper=by_channel.get("paper"),
            )
        )
    return QuestionReport(question, outcome, tuple(rows), is_small)


def priority_lines(priorities: Sequence[Priority], reports: Sequence[RoundReport]) -> list[PriorityLine]:
    """Priorities with their figures and recommendation. Three queries when a vote retained some, else none."""
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


def published_rounds(now: datetime) -> RoundQuerySet:
    """Sealed rounds whose outcome everyone may read at `now`: published with results, or a trial."""
    published = Results.objects.readable(now).values("rounds")
    return Round.objects.sealed().filter(Q(pk__in=published) | Q(is_trial=True, forum__announced_at__lte=now))
