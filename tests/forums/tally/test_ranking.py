"""Rankings: instant run-off for one place, the Scottish single transferable vote for several."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from forums.tally import box as boxes
from forums.tally.box import BoxError
from forums.tally.count import count
from forums.tally.outcome import UNIT, decimal_votes
from forums.vote.methods.ranking import counting
from forums.vote.methods.ranking.stages import count_by_stages
from tests.forums.tally import one_by_one
from tests.forums.tally.boxes import METHODS, box, ranking, reseeded
from tests.forums.tally.drawn import TRIED, ranking_questions

ELECTIONS = Path(__file__).parent / "elections"


def outcome_of(question, salt=""):
    return count(reseeded(box(question), salt) if salt else box(question)).questions[0]


def stages_of(outcome):
    """(kind, option, votes in decimals, elected) of each stage."""
    return [
        (each["kind"], each["option"], [Fraction(votes, UNIT) for votes in each["votes"]], each["elected"])
        for each in outcome.detail["stages"]
    ]


def times(**orders):
    """`times(abc=3)`: three ballots that rank options 1, 2 and 3."""
    return [
        tuple("abcdefgh".index(letter) + 1 for letter in order)
        for order, n in orders.items()
        for _ in range(n)
    ]


def election(name):
    """The ballots of a real election: `number: order` a line."""
    ballots = []
    for line in (ELECTIONS / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            number, order = line.split(":")
            ballots += [tuple(map(int, order.split()))] * int(number)
    return ballots


def elected_among(ballots, among, places):
    return outcome_of(ranking(ballots, among=among, to_retain=places)).retained


# --- Published cases


def test_capital_of_tennessee():
    """The usual example of an instant run-off: Memphis, Nashville, Chattanooga, Knoxville; 42, 26, 15 and 17 voters in 100."""
    ballots = times(abcd=42, bcda=26, cdba=15, dcba=17)
    outcome = outcome_of(ranking(ballots, among=4, to_retain=1))
    assert outcome.retained == (4,)
    assert [each[2] for each in stages_of(outcome)] == [[42, 26, 15, 17], [42, 26, 0, 32], [42, 0, 0, 58]]
    assert [(each.number, each.rank) for each in outcome.totals] == [(4, 1), (1, 2), (2, 3), (3, 4)]
    assert outcome.detail["quota"] is None


def test_party_food():
    """Wikipedia, “Single transferable vote”: oranges, pears, chocolate, strawberries, bonbons; 3 places for 20 guests."""
    ballots = [*[(1,)] * 4, *[(2, 1)] * 2, *[(3, 4)] * 8, *[(3, 5)] * 4, (4,), (5,)]
    outcome = outcome_of(ranking(ballots, among=5, to_retain=3))
    assert outcome.detail["quota"] == 6 * UNIT
    first, surplus, *_rest = stages_of(outcome)
    assert first[2:] == ([4, 2, 12, 1, 1], (3,))
    assert surplus == ("surplus", 3, [4, 2, 6, 5, 3], ())
    assert outcome.retained == (3, 1, 4)


def test_one_of_two_parties_takes_what_it_has_twice():
    """OpaVote’s example: 28 rank Alice, Bob, Chris, 26 Bob, Alice, Chris; 3 for Chris, 2 for Don, one for Eric; 3 places."""
    ballots = [*[(1, 2, 3)] * 28, *[(2, 1, 3)] * 26, *[(3,)] * 3, *[(4,)] * 2, (5,)]
    outcome = outcome_of(ranking(ballots, among=5, to_retain=3))
    assert outcome.detail["quota"] == 16 * UNIT
    assert outcome.retained == (1, 2, 3)


def test_alaska_2022():
    """As certified: 91,266 votes for Peltola and 86,026 for Palin once Begich was out."""
    ballots = election("alaska-2022")
    outcome = outcome_of(ranking(ballots, among=3, to_retain=1))
    assert stages_of(outcome) == [
        ("first", None, [53_810, 58_973, 75_799], ()),
        ("exclusion", 1, [0, 86_026, 91_266], (3,)),
    ]
    assert outcome.detail["stages"][1]["not_transferable"] == 11_290 * UNIT
    assert outcome.detail["stages"][1]["needed"] == (86_026 + 91_266) // 2 * UNIT + UNIT


def test_alaska_2022_beats_the_one_whom_a_majority_preferred_to_each_other():
    """Its known paradox is in the ballots, not in the count: without Palin, Begich wins."""
    left = [tuple(each for each in ballot if each != 2) for ballot in election("alaska-2022")]
    assert elected_among([ballot for ballot in left if ballot], 3, 1) == (1,)


@pytest.mark.parametrize(
    ("name", "among", "valid", "quota", "first", "winners"),
    [
        ("eilean-siar-2012-3", 4, 802, 201, [498, 69, 202, 33], {1, 2, 3}),
        ("renfrewshire-2017-11", 5, 5613, 1404, [1783, 212, 170, 2552, 896], {1, 4, 5}),
    ],
)
def test_scottish_wards(name, among, valid, quota, first, winners):
    """From the published ballots: quota, first preferences and councillors; each stage as a count on paper has it."""
    ballots = election(name)
    outcome = outcome_of(ranking(ballots, among=among, to_retain=3))
    assert (outcome.ballots, outcome.detail["quota"]) == (valid, quota * UNIT)
    assert stages_of(outcome)[0][2] == first
    assert set(outcome.retained) == winners
    assert_same_as_one_by_one(ballots, 3, range(1, among + 1))


def test_truncation_in_a_scottish_ward():
    """Eilean Siar 2012: 297 votes of 498 pass on at 0.59638, the rest of 297/498 ignored, then at what is left of it."""
    outcome = outcome_of(ranking(election("eilean-siar-2012-3"), among=4, to_retain=3))
    votes = [each["votes"] for each in outcome.detail["stages"]]
    assert votes[1] == (20_100_000, 6_900_000 + 159 * 59_638, 20_200_000, 3_300_000 + 121 * 59_638)
    assert votes == [
        (49_800_000, 6_900_000, 20_200_000, 3_300_000),
        (20_100_000, 16_382_442, 20_200_000, 10_516_198),
        (20_100_000, 16_391_352, 20_100_000, 10_577_578),
        (20_100_000, 19_352_180, 20_100_000, 0),
    ]
    assert outcome.detail["stages"][3]["fills"] is True


# --- The rules, each at its edge


def test_truncated_value_by_hand():
    """Quota 4 of 11 ballots, 2 places: 7 votes, surplus 3, 3/7 = 0.42857|14; the second pass multiplies, then truncates again."""
    ballots = [*[(1, 2, 3)] * 7, *[(2, 3)] * 2, *[(3,)] * 2]
    outcome = outcome_of(ranking(ballots, among=3, to_retain=2))
    assert [each["votes"] for each in outcome.detail["stages"]] == [
        (700_000, 200_000, 200_000),
        (400_000, 200_000 + 7 * 42_857, 200_000),
    ]
    assert outcome.detail["stages"][1]["not_transferable"] == 1
    assert outcome.retained == (1, 2)


def test_surplus_of_what_came_by_a_surplus():
    """By hand: 60 ballots, 3 places, quota 16. 41/57 is not whole; the second surplus takes each ballot at its own value."""
    ballots = [*[(1, 2, 3)] * 30, *[(2, 3)] * 10, *[(3,)] * 3, *[(4,)] * 9, *[(5,)] * 8]
    votes = [each["votes"] for each in outcome_of(ranking(ballots, among=5, to_retain=3)).detail["stages"]]
    value = 14 * UNIT // 30
    second = 10 * UNIT + 30 * value
    assert votes[1] == (16 * UNIT, second, 3 * UNIT, 9 * UNIT, 8 * UNIT)
    surplus = second - 16 * UNIT
    passed = 30 * (surplus * value // second) + 10 * (surplus * UNIT // second)
    assert votes[2] == (16 * UNIT, 16 * UNIT, 3 * UNIT + passed, 9 * UNIT, 8 * UNIT)


def test_largest_surplus_goes_first_though_another_was_elected_before():
    ballots = [*[(1, 2)] * 14, *[(2, 3)] * 9, *[(3,)] * 4, *[(4,)] * 4, *[(5, 2)] * 1, *[(2, 4)] * 4]
    kinds = [(each[0], each[1]) for each in stages_of(outcome_of(ranking(ballots, among=5, to_retain=3)))]
    assert kinds[:3] == [("first", None), ("surplus", 1), ("surplus", 2)]


def test_quota_is_never_reached_by_a_hair():
    """8 ballots, 3 places: 8/4 + 1 = 3, and two votes are not enough."""
    outcome = outcome_of(ranking(times(a=2, b=2, c=2, d=2), among=4, to_retain=3))
    assert outcome.detail["quota"] == 3 * UNIT
    assert outcome.detail["stages"][0]["elected"] == ()


@pytest.mark.parametrize(("a", "b", "stages"), [(3, 2, 1), (2, 2, 2), (3, 3, 2)])
def test_half_is_not_a_majority(a, b, stages):
    assert len(outcome_of(ranking(times(a=a, b=b), among=2, to_retain=1)).detail["stages"]) == stages


def test_majority_is_of_the_votes_still_in():
    """3 of 7 ballots are enough once two rank nobody any more."""
    outcome = outcome_of(ranking(times(a=3, b=2, c=1, d=1), among=4, to_retain=1))
    assert outcome.retained == (1,)
    assert outcome.detail["stages"][-1]["needed"] == 3 * UNIT
    assert outcome.detail["stages"][-1]["elected"] == (1,)


def test_exclusion_tie_is_settled_by_the_most_recent_stage_that_differs():
    """B and C have 3 each at the second stage; B had 2 at the first. (A case of the tests of the program Droop.)"""
    ballots = times(ab=1, b=2, c=3, d=4, e=5)
    outcome = outcome_of(ranking(ballots, among=5, to_retain=2))
    stage = outcome.detail["stages"][2]
    assert (stage["option"], stage["equals"], stage["settled_by"]) == (2, (2, 3), 1)
    assert outcome.retained == (5, 4)
    assert outcome.ties == ()
    assert [each[1] for each in stages_of(outcome)] == [None, 1, 2, 3]


def test_three_equals_are_narrowed_stage_by_stage():
    """Rules 49 and 51 of 2007 say what separates two. Of three, those that are lowest at a stage go on to the one before.

    4, 5 and 6 end with 40 each; at stage 2 they had 30, 30 and 40, at stage 1 20, 30 and 10: 6, alone the lowest there, is out of it.
    """
    first = [*[(1, 4)] * 20, *[(1, 6)] * 60, *[(1,)] * 120]
    second = [*[(2, 4)] * 50, *[(2, 5)] * 50, *[(2,)] * 25]
    ballots = [*first, *second, *[(3,)] * 110, *[(4,)] * 20, *[(5,)] * 30, *[(6,)] * 10]
    stages = outcome_of(ranking(ballots, among=6, to_retain=4)).detail["stages"]
    assert [each["votes"][3:] for each in stages[:4]] == [
        (20 * UNIT, 30 * UNIT, 10 * UNIT),
        (30 * UNIT, 30 * UNIT, 40 * UNIT),
        (40 * UNIT, 40 * UNIT, 40 * UNIT),
        (40 * UNIT, 40 * UNIT, 40 * UNIT),
    ]
    assert (stages[4]["option"], stages[4]["equals"], stages[4]["settled_by"]) == (4, (4, 5, 6), 1)


def test_exclusion_tie_at_all_stages_is_drawn_and_told():
    ballots = times(a=5, b=2, c=2)
    seen = {}
    for salt in range(20):
        outcome = outcome_of(ranking(ballots, among=3, to_retain=2), salt=f"x{salt}")
        stage = outcome.detail["stages"][-1]
        assert (stage["equals"], stage["settled_by"]) == ((2, 3), 0)
        (tie,) = outcome.ties
        assert (tie.decides, tie.place, tie.value) == ("excluded", len(outcome.detail["stages"]), 2)
        assert tie.kept == tie.options[:1]
        assert set(tie.options) == {2, 3}
        assert outcome.retained == (1, tie.kept[0])
        seen[outcome.retained] = tie
    assert len(seen) == 2


def test_surplus_tie_is_drawn_and_told():
    ballots = [*[(1, 3)] * 5, *[(2, 4)] * 5, (3,), (4,)]
    outcome = outcome_of(ranking(ballots, among=4, to_retain=3))
    assert {tie.decides for tie in outcome.ties} >= {"order", "surplus"}
    order, surplus = outcome.ties[:2]
    assert (order.place, order.value, order.kept) == (1, 5, order.options)
    assert (surplus.place, surplus.options, surplus.kept) == (2, order.options, order.options[:1])
    assert outcome.ranks[1] == outcome.ranks[2] == 1


def test_more_places_than_options_retains_those_that_are_ranked():
    outcome = outcome_of(ranking(times(a=3, ab=1, c=2), among=5, to_retain=8))
    assert outcome.retained == (1, 3, 2)
    assert (outcome.unfilled, outcome.without_option, outcome.without_support) == (5, 3, 2)
    assert outcome.unsupported == (4, 5)
    assert len(outcome.detail["stages"]) == 1
    assert outcome.detail["stages"][0]["fills"] is True


def test_option_that_nobody_ranked_is_not_retained_even_to_fill_a_place():
    outcome = outcome_of(ranking(times(a=9), among=3, to_retain=2))
    assert (outcome.retained, outcome.unfilled, outcome.unsupported) == ((1,), 1, (2, 3))
    assert [each["option"] for each in outcome.detail["stages"]] == [None]


def test_option_ranked_last_by_one_person_may_fill_a_place():
    outcome = outcome_of(ranking(times(a=9, ab=1), among=3, to_retain=2))
    assert outcome.retained == (1, 2)


@pytest.mark.parametrize("places", [1, 3])
def test_nobody_ranked_anything(places):
    outcome = outcome_of(ranking([], among=3, to_retain=places, blank=4, rejected=1))
    assert (outcome.retained, outcome.unfilled, outcome.ties) == ((), places, ())
    assert [(each.number, each.total, each.rank, each.share) for each in outcome.totals] == [
        (number, 0, 1, 0) for number in (1, 2, 3)
    ]
    assert len(outcome.detail["stages"]) == 1


def test_blank_ballots_are_in_the_shares_and_not_in_the_quota():
    outcome = outcome_of(ranking(times(a=3, b=2), among=2, to_retain=2, blank=5))
    assert outcome.detail["quota"] == 2 * UNIT
    assert {each.number: each.share for each in outcome.totals} == {1: Fraction(3, 10), 2: Fraction(2, 10)}


# --- The box


@pytest.mark.parametrize(
    ("ballot", "fault"),
    [
        ((), "it is blank: blank ballots are counted apart"),
        ((1, 1), "its options must be different"),
        ((2, 9), "unknown option 9"),
        ((1, 2, 3), "3 options are ranked, and 2 may be"),
        ((True,), "it is not a tuple of option numbers"),
        (("1",), "it is not a tuple of option numbers"),
        ([1], "it is not a tuple of option numbers"),
        (((1, 2),), "it is not a tuple of option numbers"),
    ],
)
def test_ballot_that_breaks_a_rule_is_in_no_box(ballot, fault):
    assert counting.ballot_fault(ballot, {1, 2, 3}, {"ranks": 2}) == fault


def test_any_order_is_a_ballot():
    for order in permutations((1, 2, 3), 2):
        assert counting.ballot_fault(order, {1, 2, 3}, {"ranks": 2}) == ""


@pytest.mark.parametrize("limits", [{}, {"ranks": 0}, {"ranks": True}, {"ranks": 2, "limit": 2}])
def test_limits_are_ranks_alone(limits):
    with pytest.raises(BoxError):
        counting.check_limits("question 1", limits, 3)


def test_box_keeps_the_order_of_a_ballot_and_sorts_ballots():
    drawn = box(ranking([(3, 1), (2,), (1, 3)], among=3, to_retain=1))
    text = boxes.write(drawn)
    assert '"ballots":[[1,3],[2],[3,1]]' in text
    assert boxes.read(text, METHODS) == drawn


@pytest.mark.parametrize(("options", "ranks"), [(1, 1), (2, 2), (3, 3), (4, 2), (5, 3), (3, 60)])
def test_possible_ballots_are_those_that_can_be_listed(options, ranks):
    listed = [order for size in range(1, ranks + 1) for order in permutations(range(options), size)]
    assert counting.possible_ballots(options, ranks) == len(listed)


@pytest.mark.parametrize(("options", "ranks", "orders"), [(10, 5, 36_100), (20, 5, 1_984_000), (60, 1, 60)])
def test_possible_ballots_of_large_questions(options, ranks, orders):
    assert counting.possible_ballots(options, ranks) == orders


@pytest.mark.parametrize(
    ("votes", "said"),
    [(0, "0"), (20_100_000, "201"), (16_382_442, "163.82442"), (10, "0.0001"), (1_050_000, "10.5")],
)
def test_votes_are_said_exactly(votes, said):
    assert decimal_votes(votes) == said


# --- Beside another count, and properties


def assert_same_as_one_by_one(ballots, places, draw):
    draw = list(draw)
    mine = count_by_stages(ballots, places, draw)
    theirs = list(one_by_one.stages(ballots, places, draw)) if ballots else []
    for stage, (kind, option, votes, elected) in zip(mine.stages, theirs, strict=bool(ballots)):
        assert (stage.kind, stage.choice and stage.choice.option) == (kind, option)
        assert {each: Decimal(value) / UNIT for each, value in stage.votes.items()} == votes
        assert stage.elected == elected


@given(ranking_questions(), st.randoms())
@TRIED
def test_another_count_by_another_way_has_the_same_stages(question, chance):
    draw = chance.sample(question.numbers, len(question.numbers))
    assert_same_as_one_by_one(question.ballots, question.to_retain, draw)


@given(ranking_questions(), st.randoms())
@TRIED
def test_order_of_ballots_does_not_matter(question, chance):
    shuffled = chance.sample(question.ballots, len(question.ballots))
    before, after = (
        count_by_stages(each, question.to_retain, question.numbers) for each in (question.ballots, shuffled)
    )
    assert (before.stages, before.elected) == (after.stages, after.elected)


@given(ranking_questions())
@TRIED
def test_votes_are_neither_made_nor_lost(question):
    outcome = outcome_of(question)
    for stage in outcome.detail["stages"]:
        assert sum(stage["votes"]) + stage["not_transferable"] == len(question.ballots) * UNIT
        assert min(*stage["votes"], stage["not_transferable"]) >= 0
    elected = [number for stage in outcome.detail["stages"] for number in stage["elected"]]
    assert tuple(elected) == outcome.retained
    ranked = {number for ballot in question.ballots for number in ballot}
    assert len(outcome.retained) == min(question.to_retain, len(ranked))
    lost = [stage["not_transferable"] for stage in outcome.detail["stages"]]
    assert lost == sorted(lost)


@given(ranking_questions())
@TRIED
def test_one_place_by_the_quota_of_all_ballots_elects_the_same(question):
    """An instant run-off is the single transferable vote of one place: the majority of what is left only ends it sooner."""
    single = replace(question, to_retain=1)
    outcome = outcome_of(single)
    assume(outcome.retained and not outcome.ties)
    winner = outcome.retained[0]
    standing = {number for ballot in single.ballots for number in ballot}
    history = []
    while len(standing) > 1:
        tops = Counter(next((each for each in ballot if each in standing), None) for ballot in single.ballots)
        history.append({each: tops[each] for each in question.numbers})
        weakest = min(standing, key=lambda each: [votes[each] for votes in reversed(history)])
        equals = [each for each in standing if all(votes[each] == votes[weakest] for votes in history)]
        assume(len(equals) == 1)
        standing.remove(weakest)
    assert standing == {winner}


@given(ranking_questions())
@TRIED
def test_option_first_for_more_than_half_wins_the_only_place(question):
    tops = Counter(ballot[0] for ballot in question.ballots)
    favourite, times_first = max(tops.items(), key=lambda each: each[1], default=(0, 0))
    assume(2 * times_first > len(question.ballots))
    assert outcome_of(replace(question, to_retain=1)).retained == (favourite,)


@given(ranking_questions(), st.integers(2, 4))
@TRIED
def test_same_ballots_several_times_over_elect_the_same_for_one_place(question, factor):
    """For several, the quota is rounded, and the votes of the last places may be other ones."""
    single = replace(question, to_retain=1)
    often = replace(single, ballots=tuple(sorted(single.ballots * factor)))
    before, after = (count_by_stages(each.ballots, 1, question.numbers) for each in (single, often))
    assert before.elected == after.elected


@given(ranking_questions(), st.data())
@TRIED
def test_what_comes_later_on_a_ballot_never_harms_what_comes_first(question, data):
    """Later-no-harm (Woodall, 1994): ranks added after one’s choices can’t take a place from them; the draw is kept the same."""
    places = [place for place, ballot in enumerate(question.ballots) if len(ballot) < len(question.numbers)]
    assume(places)
    place = data.draw(st.sampled_from(places))
    ballot = question.ballots[place]
    added = data.draw(st.sampled_from([each for each in question.numbers if each not in ballot]))
    longer = [*question.ballots[:place], (*ballot, added), *question.ballots[place + 1 :]]
    # An option that this ballot alone ranks joins the count by it.
    assume(any(added in each for each in question.ballots))
    before, after = (count_by_stages(each, 1, question.numbers) for each in (question.ballots, longer))
    if before.elected[0] in ballot:
        assert after.elected == before.elected


PROFILES = st.dictionaries(
    st.permutations(range(1, 6)).flatmap(
        lambda order: st.integers(1, 5).map(lambda size: tuple(order[:size]))
    ),
    st.integers(1, 60),
    min_size=4,
    max_size=12,
)


@given(PROFILES)
@TRIED
def test_taking_away_the_first_one_out_of_a_run_off_changes_nothing(profile):
    """Whom the count excludes first had no part in what follows; of others, removal may change all (not a fault)."""
    ballots = [ballot for ballot, times_cast in profile.items() for _each in range(times_cast)]
    before = count_by_stages(ballots, 1, range(1, 6))
    assume(before.excluded)
    first_out = before.excluded[0]
    left = [tuple(each for each in ballot if each != first_out) for ballot in ballots]
    after = count_by_stages([ballot for ballot in left if ballot], 1, [1, 2, 3, 4, 5])
    assume(not any(stage.choice and stage.choice.equals for stage in (*before.stages, *after.stages)))
    assert after.elected == before.elected


# --- Reports of others


def test_eight_votes_left_of_a_party_lose_to_eight_by_what_truncation_took():
    """mggg/VoteKit#311: exact fractions tie at 8; five decimals truncated leave the party 7.999…, by the rule and not by floats."""
    ballots = [*[(1, 2, 3, 4, 5)] * 52, *[(6,)] * 8]
    outcome = outcome_of(ranking(ballots, among=6, to_retain=5))
    assert outcome.detail["quota"] == 11 * UNIT
    assert outcome.retained == (1, 2, 3, 4, 6)
    last = (
        outcome.detail["stages"][-2]["votes"] if outcome.detail["stages"][-1]["kind"] == "exclusion" else ()
    )
    assert last == () or 799_000 < last[4] < 8 * UNIT == last[5]


