"""Approval limited to k: each ballot supports up to k options, all alike. Counted in two readings.

Source: Brams & Fishburn, "Approval Voting", American Political Science Review 72(3), 1978; limited to k,
it is "limited voting" as Lackner & Skowron place it in "Multi-Winner Voting with Approval Preferences"
(Springer, 2023). The balanced reading is in `proportional`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from forums.tally.box import Box, Question
from forums.tally.checking import check_limits as check_limit_names
from forums.tally.checking import option_numbers_fault
from forums.tally.outcome import Difference, QuestionOutcome, Reading, Tie
from forums.tally.ranking import rank_by_totals
from forums.vote.methods.approval import proportional

NAME = "approval"


def check_limits(where: str, limits: Mapping[str, int], options: int) -> None:
    """`limit`: options on a ballot, at most."""
    check_limit_names(where, limits, required={"limit"})


def ballot_fault(ballot: object, known: Collection[int], limits: Mapping[str, int]) -> str:
    """A ballot is a tuple of option numbers."""
    if type(ballot) is not tuple or not all(type(number) is int for number in ballot):
        return "it is not a tuple of option numbers"
    if fault := option_numbers_fault(ballot, known):
        return fault
    limit = limits["limit"]
    return f"{len(ballot)} options are marked, and {limit} may be" if len(ballot) > limit else ""


def count(question: Question, box: Box, lottery: Sequence[int]) -> QuestionOutcome:
    """Totals are numbers of ballots; shares are of valid ones. `box.reading` decides."""
    groups: Mapping[tuple[int, ...], int] = Counter(question.ballots)
    supports = dict.fromkeys(lottery, 0)
    for ballot, times in groups.items():
        for option in ballot:
            supports[option] += times
    outcome = rank_by_totals(question, supports, lottery, whole=question.valid)
    steps = proportional.elect(groups, lottery, question.to_retain)
    balanced = tuple(step.option for step in steps)
    retained = balanced if box.reading == "balanced" else outcome.most_supported
    return replace(
        outcome,
        reading=box.reading,
        retained=retained,
        unfilled=question.to_retain - len(retained),
        balanced=balanced,
        weights=tuple(step.weight for step in steps),
        other=_difference(box.reading, outcome.most_supported, balanced),
        ties=(*outcome.ties, *_ties_of_weights(steps)),
    )


def _ties_of_weights(steps: Sequence[proportional.Step]) -> Iterator[Tie]:
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
