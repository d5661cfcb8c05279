"""What a box refuses, and that it says where."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forums.tally.box import BoxError, Option
from tests.forums.tally.boxes import SEED, approval, box, decision, former, points

SMALL = box(approval([{1, 2}, {2}], among=2, to_retain=1), receipts=["A", "B"])


def _question(**changes):
    return replace(approval([{1, 2}, {3}], among=3, limit=2, to_retain=1), **changes)


def _points(**changes):
    return replace(points([{1: 4, 2: 4}], among=3, to_retain=1), **changes)


def _decision(limits=None, **changes):
    return replace(decision(["for"]), limits=limits or {}, **changes)


THREE_OF_TWO = {"threshold_numerator": 3, "threshold_denominator": 2}
THREE_OF_NOTHING = {"quorum_numerator": 3}
OF_TWO = {"quorum_denominator": 2}


@pytest.mark.parametrize(
    ("build", "message"),
    [
        # Ballots of approval
        (lambda: _question(ballots=((1, 2, 3),)), "question 1, ballot 1: 3 options are marked, and 2 may be"),
        (lambda: _question(ballots=((1,), (4,))), "question 1, ballot 2: unknown option 4"),
        (lambda: _question(ballots=((0,),)), "question 1, ballot 1: unknown option 0"),
        (
            lambda: _question(ballots=((2, 1),)),
            "question 1, ballot 1: its options must be different and in ascending order",
        ),
        (
            lambda: _question(ballots=((1, 1),)),
            "question 1, ballot 1: its options must be different and in ascending order",
        ),
        (
            lambda: _question(ballots=((),)),
            "question 1, ballot 1: it is blank: blank ballots are counted apart",
        ),
        (
            lambda: _question(ballots=((3,), (1, 2))),
            "question 1, ballot 2: ballots must be sorted by content",
        ),
        (
            lambda: _question(ballots=((1, 2), (1,))),
            "question 1, ballot 2: ballots must be sorted by content",
        ),
        (lambda: _question(ballots=((True,),)), "question 1, ballot 1: it is not a tuple of option numbers"),
        (lambda: _question(ballots=((1.0,),)), "question 1, ballot 1: it is not a tuple of option numbers"),
        (
            lambda: _question(ballots=(((1, 2),),)),
            "question 1, ballot 1: it is not a tuple of option numbers",
        ),
        (lambda: _question(ballots=([1],)), "question 1, ballot 1: it is not a tuple of option numbers"),
        # Ballots of points
        (
            lambda: _points(ballots=(((1, 5),),)),
            "question 1, ballot 1: an option gets from 1 to 4 points, or is left out",
        ),
        (
            lambda: _points(ballots=(((1, 0),),)),
            "question 1, ballot 1: an option gets from 1 to 4 points, or is left out",
        ),
        (
            lambda: _points(ballots=(((1, 4), (2, -1)),)),
            "question 1, ballot 1: an option gets from 1 to 4 points, or is left out",
        ),
        (
            lambda: _points(ballots=(((1, 4), (2, 4), (3, 3)),)),
            "question 1, ballot 1: 11 points are given, and 10 may be",
        ),
        (
            lambda: _points(limits={"points": 10}, ballots=(((1, 11),),)),
            "question 1, ballot 1: an option gets from 1 to 10 points, or is left out",
        ),
        (lambda: _points(ballots=(((4, 1),),)), "question 1, ballot 1: unknown option 4"),
        (
            lambda: _points(ballots=(((1, 1), (1, 2)),)),
            "question 1, ballot 1: its options must be different and in ascending order",
        ),
        (
            lambda: _points(ballots=((1, 2),)),
            "question 1, ballot 1: it is not a tuple of pairs of an option number and points",
        ),
        (
            lambda: _points(ballots=(((1, True),),)),
            "question 1, ballot 1: it is not a tuple of pairs of an option number and points",
        ),
        # Ballots of a decision
        *(
            (
                lambda wrong=wrong: _decision(ballots=(wrong,)),
                "question 1, ballot 1: it is not one of for, against, abstention",
            )
            for wrong in [(), ("yes",), ("for", "for"), ("for", "against"), (1,), (("for",),), ["for"], "for"]
        ),
        (
            lambda: _decision(ballots=(("for",), ("against",))),
            "question 1, ballot 2: ballots must be sorted by content",
        ),
        # Limits
        (
            lambda: _question(limits={"limit": None}),
            "question 1: limit must be a whole number from 1 up, not None",
        ),
        (lambda: _question(limits={}), "question 1: limit must be a whole number from 1 up, not None"),
        (lambda: _question(limits={"limit": 0}), "question 1: limit must be a whole number from 1 up, not 0"),
        (
            lambda: _question(limits={"limit": True}),
            "question 1: limit must be a whole number from 1 up, not True",
        ),
        (
            lambda: _question(limits={"limit": 2, "points": 10}),
            "question 1: points has no meaning for its method",
        ),
        (
            lambda: _points(limits={"limit": 2, "points": 10}),
            "question 1: limit has no meaning for its method",
        ),
        (lambda: _points(limits={}), "question 1: points must be a whole number from 1 up, not None"),
        (
            lambda: _points(limits={"points": 10, "points_each": 0}),
            "question 1: points_each must be a whole number from 1 up, not 0",
        ),
        (
            lambda: replace(_decision({}), options=(Option(1, "A"), Option(2, "B"))),
            "question 1: a decision is about one proposal, not 2",
        ),
        (lambda: replace(_decision({}), options=()), "question 1: a decision is about one proposal, not 0"),
        (lambda: _decision({"limit": 1}), "question 1: limit has no meaning for its method"),
        (lambda: _decision({"threshold": 1}), "question 1: threshold has no meaning for its method"),
        (lambda: _decision(THREE_OF_TWO), "question 1: the threshold is not a fraction"),
        (lambda: _decision(THREE_OF_NOTHING), "question 1: the quorum is not a fraction"),
        (lambda: _decision(OF_TWO), "question 1: the quorum is not a fraction"),
        (
            lambda: _decision({"quorum_numerator": 0, "quorum_denominator": 2}),
            "question 1: quorum_numerator must be a whole number from 1 up, not 0",
        ),
        (
            lambda: _decision({"quorum_numerator": 1.0, "quorum_denominator": 2}),
            "question 1: quorum_numerator must be a whole number from 1 up, not 1.0",
        ),
        # Questions
        (lambda: _question(to_retain=0), "question 1: to_retain must be a whole number from 1 up, not 0"),
        (lambda: _question(blank=-1), "question 1: blank must be a whole number from 0 up, not -1"),
        (lambda: _question(rejected=True), "question 1: rejected must be a whole number from 0 up, not True"),
        (lambda: _question(position="1"), "question '1': position must be a whole number from 0 up, not '1'"),
        (lambda: _question(title=None), "question 1: title must be a text, not None"),
        (lambda: _question(options=(), ballots=()), "question 1: it has no option"),
        (
            lambda: _question(options=(Option(1, "A"), Option(1, "B")), ballots=()),
            "question 1: options: number 2 is a duplicate",
        ),
        (
            lambda: _question(options=(Option(2, "A"), Option(1, "B")), ballots=()),
            "question 1: options: number 2 is not in ascending order",
        ),
        (lambda: Option(0, "A"), "option 0: number must be a whole number from 1 up, not 0"),
        (lambda: Option(1, "\ud800"), "option 1: title can't be written in UTF-8"),
        # Boxes
        (box, "box: it has no question"),
        (lambda: box(_question(), _question()), "box: questions: number 2 is a duplicate"),
        (
            lambda: box(_question(position=2), _question()),
            "box: questions: number 2 is not in ascending order",
        ),
        (
            lambda: box(_question(), _question(position=2, blank=1)),
            "question 2: it has 3 ballots, and question 1 has 2",
        ),
        (lambda: box(_question(), receipts=["A", "B", "C"]), "box: it has 3 receipts for 2 ballots"),
        (lambda: box(_question(), receipts=["A", "A"]), "box: receipts: number 2 is a duplicate"),
        (
            lambda: replace(SMALL, receipts=SMALL.receipts[::-1]),
            "box: receipts: number 2 is not in ascending order",
        ),
        (
            lambda: replace(SMALL, receipts=("ABCD",)),
            "box: a receipt must be 64 lower-case hexadecimal digits",
        ),
        (lambda: box(_question(), reading="proportional"), "box: unknown reading 'proportional'"),
        (
            lambda: replace(SMALL, seed="5eee" * 16),
            "box: the seed is not the one whose hash was published at opening",
        ),
        (
            lambda: replace(SMALL, seed_hash="0" * 64),
            "box: the seed is not the one whose hash was published at opening",
        ),
        (lambda: replace(SMALL, seed="5EED" * 16), "box: seed must be 64 lower-case hexadecimal digits"),
        (lambda: replace(SMALL, seed="5eed"), "box: seed must be 64 lower-case hexadecimal digits"),
        (lambda: replace(SMALL, seed=SEED + "\n"), "box: seed must be 64 lower-case hexadecimal digits"),
        (
            lambda: replace(SMALL, forum_date="20260519"),
            "box: days are written 2026-05-19, and moments 2026-05-19T18:30:00Z",
        ),
        (
            lambda: replace(SMALL, opened_at="2026-5-19T18:30:00Z"),
            "box: days are written 2026-05-19, and moments 2026-05-19T18:30:00Z",
        ),
        (lambda: replace(SMALL, closed_at="2026-05-19T18:29:59Z"), "box: it closed before it opened"),
        (
            lambda: replace(SMALL, round_number=-1),
            "box: round_number must be a whole number from 0 up, not -1",
        ),
        (lambda: replace(SMALL, hub=None), "box: hub must be a text, not None"),
        # Formats
        *(
            (
                lambda wrong=wrong: replace(SMALL, on_roll=wrong),
                f"box: on_roll must be a whole number from 0 up, not {wrong!r}",
            )
            for wrong in [None, -1, 2.0, True, "20"]
        ),
        (lambda: replace(SMALL, format="pole-urne/3"), "box: its format is not pole-urne/2"),
        (lambda: replace(former(SMALL), on_roll=20), "box: pole-urne/1 has no on_roll"),
        *(
            (
                lambda wrong=wrong: replace(former(SMALL), **wrong),
                "box: pole-urne/1 has no removed receipt and no part of tellers",
            )
            for wrong in ({"tellers_part": "4 2 6"}, {"removed_receipts": ("0" * 64,)})
        ),
        # What happened after the closing
        (lambda: replace(SMALL, tellers_part=""), "box: the tellers' part is empty"),
        (lambda: replace(SMALL, tellers_part=426), "box: tellers_part must be a text, not 426"),
        (
            lambda: replace(SMALL, removed_receipts=("zz",)),
            "box: a receipt must be 64 lower-case hexadecimal digits",
        ),
        (
            lambda: replace(SMALL, removed_receipts=("1" * 64, "0" * 64)),
            "box: removed_receipts: number 2 is not in ascending order",
        ),
        (
            lambda: replace(SMALL, removed_receipts=SMALL.receipts[:1]),
            "box: a receipt is both in force and removed",
        ),
        (
            lambda: former(box(_question(), decision(["for"] * 2, position=2))),
            "question 2: pole-urne/1 has no method 'decision'",
        ),
    ],
)
def test_box_that_cannot_be_is_refused(build, message):
    with pytest.raises(BoxError) as refused:
        build()
    assert str(refused.value) == message


@pytest.mark.parametrize("wrong", ["2026-02-30", "", None, 20260519])
def test_day_that_is_none_is_refused(wrong):
    with pytest.raises(BoxError, match=r"^box: a date can't be read: "):
        replace(SMALL, forum_date=wrong)


@pytest.mark.parametrize("wrong", ["2026-05-19T18:30:00", "2026-05-19T18:30:00+00:00", "2026-05-19", None])
def test_moment_that_is_not_of_utc_is_refused(wrong):
    with pytest.raises(BoxError, match=r"^box: a date can't be read: "):
        replace(SMALL, opened_at=wrong)


def test_box_may_close_when_it_opens():
    assert replace(SMALL, closed_at=SMALL.opened_at).closed_at == SMALL.opened_at


@pytest.mark.parametrize("pair", [(1, 1), (1, 100), (99, 100)])
def test_fraction_is_one_at_most(pair):
    assert decision(["for"], threshold=pair, quorum=pair).limits.keys() == {
        *("threshold_numerator", "threshold_denominator", "quorum_numerator", "quorum_denominator")
    }


def test_error_says_where_and_what():
    with pytest.raises(BoxError) as refused:
        _question(ballots=((4,),))
    assert (refused.value.where, refused.value.what) == ("question 1, ballot 1", "unknown option 4")
    assert isinstance(refused.value, ValueError)
