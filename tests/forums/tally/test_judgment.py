"""Majority judgment: medians removed one by one, and the box that holds no ballot."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forums.tally import box as boxes
from forums.tally import ties
from forums.tally.count import count
from forums.vote.methods.judgment import counting
from tests.forums.tally.boxes import box, judgment, profile
from tests.forums.tally.drawn import TRIED, judgment_questions
from tests.forums.tally.judged import counted, ranked
from tests.forums.tally.medians import classes, removed_one_by_one

# --- The order


def drawn_profile(chance):
    """Counts of a few options, many of them alike or one ballot away from it."""
    grades, cast = chance.randint(5, 7), chance.choice([chance.randint(0, 7), chance.randint(1, 40)])
    most = chance.randint(1, grades)
    one = Counter(chance.choices(range(most), k=cast))
    found = {}
    for number in range(1, chance.randint(2, 6)):
        if chance.random() < 0.4:
            one = Counter(chance.choices(range(most), k=cast))
        elif cast:
            one = one - Counter([chance.choice([*one.elements()])])
            one[chance.randrange(most)] += cast - one.total()
        found[number] = tuple(one[grade] for grade in range(grades))
    return found


def test_order_is_that_of_medians_removed_one_by_one():
    chance, seen = Random(2010), Counter()
    for _profile in range(1500):
        given_counts = drawn_profile(chance)
        outcome = counted(profile(given_counts, to_retain=chance.randint(1, 6)))
        expected = classes(given_counts)
        assert ranked(outcome) == expected, given_counts
        grades = {each.number: each.total for each in outcome.totals}
        assert grades == {
            number: (removed_one_by_one(counts) or [0])[0] for number, counts in given_counts.items()
        }
        seen["tied"] += any(len(each) > 1 for each in expected)
        seen["same median"] += len(set(grades.values())) < len(expected)
    assert min(seen["tied"], seen["same median"]) > 300


@pytest.mark.parametrize("ballots", range(1, 8))
def test_value_compares_every_profile_of_so_many_ballots(ballots):
    """Of three grades, and two that nobody gives: each pair of what so many people may say."""
    every = {
        (low, 0, middle, 0, ballots - low - middle)
        for low in range(ballots + 1)
        for middle in range(ballots + 1 - low)
    }
    values = {counts: (counting.majority_value(counts), removed_one_by_one(counts)) for counts in every}
    for (one, naive_one), (other, naive_other) in permutations(values.values(), 2):
        assert (one < other, one == other) == (naive_one < naive_other, naive_one == naive_other)


HUGE = 10**30


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        # An even number: the lower of the two in the middle.
        ((0, 0, HUGE - 1, 0, HUGE + 1), (0, 0, HUGE, 0, HUGE)),
        ((HUGE, 0, 0, 0, HUGE + 1), (HUGE + 1, 0, 0, 0, HUGE)),
        # Same median; one ballot less above it, and far from it.
        ((1, 0, HUGE, 0, 3), (1, 0, HUGE + 1, 0, 2)),
        ((1, 0, HUGE, 0, 1), (2, 0, HUGE - 1, 0, 1)),
    ],
)
def test_order_is_exact_however_large_the_numbers(better, worse):
    outcome = counted(profile({"worse": worse, "better": better}, to_retain=2))
    assert outcome.retained == (2, 1)
    assert not outcome.ties


# --- What is retained


def test_grade_that_a_ballot_leaves_out_is_the_lowest():
    left_out = judgment([{1: 3}, {2: 2}, {1: 4, 2: 0}], among=3, to_retain=2)
    given_all = judgment([{1: 3, 2: 0, 3: 0}, {1: 0, 2: 2, 3: 0}, {1: 4, 2: 0, 3: 0}], among=3, to_retain=2)
    assert left_out == given_all
    assert left_out.ballots == ((1, (1, 0, 0, 1, 1, 0)), (2, (2, 0, 1, 0, 0, 0)), (3, (3, 0, 0, 0, 0, 0)))


def test_blank_ballots_move_no_median():
    """A wholly empty ballot says nothing of an option; one that grades something says the lowest of the others."""
    few, many = (counted(judgment([{1: 5}, {1: 2}], among=2, blank=blank)) for blank in (0, 90))
    assert few.totals == many.totals
    assert (many.ballots, many.blank, many.valid) == (2, 90, 92)


def test_option_that_has_the_lowest_grade_from_all_is_never_retained():
    """Even if places stay empty. One median lower than all others does not keep an option out."""
    outcome = counted(judgment([{1: 5}, {1: 5, 2: 1}, {1: 4}], among=4, to_retain=6))
    assert (outcome.retained, outcome.unfilled, outcome.unsupported) == ((1, 2), 4, (3, 4))
    assert (outcome.without_option, outcome.without_support) == (2, 2)
    assert {each.number: each.total for each in outcome.totals} == {1: 5, 2: 0, 3: 0, 4: 0}
    assert [each.rank for each in outcome.totals] == [1, 2, 3, 3]
    assert outcome.ties == ()


@pytest.mark.parametrize(("blank", "rejected"), [(0, 0), (3, 0), (0, 2), (4, 1)])
def test_nothing_is_retained_when_nobody_grades(blank, rejected):
    outcome = counted(judgment([], among=3, to_retain=2, blank=blank, rejected=rejected))
    assert (outcome.retained, outcome.unfilled, outcome.ballots) == ((), 2, 0)
    assert (outcome.cast, outcome.ties) == (blank + rejected, ())
    assert {(each.total, each.share, each.ballots, each.rank) for each in outcome.totals} == {(0, 0, 0, 1)}


@pytest.mark.parametrize(
    ("places", "decides", "kept"), [(1, "retained", 1), (2, "retained", 2), (3, "order", 3)]
)
def test_equal_profiles_are_a_tie_that_the_lottery_separates(places, decides, kept):
    """The same grades from other people: nothing tells them apart."""
    ballots = [{1: 4, 2: 2, 3: 3}, {1: 3, 2: 4, 3: 2}, {1: 2, 2: 3, 3: 4}]
    outcome = counted(judgment(ballots, among=3, to_retain=places))
    (tie,) = outcome.ties
    assert (tie.decides, tie.value, tie.place, len(tie.kept)) == (decides, 3, 1, kept)
    assert sorted(tie.options) == [1, 2, 3]
    assert outcome.retained == tie.kept == tie.options[:kept]
    whole = box(judgment(ballots, among=3))
    digest = ties.ballots_digest(whole.questions[0].ballots)
    assert tie.options == ties.lottery(whole.seed, digest, 1, [1, 2, 3])


def test_tellers_add_their_part_to_the_lottery_of_a_judgment():
    question = judgment([dict.fromkeys(range(1, 7), 3)], among=6, to_retain=6)
    orders = {counted(question, tellers_part=part).retained for part in (None, "4 2 6", "1 1 1", "3 5 2")}
    assert len(orders) > 1


def test_share_is_of_the_ballots_that_give_at_least_the_majority_grade():
    outcome = counted(profile({"A": (1, 2, 3, 4, 5), "B": (0, 0, 0, 0, 15)}))
    first, second = outcome.totals
    assert (first.number, first.total, first.ballots, first.share) == (2, 4, 15, 1)
    assert (second.number, second.total, second.ballots, second.share) == (1, 3, 9, Fraction(3, 5))


# --- Properties


@given(judgment_questions())
@TRIED
def test_more_than_half_give_the_majority_grade_or_a_better_one_and_half_at_most_a_better(question):
    outcome = counted(question)
    for each in outcome.totals:
        counts = dict(question.ballots)[each.number]
        assert 2 * each.ballots > outcome.ballots or not outcome.ballots
        assert 2 * sum(counts[each.total + 1 :]) <= outcome.ballots


@given(judgment_questions(), st.data())
@TRIED
def test_better_grade_from_one_person_never_harms_an_option(question, data):
    rows = dict(question.ballots)
    number = data.draw(st.sampled_from(question.numbers))
    lower = [grade for grade in range(len(rows[number]) - 1) if rows[number][grade]]
    if not lower:
        return
    grade = data.draw(st.sampled_from(lower))
    better = data.draw(st.integers(grade + 1, len(rows[number]) - 1))
    counts = list(rows[number])
    counts[grade] -= 1
    counts[better] += 1
    raised = tuple((each, tuple(counts) if each == number else found) for each, found in question.ballots)
    before, after = counted(question), counted(replace(question, ballots=raised))
    assert after.ranks[number] <= before.ranks[number]
    others = [each for each in question.numbers if each != number]
    order = [[outcome.ranks[each] for each in others] for outcome in (before, after)]
    for one, other in permutations(range(len(others)), 2):
        assert (order[0][one] < order[0][other]) == (order[1][one] < order[1][other])
    if number in before.retained and not any(number in tie.options for tie in (*before.ties, *after.ties)):
        assert number in after.retained


@given(judgment_questions(), st.data())
@TRIED
def test_option_taken_away_changes_nothing_for_the_others(question, data):
    """Whatever its grades: each option is judged by itself, as no ranking is."""
    gone = data.draw(st.sampled_from(question.numbers))
    left = tuple(each for each in question.options if each.number != gone)
    if not left:
        return
    rows = tuple(row for row in question.ballots if row[0] != gone)
    before, after = counted(question), counted(replace(question, options=left, ballots=rows))
    totals = {each.number: each for each in before.totals}
    for each in after.totals:
        assert replace(each, rank=0) == replace(totals[each.number], rank=0)
    expected = [{*level} - {gone} for level in ranked(before)]
    assert ranked(after) == [level for level in expected if level]


@given(judgment_questions(), st.integers(2, 9))
@TRIED
def test_same_ballots_several_times_over_give_the_same_order(question, times):
    rows = tuple((number, tuple(each * times for each in counts)) for number, counts in question.ballots)
    once, often = counted(question), counted(replace(question, ballots=rows))
    assert ranked(often) == ranked(once)
    assert {(each.number, each.total, each.share) for each in often.totals} == {
        (each.number, each.total, each.share) for each in once.totals
    }


@given(st.lists(st.dictionaries(st.integers(1, 4), st.integers(0, 5), min_size=1), max_size=9), st.randoms())
@TRIED
def test_grades_exchanged_between_ballots_leave_no_trace_in_the_box(ballots, chance):
    """Who gives an option a grade may give any other: neither the ballots nor their order are in the box."""
    columns = {number: [ballot.get(number, 0) for ballot in ballots] for number in range(1, 5)}
    for grades in columns.values():
        chance.shuffle(grades)
    mixed = [dict(zip(columns, grades, strict=True)) for grades in zip(*columns.values(), strict=True)]
    one, other = (boxes.write(box(judgment(each, among=4))) for each in (ballots, mixed))
    assert one == other


# --- Size


def calls_of(act):
    """How many functions it calls: a busy machine calls no more."""
    seen = Counter()
    sys.setprofile(lambda _frame, event, _argument: seen.update([event]))
    try:
        act()
    finally:
        sys.setprofile(None)
    return seen["call"] + seen["c_call"]


def test_hundred_thousand_ballots_are_summed_once_and_counted_as_ten_are():
    """Sixty options and seven grades: counting depends on neither the ballots nor their number."""
    chance, numbers, limits = Random(60), range(1, 61), {"grades": 7}
    cast = Counter(
        tuple((number, chance.randrange(7)) for number in sorted(chance.sample(numbers, 8)))
        for _ in range(100_000)
    )
    rows = counting.sum_up(cast, numbers, limits)
    assert counting.summed(rows) == 100_000
    assert sum(grade * times for _number, counts in rows for grade, times in enumerate(counts)) == sum(
        grade * times for ballot, times in cast.items() for _number, grade in ballot
    )
    large = replace(judgment([], among=60, grades=7), ballots=rows)
    outcome = counted(replace(large, to_retain=60))
    assert outcome.ballots == 100_000
    small = replace(judgment([{1: 6}] * 10, among=60, grades=7), to_retain=60)
    ten, many = (calls_of(partial(count, box(each))) for each in (small, large))
    assert many < 2 * ten
