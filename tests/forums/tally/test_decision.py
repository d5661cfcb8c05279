"""Decisions: what is adopted, at the boundary of each threshold and quorum."""

from __future__ import annotations

import json
from fractions import Fraction
from random import Random

import pytest

from forums.tally import box as boxes
from forums.tally import recompter
from forums.tally.count import count
from forums.tally.outcome import as_json, from_json
from forums.vote.methods.decision import counting
from tests.forums.tally.boxes import box, decision

# Two thirds of 10³⁰, and just under: no rounded number tells them apart.
HUGE = 10**30
QUORUM_OF_HALF = {"quorum_numerator": 1, "quorum_denominator": 2}


def counted(in_favour, against, abstention=0, *, on_roll=20, **about):
    """The detail of this decision by the tally, once the recount for strangers has said the same."""
    ballots = ["for"] * in_favour + ["against"] * against + ["abstention"] * abstention
    whole = box(decision(ballots, **about), on_roll=on_roll)
    outcome = count(whole)
    assert recompter.recount(json.loads(boxes.write(whole))) == as_json(outcome)
    return outcome.questions[0].detail


@pytest.mark.parametrize(
    ("threshold", "in_favour", "against", "adopted"),
    [
        # A majority is more than half.
        (None, 6, 5, True),
        (None, 5, 5, False),
        (None, 5, 6, False),
        (None, 1, 0, True),
        (None, 0, 1, False),
        (None, 0, 0, False),
        # Any other threshold is reached when it is equalled.
        ((2, 3), 4, 2, True),
        ((2, 3), 2, 1, True),
        ((2, 3), 3, 2, False),
        ((2, 3), 5, 3, False),
        ((2, 3), 0, 0, False),
        ((3, 4), 3, 1, True),
        ((3, 4), 8, 3, False),
        ((3, 4), 9, 3, True),
        ((1, 2), 5, 5, True),
        ((1, 2), 5, 6, False),
        ((1, 2), 0, 0, False),
        ((1, 3), 1, 2, True),
        ((1, 3), 1, 3, False),
        ((1, 1), 7, 0, True),
        ((1, 1), 7, 1, False),
        ((1, 1), 0, 0, False),
        # Not reduced to its lowest terms, it is the same.
        ((4, 6), 2, 1, True),
        ((4, 6), 3, 2, False),
    ],
)
@pytest.mark.parametrize("abstention", [0, 1, 9])
def test_threshold_at_its_boundary(threshold, in_favour, against, adopted, abstention):
    """Abstentions and blank ballots are of neither side."""
    detail = counted(in_favour, against, abstention, threshold=threshold, blank=abstention, on_roll=99)
    assert detail == {
        "for": in_favour,
        "against": against,
        "abstention": abstention,
        "quorum_met": None,
        "adopted": adopted,
    }


@pytest.mark.parametrize(
    ("pair", "in_favour", "against", "reached"),
    [
        ((2, 3), 2 * HUGE, HUGE, True),
        ((2, 3), 2 * HUGE - 1, HUGE, False),
        ((2, 3), 2 * HUGE, HUGE + 1, False),
        ((HUGE - 1, HUGE), HUGE - 1, 1, True),
        ((HUGE - 1, HUGE), HUGE - 2, 1, False),
        (None, HUGE + 1, HUGE, True),
        (None, HUGE, HUGE, False),
    ],
)
def test_threshold_is_exact_however_large_the_numbers(pair, in_favour, against, reached):
    limits = dict(zip(("threshold_numerator", "threshold_denominator"), pair or (), strict=False))
    assert counting.reaches_threshold(limits, in_favour, against) is reached


