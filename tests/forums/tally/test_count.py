"""What is counted, and each edge: ties, blank ballots, options that nobody supports, places left empty."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given

from forums.tally import ties
from forums.tally.count import count
from forums.tally.outcome import Difference, OptionTotal, Tie, as_json, from_json
from tests.forums.tally.boxes import SEED, approval, box, points, reseeded
from tests.forums.tally.drawn import TRIED, drawn_boxes


def counted(question, **about):
    return count(box(question, **about)).questions[0]


def lottery(question):
    """The order of the draw, written again from its description."""
    ballots = json.dumps(question.ballots, separators=(",", ":"))
    digest = hashlib.sha256(ballots.encode()).hexdigest()
    return sorted(
        question.numbers,
        key=lambda option: hashlib.sha256(f"{SEED}:{digest}:{question.position}.{option}".encode()).digest(),
    )


def test_approval_is_counted_in_order_with_shares_of_valid_ballots():
    outcome = counted(
        approval([{1, 2}, {2}, {2, 3}, {1}], among=4, to_retain=2, blank=1, rejected=3), receipts=["A"]
    )
    assert outcome.totals == (
        OptionTotal(2, 3, 1, Fraction(3, 5)),
        OptionTotal(1, 2, 2, Fraction(2, 5)),
        OptionTotal(3, 1, 3, Fraction(1, 5)),
        OptionTotal(4, 0, 4, Fraction(0)),
    )
    assert (outcome.retained, outcome.most_supported, outcome.reading) == ((2, 1), (2, 1), "most_supported")
    assert (outcome.ballots, outcome.blank, outcome.rejected) == (4, 1, 3)
    assert (outcome.valid, outcome.cast) == (5, 8)
    assert (outcome.unsupported, outcome.unfilled, outcome.ties) == ((4,), 0, ())


def test_points_are_summed_and_unspent_ones_are_nobodys():
    outcome = counted(points([{1: 4, 2: 4}, {2: 1}, {3: 1}], among=3, to_retain=2, blank=2, rejected=1))
    assert outcome.totals == (
        OptionTotal(2, 5, 1, Fraction(1, 2), ballots=2),
        OptionTotal(1, 4, 2, Fraction(2, 5), ballots=1),
        OptionTotal(3, 1, 3, Fraction(1, 10), ballots=1),
    )
    assert (outcome.retained, outcome.ties) == ((2, 1), ())


def test_points_have_one_reading_whatever_was_declared():
    outcome = counted(points([{1: 4}, {2: 3}], among=2, to_retain=1), reading="balanced")
    assert (outcome.reading, outcome.retained) == ("most_supported", (1,))
    assert (outcome.balanced, outcome.weights, outcome.other) == (None, (), None)


# Seven support 1 and 2, and three only 3: two places, so the second reading gives them one.
MAJORITY = [{1, 2}] * 6 + [{1}] + [{3}] * 4


def test_balanced_reading_is_told_as_what_would_differ():
    outcome = counted(approval(MAJORITY, among=3, to_retain=2))
    assert (outcome.retained, outcome.balanced) == ((1, 2), (1, 3))
    assert outcome.weights == (Fraction(7), Fraction(4))
    assert outcome.other == Difference("balanced", entering=(3,), leaving=(2,), is_reordered=False)


def test_balanced_reading_decides_when_it_was_declared():
    outcome = counted(approval(MAJORITY, among=3, to_retain=2), reading="balanced")
    assert (outcome.reading, outcome.retained, outcome.most_supported) == ("balanced", (1, 3), (1, 2))
    assert outcome.other == Difference("most_supported", entering=(2,), leaving=(3,), is_reordered=False)


def test_same_options_in_another_order_are_said_to_be():
    outcome = counted(approval([{1, 2}] * 6 + [{1}] + [{3}] * 4, among=3, to_retain=3))
    assert (outcome.retained, outcome.balanced) == ((1, 2, 3), (1, 3, 2))
    assert outcome.other == Difference("balanced", (), (), is_reordered=True)


def test_readings_that_agree_differ_in_nothing():
    outcome = counted(approval([{1}, {1}, {2}], among=2, to_retain=1))
    assert outcome.other == Difference("balanced", (), (), is_reordered=False)


def test_tie_at_the_threshold_is_drawn_and_told():
    question = approval([{1}, {1}, {2}, {3}, {4}], among=5, to_retain=2)
    drawn = tuple(option for option in lottery(question) if option in {2, 3, 4})
    outcome = counted(question)
    assert outcome.retained == (1, drawn[0])
    assert [each.rank for each in outcome.totals] == [1, 2, 2, 2, 5]
    threshold = Tie("most_supported", 2, drawn, Fraction(1), drawn[:1], "retained")
    step = Tie("balanced", 2, drawn, Fraction(1), drawn[:1], "place")
    assert outcome.ties == (threshold, step)


def test_tie_among_the_retained_decides_their_order_only():
    question = approval([{1, 2, 3}, {1, 2}, {4}], among=4, to_retain=3)
    drawn = tuple(option for option in lottery(question) if option in {1, 2})
    last = tuple(option for option in lottery(question) if option in {3, 4})
    order, threshold = (each for each in counted(question).ties if each.reading == "most_supported")
    assert order == Tie("most_supported", 1, drawn, Fraction(2), drawn, "order")
    assert threshold == Tie("most_supported", 3, last, Fraction(1), last[:1], "retained")


def test_tie_that_ends_at_the_threshold_leaves_nobody_out():
    outcome = counted(points([{1: 2, 2: 2}, {3: 1}], among=3, to_retain=2))
    assert [(each.place, sorted(each.options), each.decides) for each in outcome.ties] == [
        (1, [1, 2], "order")
    ]


def test_tie_below_the_threshold_is_not_told():
    outcome = counted(points([{1: 3, 2: 2, 3: 2}], among=4, to_retain=1))
    assert outcome.ties == ()
    assert [(each.number, each.rank) for each in outcome.totals if each.rank > 1] == [
        *(
            (option, 2)
            for option in lottery(points([{1: 3, 2: 2, 3: 2}], among=4, to_retain=1))
            if option in {2, 3}
        ),
        (4, 4),
    ]


def test_points_tie_is_drawn():
    question = points([{1: 3, 2: 1}, {2: 2, 3: 3}], among=3, to_retain=1)
    drawn = tuple(lottery(question))
    assert counted(question).ties == (Tie("most_supported", 1, drawn, Fraction(3), drawn[:1], "retained"),)


def test_balanced_reading_tells_each_place_that_was_drawn():
    """Three groups of one: every place is drawn among those left, but the last."""
    question = approval([{1}, {2}, {3}], among=3, to_retain=3)
    drawn = tuple(lottery(question))
    steps = [each for each in counted(question).ties if each.reading == "balanced"]
    assert steps == [
        Tie("balanced", 1, drawn, Fraction(1), drawn[:1], "place"),
        Tie("balanced", 2, drawn[1:], Fraction(1), drawn[1:2], "place"),
    ]


def test_each_question_has_a_draw_of_its_own():
    """The same ballots in ten questions: the same option does not win everywhere."""
    ballots = [{1}, {2}, {3}]
    questions = [approval(ballots, among=3, to_retain=1, position=place) for place in range(1, 11)]
    outcome = count(box(*questions))
    assert [each.retained[0] for each in outcome.questions] == [lottery(each)[0] for each in questions]
    assert len({each.retained for each in outcome.questions}) > 1


def test_each_seed_has_a_draw_of_its_own():
    drawn = box(approval([{1}, {2}, {3}], among=3, to_retain=1))
    winners = {count(reseeded(drawn, salt)).questions[0].retained for salt in range(20)}
    assert winners == {(1,), (2,), (3,)}


def test_draw_changes_with_the_ballots():
    """A seed alone tells nothing before the ballots are known."""
    winners = {
        counted(approval([{1}, {2}, {3}] * times, among=3, to_retain=1)).retained for times in range(1, 21)
    }
    assert winners == {(1,), (2,), (3,)}


def test_lottery_is_known_to_the_byte():
    """Found with `printf %s TEXT | sha256sum`, for whoever writes a recount of their own."""
    digest = ties.ballots_digest(((1, 2), (2,)))
    assert digest == "7ca5523385bb6551362632460836f4bd35c1385ccbea5d6e51ce30588074e0bd"
    # Their draws begin by 8e90ad68 and fce319f9.
    assert ties.lottery(SEED, digest, 1, (2, 1)) == (1, 2)


@pytest.mark.parametrize("to_retain", [3, 4, 99])
def test_more_places_than_options_retains_them_all(to_retain):
    outcome = counted(approval([{1, 2}, {1, 2}, {1, 3}], among=3, to_retain=to_retain))
    assert outcome.retained == outcome.most_supported == (1, 2, 3)
    assert (outcome.balanced, outcome.unfilled) == ((1, 2, 3), to_retain - 3)


def test_option_that_nobody_supports_is_never_retained():
    outcome = counted(approval([{1}], among=4, to_retain=3))
    assert (outcome.retained, outcome.balanced) == ((1,), (1,))
    assert (outcome.unsupported, outcome.unfilled, outcome.ties) == ((2, 3, 4), 2, ())


@pytest.mark.parametrize("make", [approval, points])
@pytest.mark.parametrize(("blank", "rejected"), [(0, 0), (5, 0), (0, 5), (3, 2)])
def test_nothing_is_retained_when_nobody_chooses(make, blank, rejected):
    outcome = counted(make([], among=2, to_retain=1, blank=blank, rejected=rejected))
    assert (outcome.retained, outcome.unfilled, outcome.unsupported) == ((), 1, (1, 2))
    assert [(each.total, each.rank, each.share) for each in outcome.totals] == [(0, 1, 0), (0, 1, 0)]
    assert (outcome.ties, outcome.valid, outcome.cast) == ((), blank, blank + rejected)


def test_numbers_of_options_need_not_follow_each_other():
    """Papers number options through all questions."""
    question = approval([{1}, {2}, {2}], among=2, to_retain=1)
    renumbered = replace(
        question,
        options=tuple(replace(each, number=each.number + 40) for each in question.options),
        ballots=tuple(tuple(number + 40 for number in ballot) for ballot in question.ballots),
    )
    assert counted(renumbered).retained == (42,)


@given(drawn_boxes())
@TRIED
def test_outcome_survives_json(drawn):
    outcome = count(drawn)
    assert from_json(json.loads(json.dumps(as_json(outcome)))) == outcome


def test_outcome_counted_before_points_had_ballots_is_still_read():
    told = as_json(count(box(points([{1: 4}], among=2, to_retain=1))))
    for row in told["questions"][0]["totals"]:
        assert row.pop("ballots") in {0, 1}
    assert [each.ballots for each in from_json(told).questions[0].totals] == [None, None]


def test_outcome_in_json_is_known():
    told = as_json(count(box(approval([{1, 2}, {2}, {2}], among=2, to_retain=1, blank=1))))
    assert told == {
        "format": "pole-depouillement/1",
        "reading": "most_supported",
        "questions": [
            {
                "position": 1,
                "reading": "most_supported",
                "totals": [
                    {"number": 2, "total": 3, "rank": 1, "share": "3/4"},
                    {"number": 1, "total": 1, "rank": 2, "share": "1/4"},
                ],
                "retained": [2],
                "unfilled": 0,
                "most_supported": [2],
                "balanced": [2],
                "weights": ["3"],
                "other": {"reading": "balanced", "entering": [], "leaving": [], "is_reordered": False},
                "ties": [],
                "unsupported": [],
                "ballots": 3,
                "blank": 1,
                "rejected": 0,
            }
        ],
    }


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"format": "pole-depouillement/2"},
        {"format": "pole-depouillement/1", "reading": "balanced"},
        {"format": "pole-depouillement/1", "reading": "balanced", "questions": [{}]},
        {"format": "pole-depouillement/1", "reading": "balanced", "questions": [7]},
    ],
)
def test_json_that_is_no_outcome_is_refused(data):
    with pytest.raises(ValueError, match=r"^not an outcome"):
        from_json(data)
