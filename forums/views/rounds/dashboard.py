"""What the staff page of a round shows: its state, the next step, turnout, never choices."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.db.models import Count, Q
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from forums.models import (
    MANY_OPTIONS,
    PaperBallot,
    Question,
    Recommendation,
    Results,
    RollEntry,
    Round,
    RoundEvent,
    SealedBox,
)
from forums.vote.casting import turnout
from forums.vote.methods.base import sentence
from forums.vote.methods.registry import method_of
from forums.vote.reconciliation import FEW_PAPERS, Reconciliation, reconcile
from forums.vote.roll import eligible_count
from forums.vote.round_keys import copies_left
from forums.vote.rounds import recommendations_by_question


class NextStep(StrEnum):
    """What staff have to do next."""

    QUESTIONS = "questions"
    OPEN = "open"
    CLOSE = "close"
    TELLERS = "tellers"
    TYPE = "type"
    SETTLE = "settle"
    RECONCILE = "reconcile"
    SEAL = "seal"
    PUBLISH = "publish"
    NOTHING = "nothing"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class QuestionSummary:
    """A question with what its ballot has or, before the draw, will have."""

    question: Question
    # What drawing will copy: empty once it is done.
    recommendations: list[Recommendation]
    instruction: str
    option_count: int
    # That a ballot could sign for who buys it; "" once the round is open.
    signature_warning: str = ""

    @property
    def has_wrong_count(self) -> bool:
        """Fewer options than its method needs, or more than it takes."""
        return not method_of(self.question).takes(self.option_count)

    @property
    def retains(self) -> bool:
        return method_of(self.question).retains

    @property
    def has_many(self) -> bool:
        return self.option_count > MANY_OPTIONS


@dataclass(frozen=True, slots=True)
class PaperCounts:
    """How many papers of a round are in each state; `settled` by two typings that agree, or by a decision."""

    printed: int
    typed_once: int
    settled: int
    disputed: int
    issued: int
    # In large print: those printed, and those of them that someone typed.
    large_printed: int = 0
    large_returned: int = 0
    # Declared lost: they will not be typed.
    lost: int = 0

    @property
    def are_few(self) -> bool:
        """So few were given out that whoever types them may know who voted what."""
        return 0 < self.issued < FEW_PAPERS

    @property
    def are_few_without_lost(self) -> bool:
        """As many as one likes were given out, but few of them are typed."""
        return bool(self.lost and 0 < self.issued - self.lost < FEW_PAPERS)

    @property
    def are_few_large(self) -> bool:
        """The same of those in large print, as far as is known: nobody notes which paper is given."""
        is_typed = self.typed_once or self.settled or self.disputed
        found = self.large_returned if is_typed else self.large_printed
        return bool(self.issued and found and self.large_returned < FEW_PAPERS)

    @property
    def may_be_few(self) -> bool:
        """While they are given out: five are not yet."""
        return self.issued < FEW_PAPERS


@dataclass(frozen=True, slots=True)
class RoundDashboard:
    round: Round
    state: Round.State
    now: datetime
    questions: list[QuestionSummary]
    papers: PaperCounts
    voted: int
    on_roll: int
    events: list[RoundEvent]
    counts: dict[str, int]
    reconciliation: Reconciliation | None
    results: Results | None
    next_step: NextStep
    is_published: bool = False
    # Of a sealed round, the machines that still hold its key: until none does, the link is not destroyed.
    key_left_on: list[str] = field(default_factory=list)
    # The log without people added, who are only counted.
    shown_events: list[RoundEvent] = field(default_factory=list)

    @property
    def percent(self) -> int:
        return round(100 * self.voted / self.on_roll) if self.on_roll else 0


def get_round_or_404(slug: str, number: int) -> Round:
    """The round with its forum, questions and options."""
    return get_object_or_404(Round.objects.for_pages(), forum__slug=slug, number=number)


def round_name(round: Round) -> str:
    """As staff pages name it: its title, else its number."""
    return str(round.shown_title) or _("Round %(number)d") % {"number": round.number}


def question_summaries(round: Round) -> list[QuestionSummary]:
    """Of a round with its questions and options. One query while the ballot is not drawn, another if a ballot may sign."""
    questions = sorted(round.questions.all(), key=lambda question: question.position)
    proposed = {} if round.drawn_at else recommendations_by_question(round, questions)
    may_sign = not round.opened_at and any(method_of(question).may_sign for question in questions)
    expected = eligible_count(round) if may_sign else None
    return [_question_summary(question, proposed.get(question.pk, []), expected) for question in questions]


def _question_summary(
    question: Question, recommendations: list[Recommendation], expected: int | None
) -> QuestionSummary:
    """`expected`: ballots, while it can still be warned that they may sign."""
    count = len(question.options.all()) + len(recommendations)
    warning = "" if expected is None else method_of(question).signature_warning(question, count, expected)
    return QuestionSummary(question, recommendations, sentence(question, "instruction"), count, warning)


def paper_counts(round: Round) -> PaperCounts:
    """Two queries."""
    typed = PaperBallot.objects.filter(round=round).annotate(times=Count("typings"))
    counts = typed.aggregate(
        printed=Count("pk"),
        typed_once=Count("pk", filter=Q(outcome="", times=1)),
        settled=Count("pk", filter=~Q(outcome="")),
        disputed=Count("pk", filter=Q(outcome="", times__gt=1)),
        large_printed=Count("pk", filter=Q(is_large_print=True)),
        large_returned=Count("pk", filter=Q(is_large_print=True) & (~Q(outcome="") | Q(times__gt=0))),
    )
    issued = RollEntry.objects.filter(round=round, is_on_paper=True).count()
    return PaperCounts(**counts, issued=issued, lost=round.papers_lost or 0)


def round_dashboard(round: Round, now: datetime) -> RoundDashboard:
    """Everything that the page shows. About ten queries, whatever the number of rows."""
    state = round.state_at(now)
    questions, papers = question_summaries(round), paper_counts(round)
    is_under_way = state in {Round.State.OPEN, Round.State.CLOSED}
    voted, on_roll = turnout(round.pk) if is_under_way else (0, 0)
    reconciliation = reconcile(round) if state == Round.State.CLOSED else None
    if state == Round.State.SEALED:
        reconciliation = Reconciliation.from_json(SealedBox.objects.get(round=round).reconciliation)
        voted, on_roll = reconciliation.voted, reconciliation.on_roll
        # The papers themselves went with the ballots.
        papers = PaperCounts(
            printed=reconciliation.papers_printed,
            typed_once=0,
            settled=reconciliation.papers_returned,
            disputed=0,
            issued=reconciliation.papers_issued,
        )
    events = list(RoundEvent.objects.filter(round=round).select_related("by"))
    results = Results.objects.select_related("draft", "forum").filter(forum_id=round.forum_id).first()
    is_published = bool(results and results.is_public(now) and not results.draft.has_unpublished_changes)
    kinds = [event.kind for event in events]
    return RoundDashboard(
        round=round,
        state=state,
        now=now,
        questions=questions,
        papers=papers,
        voted=voted,
        on_roll=on_roll,
        events=events,
        counts={kind: kinds.count(kind) for kind in RoundEvent.Kind.values},
        reconciliation=reconciliation,
        results=results,
        next_step=_next_step(round, state, questions, papers, reconciliation, is_published=is_published),
        is_published=is_published,
        key_left_on=copies_left(round) if state == Round.State.SEALED else [],
        shown_events=[event for event in events if event.kind != RoundEvent.Kind.ADDED],
    )


def _next_step(
    round: Round,
    state: Round.State,
    questions: list[QuestionSummary],
    papers: PaperCounts,
    reconciliation: Reconciliation | None,
    *,
    is_published: bool,
) -> NextStep:
    match state:
        case Round.State.PLANNED:
            ready = questions and not any(question.has_wrong_count for question in questions)
            return NextStep.OPEN if ready else NextStep.QUESTIONS
        case Round.State.OPEN:
            return NextStep.CLOSE
        case Round.State.CLOSED:
            if round.awaits_tellers:
                return NextStep.TELLERS
            return _next_step_when_closed(papers, reconciliation)
        case Round.State.SEALED:
            return NextStep.NOTHING if round.is_trial or is_published else NextStep.PUBLISH
    return NextStep.REPLACE


def _next_step_when_closed(papers: PaperCounts, reconciliation: Reconciliation | None) -> NextStep:
    if reconciliation is None or reconciliation.is_settled:
        return NextStep.SEAL
    if papers.typed_once or reconciliation.papers_missing > 0:
        return NextStep.TYPE
    # All is typed: two people differ, or more came back than were given.
    return NextStep.SETTLE if papers.disputed else NextStep.RECONCILE
