"""Points to share: each ballot gives whole points to options, and may keep some.

Source: cumulative voting, as described by Brams & Fishburn, "Voting Procedures", Handbook of Social Choice
and Welfare, vol. 1 (Elsevier, 2002), here with a bound on what one option gets. A sum, and nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from forums.tally.box import PointsBallot


def totals(ballots: Mapping[PointsBallot, int], options: Collection[int]) -> dict[int, int]:
    """By option, its points. `ballots` says how often each different one was cast."""
    sums = dict.fromkeys(options, 0)
    for ballot, times in ballots.items():
        for option, points in ballot:
            sums[option] += points * times
    return sums
