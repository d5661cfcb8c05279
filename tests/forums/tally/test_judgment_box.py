"""The box of a judgment: counts of grades, whatever is done to them, and what is stored and said of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from forums.tally import box as boxes
from forums.tally import recompter
from forums.tally.box import BoxError
from forums.tally.count import count
from forums.tally.outcome import as_json, from_json
from tests.forums.tally.boxes import METHODS, box, judgment
from tests.forums.tally.judged import counted

# --- The box


JUDGED = box(
    judgment([{1: 5, 2: 3}, {1: 4}, {1: 1, 2: 3}], among=2, to_retain=1, blank=1, rejected=2),
    receipts=["A" * 16],
)
TEXT = boxes.write(JUDGED)
ROWS = '"ballots":[[1,[0,1,0,0,1,1]],[2,[1,0,0,2,0,0]]]'


def test_box_holds_counts_of_grades_and_is_read_again():
    assert ROWS in TEXT
    assert '"format":"pole-urne/2"' in TEXT
    assert '"limits":{"grades":6},"method":"judgment"' in TEXT
    again = boxes.read(TEXT, METHODS)
    assert (again, boxes.write(again)) == (JUDGED, TEXT)
    assert (again.questions[0].filled, again.questions[0].valid, again.questions[0].cast) == (3, 4, 6)


def test_box_of_the_former_format_has_no_judgment():
    with pytest.raises(BoxError, match="pole-urne/1 has no method 'judgment'"):
        replace(JUDGED, format="pole-urne/1", on_roll=None)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ((), "question 1: it does not have one row of counts for each option"),
        (((1, (3, 0, 0, 0, 0, 0)),), "it does not have one row of counts for each option"),
        (((1, (3, 0, 0, 0, 0, 0)), (1, (3, 0, 0, 0, 0, 0))), "it does not have one row of counts"),
        (((2, (3, 0, 0, 0, 0, 0)), (1, (3, 0, 0, 0, 0, 0))), "ballots must be sorted by content"),
        (((1, (3, 0, 0, 0, 0, 0)), (2, (2, 0, 0, 0, 0, 0))), "option 2 has 2 grades, and option 1 has 3"),
        (((1, (3, 0, 0, 0, 0, 0)), (3, (3, 0, 0, 0, 0, 0))), "question 1, ballot 2: unknown option 3"),
        (((True, (3, 0, 0, 0, 0, 0)), (2, (3, 0, 0, 0, 0, 0))), "unknown option True"),
        (((1, (3, 0, 0, 0, 0)), (2, (3, 0, 0, 0, 0))), "it does not have 6 counts"),
        (((1, (3, 0, 0, 0, 0, 0, 0)), (2, (3, 0, 0, 0, 0, 0, 0))), "it does not have 6 counts"),
        (((1, (4, -1, 0, 0, 0, 0)), (2, (3, 0, 0, 0, 0, 0))), "whole numbers from 0 up"),
        (((1, (3.0, 0, 0, 0, 0, 0)), (2, (3, 0, 0, 0, 0, 0))), "whole numbers from 0 up"),
        (((1, (2, True, 0, 0, 0, 0)), (2, (3, 0, 0, 0, 0, 0))), "whole numbers from 0 up"),
        (((1, [3, 0, 0, 0, 0, 0]), (2, (3, 0, 0, 0, 0, 0))), "it is not an option number and a tuple of counts"),
        (((1, 3), (2, 3)), "it is not an option number and a tuple of counts"),
        (((1,), (2,)), "it is not an option number and a tuple of counts"),
    ],
)  # fmt: skip
def test_rows_that_are_no_counts_are_refused(rows, message):
    with pytest.raises(BoxError, match=message):
        replace(JUDGED.questions[0], ballots=rows)


@pytest.mark.parametrize(
    "limits", [{}, {"grades": 4}, {"grades": 8}, {"grades": 0}, {"grades": 6, "limit": 1}]
)
def test_limits_of_a_judgment_are_five_to_seven_grades(limits):
    with pytest.raises(BoxError):
        replace(JUDGED.questions[0], limits=limits)


@pytest.mark.parametrize("grades", [5, 6, 7])
def test_each_number_of_grades_is_one(grades):
    outcome = counted(judgment([{1: grades - 1}, {1: 1}], among=2, grades=grades))
    assert (outcome.retained, outcome.totals[0].total) == ((1,), 1)
    assert {len(counts) for _number, counts in outcome.detail["profile"]} == {grades}


COUNTS = (
    "Question 1 : les nombres de mentions ne sont pas ceux de toutes les options, ou leurs sommes diffèrent."
)
NUMBERS = "Question 1 : la méthode ou l’un des nombres annoncés n’est pas valable."
SUMS = "Les nombres de bulletins et de reçus ne concordent pas."


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("[0,1,0,0,1,1]", "[0,1,0,0,1,2]", COUNTS),
        ("[0,1,0,0,1,1]", "[0,1,0,0,2,0]", None),
        ("[0,1,0,0,1,1]", "[0,1,0,0,2]", COUNTS),
        ("[0,1,0,0,1,1]", "[0,1,0,0,1,1,0]", COUNTS),
        ("[0,1,0,0,1,1]", "[0,2,0,0,2,-1]", COUNTS),
        ("[0,1,0,0,1,1]", "[0,true,0,0,1,1]", COUNTS),
        ("[0,1,0,0,1,1]", "[0,1.0,0,0,1,1]", COUNTS),
        ("[1,[0,1,", "[1.0,[0,1,", COUNTS),
        ("[1,[0,1,", "[true,[0,1,", COUNTS),
        ("[2,[1,0,", "[3,[1,0,", COUNTS),
        (ROWS, '"ballots":[[1,[0,1,0,0,1,1]]]', COUNTS),
        (ROWS, '"ballots":[[2,[1,0,0,2,0,0]],[1,[0,1,0,0,1,1]]]', COUNTS),
        (ROWS, '"ballots":[[1,[0,0,0,0,0,0]],[2,[0,0,0,0,0,0]]]', None),
        ('"grades":6', '"grades":5', COUNTS),
        ('"grades":6', '"grades":4', NUMBERS),
        ('"grades":6', '"grades":8', NUMBERS),
        ('"grades":6', '"grades":true', NUMBERS),
        ('"grades":6', '"grades":6,"limit":1', NUMBERS),
        ('"grades":6', '"limit":6', NUMBERS),
        ('"limits":{"grades":6},', '"limits":{},', NUMBERS),
        ('"blank":1', '"blank":-1', NUMBERS),
    ],
)  # fmt: skip
def test_tampered_box_is_refused_by_both_programs(old, new, fault):
    assert old in TEXT
    text = TEXT.replace(old, new, 1)
    faults = list(recompter.box_faults(text, json.loads(text)))
    assert faults == [] if fault is None else fault in faults
    if fault is not None:
        with pytest.raises(BoxError):
            boxes.read(text, METHODS)


@pytest.mark.parametrize(
    "new", ["[]", "[1]", "[[1]]", "[[1,2]]", '["x"]', "{}", "null", '[[1,["a"]]]', "[[1,[1],2]]"]
)
def test_box_of_another_shape_is_refused_in_words(stranger, new):
    text = TEXT.replace(ROWS, f'"ballots":{new}', 1)
    code, told, warned = stranger(text, "--sceau", boxes.seal(text))
    assert (code, told) == (1, "")
    assert warned
    with pytest.raises(BoxError):
        boxes.read(text, METHODS)


def test_two_questions_of_one_box_were_cast_by_as_many():
    other = judgment([{1: 1}] * 4, among=2, position=2)
    with pytest.raises(BoxError, match="question 2: it has 4 ballots, and question 1 has 6"):
        box(JUDGED.questions[0], other)
    text = boxes.write(box(JUDGED.questions[0], judgment([{1: 1}] * 6, among=2, position=2)))
    assert text.count("[2,[6,0,0,0,0,0]]") == 1
    fewer = text.replace("[0,6,0,0,0,0]", "[0,4,0,0,0,0]").replace("[6,0,0,0,0,0]", "[4,0,0,0,0,0]")
    assert list(recompter.box_faults(fewer, json.loads(fewer))) == [SUMS]


# --- What is stored and said


def test_outcome_of_a_judgment_in_json_is_known():
    told = as_json(count(JUDGED))
    assert told["questions"] == [
        {
            "position": 1,
            "reading": "most_supported",
            "totals": [
                {"number": 1, "total": 4, "rank": 1, "share": "2/3", "ballots": 2},
                {"number": 2, "total": 3, "rank": 2, "share": "2/3", "ballots": 2},
            ],
            "retained": [1],
            "unfilled": 0,
            "most_supported": [1],
            "balanced": None,
            "weights": [],
            "other": None,
            "ties": [],
            "unsupported": [],
            "ballots": 3,
            "blank": 1,
            "rejected": 2,
            "detail": {"profile": [[1, [0, 1, 0, 0, 1, 1]], [2, [1, 0, 0, 2, 0, 0]]]},
        }
    ]
    assert from_json(json.loads(json.dumps(told))) == count(JUDGED)


def test_stranger_reads_the_profile(stranger):
    tied = judgment(
        [{1: 4, 2: 2}, {1: 2, 2: 4}, {1: 1, 2: 1, 3: 4}], among=["Jardin", "Navette", "Four", "Halte"], grades=5,
        to_retain=2, blank=1,
    )  # fmt: skip
    text = boxes.write(box(tied, on_roll=9))
    code, told, warned = stranger(text, "--sceau", boxes.seal(text))
    assert (code, warned) == (0, "")
    first, second = count(box(tied, on_roll=9)).questions[0].retained
    table = told.split("Question 1 : Question\n")[1].splitlines()[:10]
    titles = {1: "Jardin", 2: "Navette"}
    assert table == [
        "Bulletins : 3; blancs : 1; rejetés : 0",
        "À retenir : 2; mentions : de A, la meilleure, à E",
        "",
        "  rang    no       A        B        C        D        E",
        f"     1{first:6}       1        0       [1]       1        0   retenue  {titles[first]}",
        f"     1{second:6}       1        0       [1]       1        0   retenue  {titles[second]}",
        "     3     3       1        0        0        0       [2]           Four",
        "     4     4       0        0        0        0       [3]           Halte",
        "",
        f"Retenues, dans l’ordre : no {first}, no {second}; places vides : 0",
    ]
    assert f"Égalité, place 1 (les plus appuyées) : no 1, no 2; tirage : no {first}, no {second}" in told
