"""What is published of sealed votes: one report for the page, the PDF and the open data.

Read from the count that sealing stored, never from ballots. Sentences are in `forums.results.sentences`.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.safestring import SafeString

from forums.models import Option, Priority, Question, Recommendation, Results, Round
from forums.models.round import RoundQuerySet
from forums.recommendations.history import Genealogy, genealogies
from forums.results import sealed_rounds, sentences
from forums.results.charts import bars_html, drawing_html
from forums.results.drafts import priority_key
from forums.results.published_reconciliation import ReconciliationGroup, reconciliation_groups
from forums.results.turnout import MOST_DOTS, turnout_picture
from forums.tally.box import SummingMethod
from forums.tally.outcome import QuestionOutcome, from_json
from forums.vote.methods.base import Details, ResultRow, sentence
from forums.vote.methods.registry import method_of
from forums.vote.reconciliation import Reconciliation
from pole.charts import Drawing


@dataclass(frozen=True)
class QuestionReport:
    """One question: its rows as its method counted them, and those retained in their own order."""

    question: Question
    outcome: QuestionOutcome
    rows: tuple[ResultRow, ...]
    # With few ballots the other reading is not published: it would reveal combinations of choices.
    is_small: bool

    @property
    def retained(self) -> list[ResultRow]:
        return sorted((row for row in self.rows if row.place), key=lambda row: row.place or 0)

    @property
    def titles(self) -> dict[int, str]:
        return {row.option.number: row.title for row in self.rows if row.option}

    @cached_property
    def by_priority(self) -> dict[uuid.UUID, ResultRow]:
        """By the key of the priority that staff drafted of its option."""
        return {priority_key(row.option): row for row in self.rows if row.option}

    @cached_property
    def verdict(self) -> str:
        """What was decided; "" for a method that retains options."""
        return sentences.describe_verdict(self.question, self.outcome)

    @cached_property
    def nothing_retained(self) -> str:
        """That no priority is retained, and why; "" when one is, and for a decision."""
        return sentences.describe_nothing_retained(self.question, self.outcome)

    @property
    def proposal(self) -> Option:
        """What a decision is about: the only option of its question."""
        return self.question.options.all()[0]

    @property
    def has_ballots(self) -> bool:
        """Whether it is known how many ballots gave each option points."""
        return self.rows[0].whole is not None and self.rows[0].ballots is not None

    @cached_property
    def share_head(self) -> str:
        return sentence(self.question, "share_head")

    @cached_property
    def total_head(self) -> str:
        return sentence(self.question, "total_head")

    @property
    def has_channels(self) -> bool:
        return self.rows[0].online is not None

    @cached_property
    def rule(self) -> str:
        return sentence(self.question, "rule_of_results")

    @cached_property
    def ties(self) -> list[str]:
        return sentences.describe_ties(self.question, self.outcome, self.titles, is_small=self.is_small)

    @cached_property
    def difference(self) -> str:
        return (
            ""
            if self.is_small or not self.outcome.retained
            else sentences.describe_other_reading(self.question, self.outcome, self.titles)
        )

    @property
    def stages(self) -> Sequence[Mapping[str, Any]]:
        """Of a count by stages, as `forums.vote.methods.ranking.result` says. With few ballots, what passes on would tell them."""
        return () if self.is_small else self.outcome.detail.get("stages", ())

    @cached_property
    def counted(self) -> str:
        return sentence(self.question, "counted", outcome=self.outcome)

    @property
    def chart_title(self) -> str:
        if self.nothing_retained:
            return sentences.empty_chart_title(self.question, self.nothing_retained)
        first = self.rows[0]
        return sentences.chart_title(self.question, f"{first.title}, {first.figure}")

    @property
    def longest(self) -> int:
        """The greatest total: what the bars on paper are drawn beside."""
        return max((row.total for row in self.rows), default=0) or 1

    @property
    def is_withheld(self) -> bool:
        """Whether what a count says beside its totals would tell, of few ballots, what they hold."""
        return self.is_small and method_of(self.question).may_sign

    @cached_property
    def details(self) -> Details | None:
        return None if self.is_withheld else method_of(self.question).details(self.rows, self.outcome)

    @property
    def detailed_rows(self) -> list[tuple[ResultRow, Sequence[str]]]:
        cells = self.details.cells if self.details else [()] * len(self.rows)
        return list(zip(self.rows, cells, strict=True))

    @cached_property
    def drawing(self) -> Drawing | None:
        return None if self.is_withheld else method_of(self.question).drawing(self.rows, self.outcome)

    @cached_property
    def chart(self) -> SafeString:
        if self.drawing:
            return drawing_html(self.drawing, title=self.chart_title)
        threshold = method_of(self.question).threshold(self.question)
        return bars_html(self.rows, title=self.chart_title, threshold=threshold)


@dataclass(frozen=True)
class RoundReport:
    """A sealed round. `has_box` is False when too few voted to publish the list of ballots."""

    round: Round
    questions: tuple[QuestionReport, ...]
    reconciliation: Reconciliation
    # (name of the kind, on the roll, voted); empty when few voted.
    turnout: tuple[tuple[str, int, int], ...]
    has_box: bool

    @cached_property
    def drawn(self) -> dict[Hashable, SafeString]:
        """What `forums.results.figures` made of it."""
        return {}

    @property
    def ballots(self) -> int:
        return self.reconciliation.ballots

    @property
    def sums_ballots(self) -> bool:
        """Whether the box holds, of a question, sums instead of its ballots."""
        return any(isinstance(method_of(each.question).counting, SummingMethod) for each in self.questions)

    @cached_property
    def turnout_picture(self) -> SafeString:
        return turnout_picture(self.reconciliation.voted, self.reconciliation.on_roll)

    @property
    def has_dot_each(self) -> bool:
        """Whether a dot of `turnout_picture` is a person."""
        return self.reconciliation.on_roll <= MOST_DOTS

    @property
    def turnout_share(self) -> float | None:
        """In percent; None when the roll is empty."""
        counts = self.reconciliation
        return 100 * counts.voted / counts.on_roll if counts.on_roll else None

    @cached_property
    def method(self) -> str:
        return sentences.describe_method(self.round, [each.question for each in self.questions])

    @property
    def decisions(self) -> list[QuestionReport]:
        return [each for each in self.questions if each.verdict]

    @cached_property
    def all_reconciliation_groups(self) -> list[ReconciliationGroup]:
        outcomes = [each.outcome for each in self.questions]
        return reconciliation_groups(
            self.reconciliation, outcomes, list(self.round.events.all()), self.round.papers_lost_because
        )

    @property
    def reconciliation_groups(self) -> list[ReconciliationGroup]:
        """Without what did not serve in this vote."""
        return [group for group in self.all_reconciliation_groups if group.is_used]

    @property
    def receipts_label(self) -> str:
        return sentences.receipts_fingerprint_label(self.round)

    @property
    def tellers_part(self) -> str:
        return sentences.describe_tellers_part(self.round)


@dataclass(frozen=True, slots=True)
class PriorityLine:
    """A published priority and, when a vote retained it, its figures and its recommendation.

    `number` is what is read before it: its rank in its question, or its place among those that no vote gave.
    """

    priority: Priority
    number: int | None
    row: ResultRow | None = None
    question: QuestionReport | None = None
    round: Round | None = None
    # None when the priority comes from none, or from a hidden one.
    recommendation: Recommendation | None = None
    genealogy: Genealogy | None = None


def round_reports(rounds: models.QuerySet[Round]) -> list[RoundReport]:
    """Sealed rounds with their figures and their log, in the order given; no ballot is read. Their forum is not read either."""
    keys = list(rounds.values_list("pk", flat=True))
    rows = {row[0]: row for row in sealed_rounds.rows_among(keys)} if keys else {}
    return reports_of(rows[key] for key in keys)


def reports_of(rows: Iterable[sealed_rounds.Row]) -> list[RoundReport]:
    """The same, of rows already read. Made once: nobody changes what they hold."""
    return sealed_rounds.reports_of(list(rows), _report)


def _report(round: Round) -> RoundReport:
    has_box: bool = round.has_box  # type: ignore[attr-defined]  # annotated
    stored = round.box.reconciliation
    outcomes = {each.position: each for each in from_json(round.box.outcome).questions}
    channels = {(row["question"], row["option"]): row for row in stored.get("channels") or ()}
    return RoundReport(
        round=round,
        questions=tuple(
            _question(question, outcomes[question.position], channels, is_small=not has_box)
            for question in round.questions.all()
            # None has an outcome when the totals would be the ballots themselves (forums.vote.sealing).
            if question.position in outcomes
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
    channels: dict[tuple[int, int | str], dict[str, Any]],
    *,
    is_small: bool,
) -> QuestionReport:
    none: dict[str, Any] = {}
    rows = []
    for row in method_of(question).rows(question, outcome):
        by_channel = channels.get((question.position, row.key), none)
        by_channel = {name: by_channel.get(name) for name in ("online", "paper")}
        rows.append(replace(row, **by_channel, is_small=is_small))
    return QuestionReport(question, outcome, tuple(rows), is_small)


def priority_lines(priorities: Sequence[Priority], reports: Sequence[RoundReport]) -> list[PriorityLine]:
    """Priorities with their figures and recommendation. Three queries when a vote retained some, else none."""
    found = {
        key: (row, question, report.round)
        for report in reports
        for question in report.questions
        for key, row in question.by_priority.items()
    }
    figures = {priority.key: found[priority.key] for priority in priorities if priority.key in found}
    origins = genealogies(
        row.option.recommendation_id
        for row, _question, _round in figures.values()
        if row.option and row.option.recommendation_id
    )
    shown = {pk: each for pk, each in origins.items() if not each[0].is_hidden}
    by_hand = itertools.count(1)
    lines = []
    for priority in priorities:
        if (of := figures.get(priority.key)) is None:
            lines.append(PriorityLine(priority, next(by_hand)))
            continue
        origin = of[0].option.recommendation_id if of[0].option else None
        lines.append(PriorityLine(priority, of[0].shown_rank, *of, *(shown.get(origin or 0) or ())))
    return lines


def published_rounds(now: datetime) -> RoundQuerySet:
    """Sealed rounds whose outcome everyone may read at `now`: published with results, or a trial."""
    published = Exists(Results.objects.readable(now).filter(rounds=OuterRef("pk")))
    return Round.objects.sealed().filter(published | Q(is_trial=True, forum__announced_at__lte=now))
