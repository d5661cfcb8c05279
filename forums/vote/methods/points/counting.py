"""Points to share: each ballot gives whole points to options, and may keep some.

Source: cumulative voting, as described by Brams & Fishburn, "Voting Procedures", Handbook of Social Choice
and Welfare, vol. 1 (Elsevier, 2002), here with a bound on what one option gets. A sum, and nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from forums.tally.box import Box, Question
from forums.tally.checking import check_limits as check_limit_names
from forums.tally.checking import option_numbers_fault
from forums.tally.outcome import QuestionOutcome
from forums.tally.ranking import rank_by_totals

NAME = "points"


def check_limits(where: str, limits: Mapping[str, int], options: int) -> None:
    """`points` to share, of which some may stay unspent; `points_each`: at most on one option, else no such bound."""
    check_limit_names(where, limits, required={"points"}, optional={"points_each"})


def ballot_fault(ballot: object, known: Collection[int], limits: Mapping[str, int]) -> str:
    """A ballot is a tuple of pairs: an option's number and its points."""
    if type(ballot) is not tuple or not all(_is_pair(pair) for pair in ballot):
        return "it is not a tuple of pairs of an option number and points"
    if fault := option_numbers_fault([number for number, _points in ballot], known):
        return fault
    given, points = [points for _number, points in ballot], limits["points"]
    each = limits.get("points_each", points)
    if min(given) < 1 or max(given) > each:
        return f"an option gets from 1 to {each} points, or is left out"
    return f"{sum(given)} points are given, and {points} may be" if sum(given) > points else ""


def _is_pair(pair: object) -> bool:
    return type(pair) is tuple and len(pair) == 2 and all(type(number) is int for number in pair)


def count(question: Question, box: Box, lottery: Sequence[int]) -> QuestionOutcome:
    """Totals are points; shares are of all the points given. One reading only."""
    sums, givers = dict.fromkeys(lottery, 0), dict.fromkeys(lottery, 0)
    for ballot, times in Counter(question.ballots).items():
        for option, points in ballot:
            sums[option] += points * times
            givers[option] += times
    outcome = rank_by_totals(question, sums, lottery, whole=sum(sums.values()))
    totals = tuple(replace(each, ballots=givers[each.number]) for each in outcome.totals)
    return replace(outcome, totals=totals)
