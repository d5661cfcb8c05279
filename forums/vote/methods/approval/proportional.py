"""The balanced reading of approval ballots: sequential proportional approval voting (seq-PAV).

Options are elected one after the other. A ballot that already sees j of its options elected weighs
1/(1 + j) for the next place, which goes to the option whose ballots weigh the most.

Sources: Thiele, "Om Flerfoldsvalg", Oversigt over det Kongelige Danske Videnskabernes Selskabs
Forhandlinger, 1895; Lackner & Skowron, "Multi-Winner Voting with Approval Preferences" (Springer, 2023),
rule "seq-PAV".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Step:
    """One place: who won it, with what weight of ballots, and who had as much, in the order of the lottery."""

    option: int
    weight: Fraction
    equals: tuple[int, ...]


def elect(ballots: Mapping[tuple[int, ...], int], lottery: Sequence[int], seats: int) -> tuple[Step, ...]:
    """The places in order, `seats` at most: an option that nobody supports is never elected.

    `ballots` says how often each different one was cast; `lottery` holds every option, and the first of
    equals wins. Equal weights are exactly equal. Time grows with seats × different ballots.
    """
    steps: list[Step] = []
    # Each different ballot, how often it was cast, and how many of its options are elected.
    groups = [(frozenset(ballot), times, 0) for ballot, times in ballots.items()]
    left = list(lottery)
    while left and len(steps) < seats:
        weights = _weights(groups, left)
        most = max(weights.values())
        if not most:
            break
        equals = tuple(option for option in left if weights[option] == most)
        winner = equals[0]
        steps.append(Step(winner, most, equals))
        left.remove(winner)
        groups = [(ballot, times, elected + (winner in ballot)) for ballot, times, elected in groups]
    return tuple(steps)


def _weights(groups: Sequence[tuple[frozenset[int], int, int]], left: Sequence[int]) -> dict[int, Fraction]:
    """By option left, the weight of its ballots. Whole numbers are added first, by number of elected."""
    supports: dict[int, dict[int, int]] = {option: {} for option in left}
    for ballot, times, elected in groups:
        for option in ballot:
            if option in supports:
                by_elected = supports[option]
                by_elected[elected] = by_elected.get(elected, 0) + times
    return {
        option: sum((Fraction(times, 1 + elected) for elected, times in by_elected.items()), Fraction())
        for option, by_elected in supports.items()
    }
