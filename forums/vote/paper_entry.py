"""Data entry of paper ballots after closing: each typed twice, by two people; then those declared lost.

Locks, in order: the round's advisory lock, shared, so that nothing is typed while the box is being
sealed; the paper. Declaring papers lost takes the round's lock, exclusive, then its row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import journal
from accounts.models import User
from forums.models import PaperBallot, PaperTyping, Question, Round
from forums.vote.casting import questions_of
from forums.vote.codes import CodeMistyped, parse_serial
from forums.vote.locks import lock_round_exclusive, lock_round_shared
from forums.vote.methods.base import BallotFault
from forums.vote.methods.registry import method_of
from forums.vote.rounds import RoundRefused, close_if_over, database_now
from forums.vote.rules import check_answer
from pole.refusals import Refusal

Outcome = PaperBallot.Outcome

# The key of PaperTyping.choices that is no question: by question, the marks seen on one that is rejected.
SEEN_MARKS = "seen"
BLANK_WORDS = frozenset({"0", "b", "blanc", "blank"})
REJECTED_WORD = "x"


class TypingClosed(Refusal):
    messages = {
        "typing_closed": _("Papers are typed once the vote is closed, and until the box is sealed."),
        "tellers_first": _(
            "The tellers’ part in the lottery comes first: papers are typed once the team has entered it."
        ),
    }


class SerialUnknown(Refusal):
    messages = {
        "serial_unknown": _(
            "No paper of this round has this serial. Read the five characters again, at the foot of the paper."
        )
    }


class TypedAlready(Refusal):
    messages = {
        "typed_already": _(
            "You already typed this paper, otherwise. Someone else must type it now; a difference will be shown."
        )
    }


class TypedTwice(Refusal):
    messages = {
        "typed_twice": _("Two people already typed this paper: put it with those that are done."),
    }


class NotInDispute(Refusal):
    """This paper does not have two different typings that await a decision."""

    messages = {"not_in_dispute": _("This paper is settled: nothing was changed.")}


class TooManyPapersLost(Refusal):
    messages = {"too_many_papers_lost": _("More papers can’t be lost than were given out.")}


@dataclass(frozen=True, slots=True)
class Answer:
    """One question of a paper: `chosen` as `Ballot.choices` has it, empty when blank, None when rejected."""

    chosen: list[Any] | None
    # On a rejected question, the marks that were seen.
    seen: tuple[Any, ...] = ()


class TypingResult(StrEnum):
    FIRST = "first"
    AGREED = "agreed"
    DIFFERENT = "different"


def parse_answer(question: Question, text: str) -> Answer:
    """Parses "3 7 12", "3=4 7=2", "0" (blank) or "1 2 3 x" (rejected). Raises `BallotFault`.

    The question comes with its options prefetched. Marks beyond the limits need the x: one number too
    many is more often a slip of the typist than of the voter.
    """
    words = re.sub(r"\s*[=:]\s*", "=", text.strip().lower()).replace(",", " ").replace(";", " ").split()
    if not words:
        raise BallotFault("empty")
    is_rejected = REJECTED_WORD in words
    marks = [word for word in words if word != REJECTED_WORD]
    if len(marks) == 1 and marks[0] in BLANK_WORDS:
        if is_rejected:
            raise BallotFault("unknown", word=words[0])
        return Answer([])
    found = method_of(question).parse_marks(question, marks)
    if is_rejected:
        return Answer(None, tuple(found))
    check_answer(question, found)
    return Answer(found)


def outcome_of(answers: Mapping[int, Answer]) -> tuple[Outcome, dict[str, list[Any]]]:
    """(outcome, choices) of a whole paper, as `PaperBallot` has them, from answers by position.

    A question that is rejected is absent from the choices.
    """
    choices = {
        str(position): answer.chosen for position, answer in answers.items() if answer.chosen is not None
    }
    if not choices:
        return Outcome.REJECTED, {}
    is_whole = len(choices) == len(answers)
    return Outcome.BLANK if is_whole and not any(choices.values()) else Outcome.TYPED, choices


@transaction.atomic
def type_paper(
    *, round_id: int, serial: str, answers: Mapping[int, Answer], typist: str, typist_name: str
) -> TypingResult:
    """Stores what one person typed of a paper, every question answered; a second identical typing settles it.

    `typist` is "user:<id>" or "day:<id>". The same person typing the same: changes nothing, as
    for a second click. Raises a `Refusal`.
    """
    round = _lock_closed_round(round_id)
    if set(answers) != {question.position for question in questions_of(round)}:
        raise ValueError("an answer is missing")
    paper = _lock_paper(round_id, serial=serial)
    outcome, choices = outcome_of(answers)
    seen = {str(position): list(answer.seen) for position, answer in answers.items() if answer.seen}
    content: dict[str, Any] = {**choices, **({SEEN_MARKS: seen} if seen else {})}
    typings = list(paper.typings.order_by("pk"))
    if former := next((typing for typing in typings if typing.typist == typist), None):
        if (former.outcome, former.choices) != (outcome, content):
            raise TypedAlready
        return _result(paper, typings)
    if paper.outcome or len(typings) > 1:
        raise TypedTwice
    typing = PaperTyping.objects.create(
        paper=paper, typist=typist, typist_name=typist_name, outcome=outcome, choices=content
    )
    typings.append(typing)
    if len(typings) > 1 and _counted_content(typings[0]) == _counted_content(typings[1]):
        paper.outcome, paper.choices = outcome, choices
        paper.save(update_fields=["outcome", "choices"])
    return _result(paper, typings)


def _result(paper: PaperBallot, typings: list[PaperTyping]) -> TypingResult:
    if paper.outcome:
        return TypingResult.AGREED
    return TypingResult.DIFFERENT if len(typings) > 1 else TypingResult.FIRST


def _counted_content(typing: PaperTyping) -> tuple[str, dict[str, Any]]:
    """What counts of a typing: two people may see different marks on what both reject."""
    return typing.outcome, {key: value for key, value in typing.choices.items() if key != SEEN_MARKS}


@transaction.atomic
def resolve_paper(*, round_id: int, paper_id: int, answers: Mapping[int, Answer], reason: str) -> PaperBallot:
    """Settles a paper that two people read differently. Again with the same decision: changes nothing.

    Raises a `Refusal`.
    """
    round = _lock_closed_round(round_id)
    if set(answers) != {question.position for question in questions_of(round)}:
        raise ValueError("an answer is missing")
    paper = _lock_paper(round_id, pk=paper_id)
    outcome, choices = outcome_of(answers)
    if paper.outcome and (paper.outcome, paper.choices) == (outcome, choices):
        return paper
    if paper.outcome or paper.typings.count() < 2:
        raise NotInDispute
    paper.outcome, paper.choices, paper.resolved_because = outcome, choices, reason
    paper.save(update_fields=["outcome", "choices", "resolved_because"])
    return paper


@transaction.atomic
def delete_typing(*, round_id: int, paper_id: int) -> None:
    """Deletes the only typing of a paper, made under a wrong serial. Again: changes nothing.

    Raises `TypingClosed`, `SerialUnknown`, or `TypedTwice` once a second person typed it.
    """
    _lock_closed_round(round_id)
    paper = _lock_paper(round_id, pk=paper_id)
    if paper.outcome or paper.typings.count() > 1:
        raise TypedTwice
    paper.typings.all().delete()


@transaction.atomic
def declare_papers_lost(*, round_id: int, count: int, reason: str, by: User | None = None) -> Round:
    """Records how many papers in all were given out and never came back, with the reason, which is public.

    Raises `TooManyPapersLost`, or `RoundRefused` unless the round is closed and not sealed.
    """
    lock_round_exclusive(round_id)
    round = Round.objects.select_for_update(no_key=True).get(pk=round_id)
    if round.state_at(database_now()) != Round.State.CLOSED:
        raise RoundRefused
    if count > round.roll.filter(is_on_paper=True).count():
        raise TooManyPapersLost
    round.papers_lost, round.papers_lost_because = count, reason if count else ""
    round.save(update_fields=["papers_lost", "papers_lost_because"])
    journal.note(action="papers_lost", kind="round", key=round.pk, by=by, reason=f"{count} – {reason}")
    return round


def _lock_closed_round(round_id: int) -> Round:
    """The round, closed and not sealed, until commit. Raises `TypingClosed`, also while the tellers' part is awaited."""
    close_if_over(round_id)
    lock_round_shared(round_id)
    round = Round.objects.get(pk=round_id)
    if round.state_at(database_now()) != Round.State.CLOSED:
        raise TypingClosed
    if round.awaits_tellers:
        raise TypingClosed("tellers_first")
    return round


def _lock_paper(round_id: int, **named: Any) -> PaperBallot:
    """By `serial`, as typed, or by `pk`. Raises `SerialUnknown`."""
    if "serial" in named:
        try:
            named = {"serial": parse_serial(named["serial"])}
        except CodeMistyped as error:
            raise SerialUnknown from error
    paper = PaperBallot.objects.select_for_update().filter(round_id=round_id, **named).first()
    if paper is None:
        raise SerialUnknown
    return paper