@pytest.mark.parametrize(
    ("quorum", "on_roll", "ballots", "blank", "rejected", "met"),
    [
        # Half of 20 is 10, of 21 it is 11 persons.
        ((1, 2), 20, 10, 0, 0, True),
        ((1, 2), 20, 9, 0, 0, False),
        ((1, 2), 21, 10, 0, 0, False),
        ((1, 2), 21, 11, 0, 0, True),
        # Blank ballots and rejected papers were cast.
        ((1, 2), 20, 9, 1, 0, True),
        ((1, 2), 20, 9, 0, 1, True),
        ((1, 2), 20, 1, 5, 4, True),
        ((1, 2), 20, 1, 4, 4, False),
        # A third of 10 is 4 persons; of 9, 3.
        ((1, 3), 10, 3, 0, 0, False),
        ((1, 3), 10, 4, 0, 0, True),
        ((1, 3), 9, 3, 0, 0, True),
        ((1, 1), 12, 12, 0, 0, True),
        ((1, 1), 12, 10, 0, 1, False),
        ((1, 100), 100, 1, 0, 0, True),
        ((1, 100), 101, 1, 0, 0, False),
        (None, 1000, 1, 0, 0, None),
    ],
)
@pytest.mark.parametrize("receipts", ["online", "on paper"])
def test_quorum_at_its_boundary(quorum, on_roll, ballots, blank, rejected, met, receipts):
    """Of all that was cast, on paper too: only ballots online have receipts."""
    question = decision(["for"] * ballots, quorum=quorum, blank=blank, rejected=rejected)
    given = [f"RECEIPT{number}" for number in range(ballots)] if receipts == "online" else []
    whole = box(question, on_roll=on_roll, receipts=given)
    detail = count(whole).questions[0].detail
    assert detail["quorum_met"] is met
    # All that chose were for: the quorum alone decides.
    assert detail["adopted"] is (met is not False)
    assert recompter.recount(json.loads(boxes.write(whole))) == as_json(count(whole))


def test_abstentions_count_for_the_quorum():
    assert counted(2, 1, 6, quorum=(1, 2)) == {
        "for": 2,
        "against": 1,
        "abstention": 6,
        "quorum_met": False,
        "adopted": False,
    }
    assert counted(2, 1, 7, quorum=(1, 2))["adopted"] is True


def test_quorum_without_a_majority_adopts_nothing():
    detail = counted(5, 6, quorum=(1, 2))
    assert (detail["quorum_met"], detail["adopted"]) == (True, False)


def test_quorum_is_exact_however_large_the_numbers():
    for cast, reached in [(HUGE, True), (HUGE - 1, False)]:
        assert counting.reaches_quorum(QUORUM_OF_HALF, cast=cast, on_roll=2 * HUGE) is reached


def test_nobody_on_the_roll_is_a_quorum_of_nothing():
    detail = counted(0, 0, quorum=(1, 2), on_roll=0)
    assert (detail["quorum_met"], detail["adopted"]) == (True, False)


def expected(limits, question, on_roll):
    """An oracle: the rules of docs/vote.md, in fractions."""
    in_favour, against = (question.ballots.count((answer,)) for answer in ("for", "against"))
    threshold, quorum = limits
    share = Fraction(in_favour, in_favour + against) if in_favour + against else None
    met = None if quorum is None else question.cast >= Fraction(*quorum) * on_roll
    passes = share is not None and (
        share > Fraction(1, 2) if threshold is None else share >= Fraction(*threshold)
    )
    return met, passes and met is not False


def test_tally_and_recount_agree_with_fractions():
    chance, seen = Random(1876), set()
    for _decision in range(3000):
        limits = [
            tuple(sorted(chance.choices(range(1, 8), k=2))) if chance.random() < 0.7 else None for _ in "12"
        ]
        ballots = chance.choices(["for", "against", "abstention"], k=chance.randint(0, 14))
        question = decision(
            ballots, threshold=limits[0], quorum=limits[1], blank=chance.randint(0, 3), rejected=chance.randint(0, 3)
        )  # fmt: skip
        on_roll = chance.randint(question.cast, 40)
        whole = box(question, on_roll=on_roll)
        outcome = count(whole)
        detail = outcome.questions[0].detail
        said = (detail["quorum_met"], detail["adopted"])
        assert said == expected(limits, question, on_roll), (limits, ballots, question.blank, on_roll)
        assert recompter.recount(json.loads(boxes.write(whole))) == as_json(outcome)
        seen.add(said)
    assert seen == {(None, True), (None, False), (True, True), (True, False), (False, False)}


@pytest.mark.parametrize("answer", counting.ANSWERS)
def test_each_answer_is_a_ballot(answer):
    assert counting.ballot_fault((answer,), {1}, {}) == ""


def test_outcome_of_a_decision_in_json_is_known():
    told = as_json(count(box(decision(["for", "for", "against"], threshold=(2, 3), quorum=(1, 4), blank=2))))
    assert told["questions"] == [
        {
            "position": 1,
            "reading": "most_supported",
            "totals": [],
            "retained": [],
            "unfilled": 0,
            "most_supported": [],
            "balanced": None,
            "weights": [],
            "other": None,
            "ties": [],
            "unsupported": [],
            "ballots": 3,
            "blank": 2,
            "rejected": 0,
            "detail": {"for": 2, "against": 1, "abstention": 0, "quorum_met": True, "adopted": True},
        }
    ]
    assert as_json(from_json(json.loads(json.dumps(told)))) == told
