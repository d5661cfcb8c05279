"""What the page of a round shows: its state, the one next thing to do, figures of turnout, never of choices."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.db.models import Count, Q
from django.http import Http404
from django.utils.translation import gettext as _

from forums.models import (
    MANY_OPTIONS,
    Forum,
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
from forums.vote.reconciliation import Reconciliation, reconcile
from forums.vote.rounds import LEAST_OPTIONS, recommendations_of


class Next(StrEnum):
    """The one next thing to do."""

    QUESTIONS = "questions"
    OPEN = "open"
    CLOSE = "close"
    TYPE = "type"
    SETTLE = "settle"
    RECONCILE = "reconcile"
    SEAL = "seal"
    PUBLISH = "publish"
    NOTHING = "nothing"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Line:
    """A question as the ballot has it, or will have it."""

    question: Question
    # What drawing will copy: empty once it is done.
    recommendations: list[Recommendation]
    instruction: str
    option_count: int

    @property
    def has_too_few(self) -> bool:
        return self.option_count < LEAST_OPTIONS

    @property
    def has_many(self) -> bool:
        return self.option_count > MANY_OPTIONS


@dataclass(frozen=True, slots=True)
class Papers:
    """Printed, typed once, twice and alike, twice and unlike; given out to people."""

    printed: int
    once: int
    settled: int
    disputed: int
    issued: int


@dataclass(frozen=True, slots=True)
class Board:
    round: Round
    state: Round.State
    now: datetime
    lines: list[Line]
    papers: Papers
    voted: int
    on_roll: int
    events: list[RoundEvent]
    counts: dict[str, int]
    reconciliation: Reconciliation | None
    results: Results | None
    next: Next
    is_published: bool = False
    # Of the log, all but people added, who are counted.
    told: list[RoundEvent] = field(default_factory=list)

    @property
    def percent(self) -> int:
        return round(100 * self.voted / self.on_roll) if self.on_roll else 0

    @property
    def is_overdue(self) -> bool:
        return self.state == Round.State.CLOSED and self.round.closed_at is None


def find_round(slug: str, number: int) -> Round:
    """The round with its forum, questions and options. Raises `Http404`."""
    round = Round.objects.for_pages().filter(forum__slug=slug, number=number).first()
    if round is None:
        raise Http404
    return round


def name_of(round: Round) -> str:
    """How the console calls it: its title, else its number."""
    return str(round.shown_title) or _("Round %(number)d") % {"number": round.number}


def instruction_of(question: Question) -> str:
    """What the ballot asks, as voters read it."""
    if question.method == Question.Method.POINTS:
        points = {"points": question.points, "each": question.points_each}
        return _("Share %(points)d points, at most %(each)d on one option.") % points
    return _("Tick up to %(count)d.") % {"count": question.limit or 0}


def lines_of(round: Round) -> list[Line]:
    """Of a round with its questions and options. One query while the ballot is not drawn."""
    questions = sorted(round.questions.all(), key=lambda question: question.position)
    proposed = {} if round.drawn_at else recommendations_of(round, questions)
    return [
        Line(
            question,
            proposed.get(question.pk, []),
            instruction_of(question),
            len(question.options.all()) + len(proposed.get(question.pk, [])),
        )
        for question in questions
    ]


def papers_of(round: Round) -> Papers:
    """Two queries."""
    typed = PaperBallot.objects.filter(round=round).annotate(times=Count("typings"))
    counts = typed.aggregate(
        printed=Count("pk"),
        once=Count("pk", filter=Q(outcome="", times=1)),
        settled=Count("pk", filter=~Q(outcome="")),
        disputed=Count("pk", filter=Q(outcome="", times__gt=1)),
    )
    return Papers(**counts, issued=RollEntry.objects.filter(round=round, is_on_paper=True).count())


def board_of(round: Round, now: datetime) -> Board:
    """Everything that the page shows. About ten queries, whatever the number of rows."""
    state = round.state_at(now)
    lines, papers = lines_of(round), papers_of(round)
    is_under_way = state in {Round.State.OPEN, Round.State.CLOSED}
    voted, on_roll = turnout(round.pk) if is_under_way else (0, 0)
    reconciliation = reconcile(round) if state == Round.State.CLOSED else None
    if state == Round.State.SEALED:
        reconciliation = Reconciliation.from_json(SealedBox.objects.get(round=round).reconciliation)
        voted, on_roll = reconciliation.voted, reconciliation.on_roll
        # The papers themselves went with the ballots.
        papers = Papers(
            printed=reconciliation.papers_printed,
            once=0,
            settled=reconciliation.papers_returned,
            disputed=0,
            issued=reconciliation.papers_issued,
        )
    events = list(RoundEvent.objects.filter(round=round).select_related("by"))
    results = Results.objects.select_related("draft", "forum").filter(forum_id=round.forum_id).first()
    is_published = bool(results and results.is_public(now) and not results.draft.has_unpublished_changes)
    kinds = [event.kind for event in events]
    return Board(
        round=round,
        state=state,
        now=now,
        lines=lines,
        papers=papers,
        voted=voted,
        on_roll=on_roll,
        events=events,
        counts={kind: kinds.count(kind) for kind in RoundEvent.Kind.values},
        reconciliation=reconciliation,
        results=results,
        next=_next(round, state, lines, papers, reconciliation, is_published=is_published),
        is_published=is_published,
        told=[event for event in events if event.kind != RoundEvent.Kind.ADDED],
    )


def _next(
    round: Round,
    state: Round.State,
    lines: list[Line],
    papers: Papers,
    reconciliation: Reconciliation | None,
    *,
    is_published: bool,
) -> Next:
    match state:
        case Round.State.PLANNED:
            ready = lines and not any(line.has_too_few for line in lines)
            return Next.OPEN if ready else Next.QUESTIONS
        case Round.State.OPEN:
            return Next.CLOSE
        case Round.State.CLOSED:
            return _next_of_closed(papers, reconciliation)
        case Round.State.SEALED:
            return Next.NOTHING if round.is_trial or is_published else Next.PUBLISH
    return Next.REPLACE


def _next_of_closed(papers: Papers, reconciliation: Reconciliation | None) -> Next:
    if reconciliation is None or reconciliation.is_settled:
        return Next.SEAL
    if papers.once or reconciliation.papers_missing > 0:
        return Next.TYPE
    # All is typed: two people differ, or more came back than were given.
    return Next.SETTLE if papers.disputed else Next.RECONCILE


def forum_of(slug: str) -> Forum:
    """Raises `Http404`."""
    forum = Forum.objects.defer("document", "body", "body_en").filter(slug=slug).first()
    if forum is None:
        raise Http404
    return forum
