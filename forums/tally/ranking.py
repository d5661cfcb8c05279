"""Options in the order of their totals and, between equals, of the lottery: for the methods that rank options.

One that nobody supported is never retained, even if places stay empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import groupby

from forums.tally.box import Question
from forums.tally.outcome import OptionTotal, QuestionOutcome, Tie


def rank_by_totals(
    question: Question, totals: Mapping[int, int], lottery: Sequence[int], *, whole: int
) -> QuestionOutcome:
    """The outcome in which totals decide. `whole` is what shares are of; `lottery` holds every option."""
    # Sorting is stable: equals stay in the order of the lottery.
    order = sorted(lottery, key=lambda number: -totals[number])
    retained = tuple(number for number in order[: question.to_retain] if totals[number])
    return QuestionOutcome(
        position=question.position,
        reading="most_supported",
        totals=tuple(_ranked(order, totals, whole)),
        retained=retained,
        unfilled=question.to_retain - len(retained),
        most_supported=retained,
        balanced=None,
        weights=(),
        other=None,
        ties=tuple(_ties_of_totals(order, totals, len(retained))),
        unsupported=tuple(number for number in question.numbers if not totals[number]),
        ballots=question.filled,
        blank=question.blank,
        rejected=question.rejected,
    )


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
