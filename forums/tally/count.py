"""From a box, the whole result. Nothing else is read: no database, no clock, no chance.

Options are in the order of their totals and, between equals, of the lottery (`ties`). One that nobody
supported is never retained, even if places stay empty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from typing import cast

from forums.tally import approval, points, proportional, ties
from forums.tally.box import ApprovalBallot, Box, PointsBallot, Question, Reading
from forums.tally.outcome import (
    Difference,
    OptionTotal,
    Outcome,
    QuestionOutcome,
    Tie,
    as_json,
    from_json,
)
from forums.tally.proportional import Step

__all__ = ["Difference", "OptionTotal", "Outcome", "QuestionOutcome", "Tie", "as_json", "count", "from_json"]


def count(box: Box) -> Outcome:
    """The only result that this box has."""
    return Outcome(box.reading, tuple(_count_question(box, question) for question in box.questions))


def _count_question(box: Box, question: Question) -> QuestionOutcome:
    digest = ties.ballots_digest(question.ballots)
    lottery = ties.lottery(box.seed, digest, question.position, question.numbers)
    totals, steps = _totals_and_steps(question, lottery)
    # Sorting is stable: equals stay in the order of the lottery.
    order = sorted(lottery, key=lambda number: -totals[number])
    whole = question.valid if question.method == "approval" else sum(totals.values())
    most_supported = tuple(number for number in order[: question.to_retain] if totals[number])
    balanced = None if steps is None else tuple(step.option for step in steps)
    decides: Reading = "most_supported" if balanced is None else box.reading
    retained = balanced if balanced is not None and decides == "balanced" else most_supported
    return QuestionOutcome(
        position=question.position,
        reading=decides,
        totals=tuple(_ranked(order, totals, whole)),
        retained=retained,
        unfilled=question.to_retain - len(retained),
        most_supported=most_supported,
        balanced=balanced,
        weights=tuple(step.weight for step in steps or ()),
        other=None if balanced is None else _difference(decides, most_supported, balanced),
        ties=(*_ties_of_totals(order, totals, len(most_supported)), *_ties_of_weights(steps or ())),
        unsupported=tuple(number for number in question.numbers if not totals[number]),
        ballots=len(question.ballots),
        blank=question.blank,
        rejected=question.rejected,
    )


def _totals_and_steps(
    question: Question, lottery: Sequence[int]
) -> tuple[dict[int, int], tuple[Step, ...] | None]:
    """Totals by option, and the steps of the balanced reading for a method that has one."""
    groups = Counter(question.ballots)
    if question.method == "points":
        return points.totals(cast("Mapping[PointsBallot, int]", groups), lottery), None
    supports = cast("Mapping[ApprovalBallot, int]", groups)
    steps = proportional.elect(supports, lottery, question.to_retain)
    return approval.totals(supports, lottery), steps


def _ranked(order: Sequence[int], totals: Mapping[int, int], whole: int) -> Iterator[OptionTotal]:
    place = 1
    for total, equals in _groups_of_equals(order, totals):
        for number in equals:
            yield OptionTotal(number, total, place, Fraction(total, whole) if whole else Fraction())
        place += len(equals)


def _groups_of_equals(
    order: Sequence[int], totals: Mapping[int, int]
) -> Iterator[tuple[int, tuple[int, ...]]]:
    for total, equals in groupby(order, key=totals.__getitem__):
        yield total, tuple(equals)


def _ties_of_totals(order: Sequence[int], totals: Mapping[int, int], places: int) -> Iterator[Tie]:
    """The ties of which one option at least is retained by totals."""
    place = 1
    for total, equals in _groups_of_equals(order, totals):
        kept = equals[: max(0, places + 1 - place)]
        if kept and len(equals) > 1:
            all_kept = kept == equals
            yield Tie(
                "most_supported", place, equals, Fraction(total), kept, "order" if all_kept else "retained"
            )
        place += len(equals)


def _ties_of_weights(steps: Sequence[Step]) -> Iterator[Tie]:
    for place, step in enumerate(steps, start=1):
        if len(step.equals) > 1:
            yield Tie("balanced", place, step.equals, step.weight, (step.option,), "place")


def _difference(decides: Reading, most_supported: tuple[int, ...], balanced: tuple[int, ...]) -> Difference:
    official, other = most_supported, balanced
    name: Reading = "balanced"
    if decides == "balanced":
        official, other, name = balanced, most_supported, "most_supported"
    entering, leaving = set(other) - set(official), set(official) - set(other)
    is_reordered = not entering and not leaving and official != other
    return Difference(name, tuple(sorted(entering)), tuple(sorted(leaving)), is_reordered)