@pytest.mark.parametrize(("among", "places"), [(4, 2), (4, 3), (4, 1)])
def test_one_ballot_alone_retains_what_it_ranks(among, places):
    """bradbeattie/python-vote-core#4, Equal-Vote/bettervoting#1347: one ballot, more places than it can fill at its value."""
    outcome = outcome_of(ranking([(1, 2, 3, 4)], among=among, to_retain=places))
    assert outcome.retained[0] == 1
    assert len(outcome.retained) == places


def test_ballots_without_a_next_choice_go_to_nobody():
    """jontingvold/pyrankvote#1: two ballots that rank the excluded option alone were shared out at random."""
    outcome = outcome_of(ranking(times(a=5, b=4, c=2, cb=1), among=3, to_retain=1))
    assert outcome.detail["stages"][1]["not_transferable"] == 2 * UNIT
    assert outcome.detail["stages"][1]["votes"] == (5 * UNIT, 5 * UNIT, 0)


@example(ranking(times(a=1), among=2, to_retain=2))
@given(ranking_questions())
@TRIED
def test_excluded_and_elected_are_never_the_same(question):
    """Equal-Vote/bettervoting#1347: eliminated options were shown as elected."""
    done = count_by_stages(question.ballots, question.to_retain, question.numbers)
    assert not set(done.elected) & set(done.excluded)
    assert set(done.elected) | set(done.excluded) | done.continuing == set(done.options)
