"""Profiles whose winners were published, options lettered as in the sources."""

from __future__ import annotations

from fractions import Fraction
from itertools import chain

import pytest

from forums.tally.count import count
from forums.vote.methods.approval import proportional
from tests.forums.tally.boxes import approval, box

LETTERS = "abcdefghijklmno"


def counted(profile, places):
    """`profile`: "ab" times 3 says that three voters approve of a and of b."""
    ballots = chain.from_iterable([{LETTERS.index(each) + 1 for each in sets}] * n for sets, n in profile)
    among = max(LETTERS.index(each) for sets, _n in profile for each in sets) + 1
    return count(box(approval(ballots, among=among, to_retain=places))).questions[0]


def lettered(numbers):
    return "".join(LETTERS[number - 1] for number in numbers)


def committees(profile, places):
    """Every one that some lottery elects by the balanced reading, each as sorted letters."""
    ballots = {tuple(sorted(LETTERS.index(each) for each in sets)): times for sets, times in profile}
    among = sorted({option for ballot in ballots for option in ballot})
    # One way to each set of options: what follows depends on the set alone.
    ways = [()]
    for place in range(1, places + 1):
        reached = {}
        for way in ways:
            lottery = [*way, *(option for option in among if option not in way)]
            for option in proportional.elect(ballots, lottery, place)[-1].equals:
                reached[frozenset({*way, option})] = (*way, option)
        ways = reached.values()
    return {"".join(LETTERS[option] for option in sorted(way)) for way in ways}


# The running example of Lackner & Skowron, "Multi-Winner Voting with Approval Preferences" (Springer, 2023),
# with four places.
RUNNING = [("ab", 3), ("ac", 3), ("ad", 2), ("bcf", 1), ("e", 1), ("f", 1), ("g", 1)]


def test_approval_of_the_running_example():
    """abcd and abcf both win: d and f are tied at the threshold."""
    outcome = counted(RUNNING, 4)
    assert [(lettered([each.number]), each.total) for each in outcome.totals[:1]] == [("a", 8)]
    assert set(lettered(outcome.most_supported)) in ({*"abcd"}, {*"abcf"})
    (threshold,) = [tie for tie in outcome.ties if tie.decides == "retained"]
    assert (sorted(lettered(threshold.options)), threshold.value) == (["d", "f"], 2)


def test_seqpav_where_it_departs_from_pav():
    """Same book, example 2.5, two places: PAV elects a and c; seq-PAV elects c, then d."""
    outcome = counted([("ab", 3), ("ad", 6), ("b", 4), ("c", 5), ("cd", 5)], 2)
    assert set(lettered(outcome.balanced)) == {*"cd"}
    assert not [tie for tie in outcome.ties if tie.reading == "most_supported" and tie.decides == "retained"]


def test_thieles_own_counterexample():
    """Thiele (1895), as given by Janson, "Phragmén's and Thiele's election methods" (2016), example 13.3."""
    profile = [
        *[("acd", 960), ("bcd", 3000), ("bc", 520), ("ab", 1620), ("ad", 1081)],
        *[("ac", 1240), ("bd", 360), ("d", 360), ("c", 120), ("b", 60)],
    ]
    outcome = counted(profile, 2)
    assert lettered(outcome.balanced) == "ca"
    # c has 960 + 3000 + 520 + 1240 + 120; then a has (960 + 1240) / 2 + 1620 + 1081.
    assert outcome.weights == (Fraction(5840), Fraction(3801))
    assert outcome.ties == ()


def test_seqpav_with_all_its_ties():
    """The first profile of the unit tests of abcvoting (Lackner and others): six tied committees."""
    profile = [("aef", 1), ("a", 1), ("bef", 1), ("b", 1), ("cef", 1), ("c", 1), ("def", 1), ("d", 1)]
    assert committees(profile, 4) == {"abef", "acef", "adef", "bcef", "bdef", "cdef"}


def test_seqpav_may_leave_a_large_group_out():
    """Aziz and others, "Justified representation in approval-based committee voting", Social Choice and
    Welfare 48 (2017): ten places, 1,199 voters, of whom 120 agree on k alone and see nobody elected.
    """
    profile = [
        *[("ab", 81), ("ac", 81), ("b", 80), ("c", 80), ("de", 81), ("df", 81), ("e", 80), ("f", 80)],
        *[("gh", 49), ("gi", 49), ("gj", 49), ("h", 96), ("i", 96), ("j", 96), ("k", 120)],
    ]
    assert sum(times for _sets, times in profile) == 1199
    outcome = counted(profile, 10)
    assert set(lettered(outcome.balanced)) == {*"abcdefghij"}
    assert committees(profile, 10) == {"abcdefghij"}


@pytest.mark.parametrize(
    ("first", "second", "shares"),
    [(60, 40, (2, 1)), (75, 25, (3, 0)), (74, 26, (2, 1)), (100, 99, (2, 1))],
)
def test_three_places_between_two_parties(first, second, shares):
    """D'Hondt's quotients, as published since 1878: a third place needs three times the other's votes."""
    outcome = counted([("abc", first), ("def", second)], 3)
    seats = tuple(len({*lettered(outcome.balanced)} & {*party}) for party in ("abc", "def"))
    is_drawn = first == 3 * second
    assert seats in ({(3, 0), (2, 1)} if is_drawn else {shares})
    assert is_drawn == any(
        {*"abc"} & {*lettered(tie.options)} and {*"def"} & {*lettered(tie.options)} for tie in outcome.ties
    )
