"""What must hold for any ballots at all."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from forums.tally import box as boxes
from forums.tally.count import count
from forums.vote.methods.approval import proportional
from tests.forums.tally.boxes import METHODS, approval, box, former, reseeded
from tests.forums.tally.drawn import (
    TRIED,
    approval_questions,
    decision_questions,
    drawn_boxes,
    points_questions,
)
from tests.forums.tally.medians import removed_one_by_one

QUESTIONS = st.one_of(approval_questions(), points_questions())


def counted(question, **about):
    return count(box(question, **about)).questions[0]


def totals(outcome):
    return {each.number: each.total for each in outcome.totals}


def worths(question, outcome):
    """By option, what ranks it: its total, or the grades of a judgment."""
    if question.method.NAME == "judgment":
        return {number: removed_one_by_one(counts) for number, counts in question.ballots}
    return totals(outcome)


@given(st.lists(st.sets(st.integers(1, 6), min_size=1, max_size=3), max_size=12), st.randoms())
@TRIED
def test_order_of_casting_leaves_no_trace(ballots, chance):
    shuffled = chance.sample(ballots, len(ballots))
    one, other = (box(approval(each, among=6, limit=3, to_retain=2)) for each in (ballots, shuffled))
    assert boxes.write(one) == boxes.write(other)


@given(QUESTIONS)
@TRIED
def test_totals_add_up_to_what_was_marked(question):
    outcome = counted(question)
    if question.method.NAME == "approval":
        assert sum(totals(outcome).values()) == sum(map(len, question.ballots))
        assert all(each.total <= len(question.ballots) for each in outcome.totals)
        assert all(0 <= each.share <= 1 for each in outcome.totals)
    else:
        assert sum(totals(outcome).values()) <= question.limits["points"] * len(question.ballots)
        assert sum(each.share for each in outcome.totals) == (1 if question.ballots else 0)


@given(drawn_boxes())
@TRIED
def test_equals_have_one_rank_whatever_the_lottery_did(drawn):
    for question, outcome in zip(drawn.questions, count(drawn).questions, strict=True):
        ranks = outcome.ranks
        read = [ranks[number] for number in outcome.retained]
        assert read == sorted(read)
        assert read[:1] in ([], [1])
        if "stages" in outcome.detail:
            # Those of the whole count, not of the first choices: test_ranking.py.
            continue
        if outcome.reading == "balanced":
            worth = dict(zip(outcome.balanced, outcome.weights, strict=True))
        else:
            worth = worths(question, outcome)
        assert set(ranks) == set(worth)
        for number, rank in ranks.items():
            assert rank == 1 + sum(other > worth[number] for other in worth.values())
        for tie in outcome.ties:
            if tie.reading == outcome.reading:
                assert len({ranks[number] for number in tie.kept}) == 1


@given(drawn_boxes())
@TRIED
def test_every_ballot_and_option_is_accounted_for(drawn):
    for question, outcome in zip(drawn.questions, count(drawn).questions, strict=True):
        assert outcome.cast == question.cast == drawn.questions[0].cast
        if question.method.NAME == "decision":
            assert (
                sum(outcome.detail[answer] for answer in ("for", "against", "abstention")) == outcome.ballots
            )
            assert (outcome.totals, outcome.retained, outcome.unfilled, outcome.ties) == ((), (), 0, ())
            continue
        assert min(outcome.without_option, outcome.without_support) >= 0
        assert outcome.without_option + outcome.without_support == outcome.unfilled
        assert outcome.without_option == max(0, question.to_retain - len(question.numbers))
        assert sorted(totals(outcome)) == list(question.numbers)
        assert len(outcome.retained) + outcome.unfilled == question.to_retain
        assert not set(outcome.retained) & set(outcome.unsupported)
        if question.method.NAME == "ranking":
            assert sum(each.total for each in outcome.totals) == outcome.ballots
            continue
        assert set(outcome.detail) == ({"profile"} if question.method.NAME == "judgment" else set())
        amounts = list(map(worths(question, outcome).get, (each.number for each in outcome.totals)))
        assert amounts == sorted(amounts, reverse=True)
        assert [each.rank for each in outcome.totals] == [1 + sum(a > b for a in amounts) for b in amounts]


@given(QUESTIONS)
@TRIED
def test_both_formats_count_alike(question):
    drawn = box(question)
    assert count(former(drawn)) == count(drawn)
    texts = boxes.write(former(drawn)), boxes.write(drawn)
    assert texts[0] != texts[1]
    counts = {repr(count(boxes.read(text, METHODS))) for text in texts}
    assert len(counts) == 1


@given(QUESTIONS)
@TRIED
def test_retained_by_totals_are_never_less_supported_than_the_others(question):
    outcome = counted(question)
    found = totals(outcome)
    left = found.keys() - set(outcome.most_supported)
    if outcome.most_supported and left:
        assert min(found[each] for each in outcome.most_supported) >= max(found[each] for each in left)
    if len(outcome.most_supported) < question.to_retain:
        assert all(not found[each] for each in left)


@given(approval_questions(), st.data())
@TRIED
def test_one_more_support_helps_its_option_alone(question, data):
    limit = question.limits["limit"]
    places = [place for place, ballot in enumerate(question.ballots) if len(ballot) < limit]
    assume(places)
    place = data.draw(st.sampled_from(places))
    ballot = question.ballots[place]
    option = data.draw(st.sampled_from([each for each in question.numbers if each not in ballot]))
    more = (*question.ballots[:place], tuple(sorted((*ballot, option))), *question.ballots[place + 1 :])
    before, after = counted(question), counted(replace(question, ballots=tuple(sorted(more))))
    assert totals(after) == totals(before) | {option: totals(before)[option] + 1}
    ranks = [{each.number: each.rank for each in outcome.totals}[option] for outcome in (before, after)]
    assert ranks[1] <= ranks[0]
    # Without a tie at the threshold, the lottery cannot take back what support gives.
    is_drawn = any(tie.decides == "retained" and option in tie.options for tie in before.ties + after.ties)
    if option in before.most_supported and not is_drawn:
        assert option in after.most_supported


@given(points_questions(), st.data())
@TRIED
def test_one_more_point_helps_its_option_alone(question, data):
    assume(question.ballots)
    place = data.draw(st.integers(0, len(question.ballots) - 1))
    given_points = dict(question.ballots[place])
    assume(sum(given_points.values()) < question.limits["points"])
    option = data.draw(st.sampled_from(question.numbers))
    assume(given_points.get(option, 0) < question.limits["points_each"])
    given_points[option] = given_points.get(option, 0) + 1
    ballot = tuple(sorted(given_points.items()))
    more = (*question.ballots[:place], ballot, *question.ballots[place + 1 :])
    before, after = counted(question), counted(replace(question, ballots=tuple(sorted(more))))
    assert totals(after) == totals(before) | {option: totals(before)[option] + 1}


@given(QUESTIONS, st.data())
@TRIED
def test_taking_a_losing_option_away_leaves_the_other_totals(question, data):
    outcome = counted(question)
    losers = [each for each in question.numbers if each not in outcome.most_supported]
    assume(losers and len(question.numbers) > 1)
    loser = data.draw(st.sampled_from(losers))
    if question.method.NAME == "approval":
        left = [tuple(each for each in ballot if each != loser) for ballot in question.ballots]
    else:
        left = [tuple(pair for pair in ballot if pair[0] != loser) for ballot in question.ballots]
    filled = tuple(sorted(ballot for ballot in left if ballot))
    without = replace(
        question,
        options=tuple(each for each in question.options if each.number != loser),
        ballots=filled,
        blank=question.blank + len(left) - len(filled),
    )
    after = counted(without)
    assert totals(after) == {number: total for number, total in totals(outcome).items() if number != loser}
    if not any(tie.decides == "retained" for tie in outcome.ties):
        assert set(after.most_supported) == set(outcome.most_supported)


@given(QUESTIONS)
@TRIED
def test_option_that_nobody_marks_changes_nothing(question):
    """Its draw is its own, so not even ties change."""
    added = max(question.numbers) + 1
    more = replace(question, options=(*question.options, boxes.Option(added, "Jamais cochée")))
    before, after = counted(question), counted(more)
    assert (after.retained, after.balanced, after.ties) == (before.retained, before.balanced, before.ties)
    assert [each for each in after.totals if each.number != added] == list(before.totals)


@given(QUESTIONS, st.randoms(), st.sampled_from(["most_supported", "balanced"]))
@TRIED
def test_without_ties_the_numbers_of_options_do_not_matter(question, chance, reading):
    before = counted(question, reading=reading)
    assume(not before.ties)
    named = dict(zip(question.numbers, chance.sample(question.numbers, len(question.numbers)), strict=True))
    if question.method.NAME == "approval":
        ballots = [tuple(sorted(named[each] for each in ballot)) for ballot in question.ballots]
    else:
        ballots = [
            tuple(sorted((named[each], amount) for each, amount in ballot)) for ballot in question.ballots
        ]
    after = counted(replace(question, ballots=tuple(sorted(ballots))), reading=reading)
    assert after.retained == tuple(named[each] for each in before.retained)
    assert totals(after) == {named[number]: total for number, total in totals(before).items()}


@given(drawn_boxes(), st.integers())
@TRIED
def test_where_no_tie_is_told_the_seed_does_not_matter(drawn, salt):
    pairs = zip(count(drawn).questions, count(reseeded(drawn, salt)).questions, strict=True)
    for before, after in pairs:
        if not any(tie.reading == "most_supported" for tie in before.ties):
            assert after.most_supported == before.most_supported
        if not any(tie.decides in {"retained", "excluded", "surplus"} for tie in before.ties):
            assert set(after.most_supported) == set(before.most_supported)
        if not any(tie.reading == "balanced" for tie in before.ties):
            assert (after.balanced, after.weights) == (before.balanced, before.weights)
        assert totals(after) == totals(before)


@given(drawn_boxes())
@TRIED
def test_what_a_tie_keeps_is_what_is_retained(drawn):
    for outcome in count(drawn).questions:
        for tie in outcome.ties:
            retained = outcome.most_supported if tie.reading == "most_supported" else outcome.balanced
            assert len(tie.options) > 1
            if tie.decides in {"excluded", "surplus"}:
                # Of a stage: what it keeps may go out at the next one.
                assert set(tie.kept) < set(tie.options)
                continue
            assert tie.kept == tie.options[: len(tie.kept)] == retained[tie.place - 1 :][: len(tie.kept)]


@given(approval_questions())
@TRIED
def test_balanced_reading_only_adds_when_there_is_one_more_place(question):
    """Committee monotonicity (Lackner & Skowron, 2023): the places already won stay."""
    fewer = counted(question)
    more = counted(replace(question, to_retain=question.to_retain + 1))
    assert more.balanced[: len(fewer.balanced)] == fewer.balanced
    assert len(more.balanced) - len(fewer.balanced) in {0, 1}


@given(approval_questions())
@TRIED
def test_balanced_reading_begins_by_the_most_supported_and_weighs_less_and_less(question):
    outcome = counted(question)
    assert outcome.balanced[:1] == outcome.most_supported[:1]
    assert list(outcome.weights) == sorted(outcome.weights, reverse=True)
    assert all(weight > 0 for weight in outcome.weights)


@given(approval_questions(), st.integers(2, 5))
@TRIED
def test_same_ballots_several_times_over_elect_the_same(question, times):
    lottery = question.numbers
    once, often = Counter(question.ballots), Counter(question.ballots * times)
    alone, together = (proportional.elect(each, lottery, question.to_retain) for each in (once, often))
    assert [step.option for step in together] == [step.option for step in alone]
    assert [step.weight for step in together] == [times * step.weight for step in alone]


@given(st.lists(st.integers(1, 60), min_size=2, max_size=4, unique=True), st.integers(1, 6))
@TRIED
def test_balanced_reading_shares_places_between_parties_as_dhondt_does(voters, places):
    """Brill, Laslier & Skowron, "Multiwinner approval rules as apportionment methods" (2018), theorem 1."""
    quotients = sorted(
        ((Fraction(size, seat), party) for party, size in enumerate(voters) for seat in range(1, places + 1)),
        reverse=True,
    )
    tops = [quotient for quotient, _party in quotients]
    assume(tops[places - 1] > tops[places])
    expected = Counter(party for _quotient, party in quotients[:places])
    lists = [tuple(range(1 + party * places, 1 + (party + 1) * places)) for party in range(len(voters))]
    ballots = dict(zip(lists, voters, strict=True))
    steps = proportional.elect(ballots, [option for each in lists for option in each], places)
    assert Counter((step.option - 1) // places for step in steps) == expected


@given(decision_questions(), st.data())
@TRIED
def test_one_more_in_favour_never_turns_a_proposal_down(question, data):
    """Whoever leaves the box blank, abstains or is against, and then is for instead."""
    left = Counter(question.ballots)
    from_where = [answer for answer in left if answer != ("for",)] + ["blank"] * (question.blank > 0)
    assume(from_where)
    given_up = data.draw(st.sampled_from(from_where))
    rest = list((left - Counter([given_up])).elements())
    more = replace(
        question,
        ballots=tuple(sorted([*rest, ("for",)])),
        blank=question.blank - (given_up == "blank"),
    )
    before, after = counted(question).detail, counted(more).detail
    assert after["for"] == before["for"] + 1
    assert after["quorum_met"] is before["quorum_met"]
    assert after["adopted"] or not before["adopted"]


@given(decision_questions(), st.integers(0, 15), st.integers(0, 15))
@TRIED
def test_who_is_neither_for_nor_against_counts_for_the_quorum_alone(question, abstentions, blank):
    ballots = question.ballots + (("abstention",),) * abstentions
    more = replace(question, ballots=tuple(sorted(ballots)), blank=question.blank + blank)
    before, after = counted(question).detail, counted(more).detail
    if before["quorum_met"] in {None, True}:
        assert (after["adopted"], after["quorum_met"]) == (before["adopted"], before["quorum_met"])
    assert (after["for"], after["against"]) == (before["for"], before["against"])


@given(drawn_boxes(), st.integers())
@TRIED
def test_decision_has_no_lottery(drawn, salt):
    for before, after in zip(count(drawn).questions, count(reseeded(drawn, salt)).questions, strict=True):
        if "adopted" in before.detail:
            assert before.detail == after.detail
