"""Approval limited to k: each ballot supports up to k options, all alike.

Source: Brams & Fishburn, "Approval Voting", American Political Science Review 72(3), 1978; limited to k,
it is "limited voting" as Lackner & Skowron place it in "Multi-Winner Voting with Approval Preferences"
(Springer, 2023).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from forums.tally.box import ApprovalBallot


def totals(ballots: Mapping[ApprovalBallot, int], options: Collection[int]) -> dict[int, int]:
    """By option, the number of ballots that support it. `ballots` says how often each different one was cast."""
    supports = dict.fromkeys(options, 0)
    for ballot, times in ballots.items():
        for option in ballot:
            supports[option] += times
    return supports
