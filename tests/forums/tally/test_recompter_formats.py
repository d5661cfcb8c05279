"""recompter.py on both formats of a box, and on decisions."""

from __future__ import annotations

import hashlib
import json

import pytest

from forums.tally import box as boxes
from forums.tally import recompter, ties
from forums.tally.count import count
from forums.tally.outcome import as_json
from tests.forums.tally.boxes import SEED, box, decision, former
from tests.forums.tally.test_recompter import (
    BOX,
    NUMBERS,
    ONE,
    RULES,
    SEAL,
    SUMS,
    TABLE,
    TEXT,
    TO_COMPARE,
    UNSORTED,
    pythons,
)

FORMER_TEXT = boxes.write(former(BOX))
# Two thirds, with a quorum of one third; then a majority, which has neither.
DECISIONS = box(
    decision(
        [*["for"] * 6, *["against"] * 3, "abstention"], threshold=(2, 3), quorum=(1, 3), blank=2, rejected=1,
        title="Statuts",
    ),
    decision(["for"] * 7 + ["against"] * 5 + ["abstention"], position=2, title="Siège social"),
    on_roll=40,
)  # fmt: skip
DECISIONS_TEXT = boxes.write(DECISIONS)


def test_stranger_recounts_a_box_of_the_former_format(stranger):
    seal = boxes.seal(FORMER_TEXT)
    table = TABLE.replace(recompter.in_groups(SEAL), recompter.in_groups(seal))
    assert stranger(FORMER_TEXT, "--sceau", seal) == (0, table, "")
    told = stranger(FORMER_TEXT, "--json", "--sceau", seal)[1]
    assert json.loads(told) == as_json(count(BOX)) | {"verified": True}


TOLD_DECISIONS = f"""\
Forum d’essai (2026-05-19), vote no 1
Sceau de l’urne : {recompter.in_groups(boxes.seal(DECISIONS_TEXT))}
Empreinte du germe : {recompter.in_groups(ties.seed_hash(SEED))}
Empreinte des reçus à la fermeture : {recompter.in_groups(hashlib.sha256().hexdigest())}
Reçus à la fermeture : 0

Question 1 : Statuts
Bulletins : 10; blancs : 2; rejetés : 1
Proposition : La proposition
Pour : 6; contre : 3; abstentions : 1
Seuil : au moins 2/3 des voix (abstentions exclues)
Quorum : 1/3 des 40 personnes sur la liste; bulletins : 13; non atteint

Proposition non adoptée.

Question 2 : Siège social
Bulletins : 13; blancs : 0; rejetés : 0
Proposition : La proposition
Pour : 7; contre : 5; abstentions : 1
Seuil : plus de pour que de contre (abstentions exclues)
Quorum : aucun

Proposition adoptée.

{TO_COMPARE}
L’urne est intacte : son sceau est celui que vous avez donné.
"""


@pytest.mark.parametrize("python", pythons())
def test_stranger_reads_decisions(stranger, python):
    seal = boxes.seal(DECISIONS_TEXT)
    assert stranger(DECISIONS_TEXT, "--sceau", seal, python=python) == (0, TOLD_DECISIONS, "")
    # One person less on the roll, and a third of them voted.
    adopted = DECISIONS_TEXT.replace('"on_roll":40', '"on_roll":39')
    told = stranger(adopted, python=python)[1]
    assert (
        "Quorum : 1/3 des 39 personnes sur la liste; bulletins : 13; atteint\n\nProposition adoptée.\n"
        in told
    )
    found = json.loads(stranger(DECISIONS_TEXT, "--json", "--sceau", seal, python=python)[1])
    assert found == as_json(count(DECISIONS)) | {"verified": True}


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('"method":"approval"', '"method":"decision"', NUMBERS),
        ('"limit":2', '"limit":null', NUMBERS),
        ('"limit":2', '"limit":0', NUMBERS),
        ('"limit":2', '"limit":true', NUMBERS),
        ('"limit":2,"method":"approval"', '"limit":null,"method":"decision"', NUMBERS),
        ('"points":null', '"points":10', NUMBERS),
        ('"points":null', '"points":1', NUMBERS),
        ('"points_each":4', '"points_each":3', "Question 2 : le bulletin 1 enfreint les règles du vote : [[1, 4], [2, 4]]"),
        (ONE, "[[1],[1],[1,2],", SUMS),
        (ONE, "[[1,2,3],[1,2],", RULES + "[1, 2, 3]"),
    ],
)  # fmt: skip
def test_tampered_box_of_the_former_format_is_refused(old, new, fault):
    assert old in FORMER_TEXT
    text = FORMER_TEXT.replace(old, new, 1)
    assert fault in list(recompter.box_faults(text, json.loads(text)))


FIRST_DECISION = (
    '"limits":{"quorum_denominator":3,"quorum_numerator":1,"threshold_denominator":3,"threshold_numerator":2}'
)
ROLL = "Le nombre de personnes sur la liste n’est pas valable."


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('"on_roll":40,', "", ROLL),
        *(('"on_roll":40', f'"on_roll":{wrong}', ROLL) for wrong in ("null", "-1", "40.0", "true", '"40"')),
        *(
            (FIRST_DECISION, f'"limits":{wrong}', NUMBERS)
            for wrong in (
                '{"limit":1}',
                '{"points":1}',
                '{"threshold":1}',
                '{"quorum_numerator":1}',
                '{"quorum_denominator":1}',
                '{"threshold_numerator":1}',
                '{"threshold_denominator":1}',
                '{"threshold_denominator":2,"threshold_numerator":3}',
                '{"quorum_denominator":2,"quorum_numerator":3}',
                '{"quorum_denominator":0,"quorum_numerator":0}',
                '{"quorum_denominator":2,"quorum_numerator":0}',
                '{"quorum_denominator":-1,"quorum_numerator":-2}',
                '{"quorum_denominator":2.0,"quorum_numerator":1}',
                '{"quorum_denominator":true,"quorum_numerator":true}',
                '{"quorum_denominator":2,"threshold_numerator":1}',
            )
        ),
        ('[["abstention"],', '[["against"],["abstention"],', SUMS),
        ('["abstention"],["against"]', '["against"],["abstention"]', UNSORTED),
        *(
            ('[["abstention"],', f"[[{wrong}],", RULES + json.dumps(json.loads(f"[{wrong}]")))
            for wrong in ("", '"yes"', '"against","for"', '"against","against"')
        ),
    ],
)  # fmt: skip
def test_tampered_decision_is_refused(old, new, fault):
    assert old in DECISIONS_TEXT
    text = DECISIONS_TEXT.replace(old, new, 1)
    assert fault in list(recompter.box_faults(text, json.loads(text)))


@pytest.mark.parametrize(("text", "ballot"), [(DECISIONS_TEXT, [1]), (TEXT, ["for"])])
def test_question_takes_no_ballot_of_another_method(text, ballot):
    data = json.loads(text)
    data["questions"][0]["ballots"] = [ballot] * len(data["questions"][0]["ballots"])
    assert f"{RULES}{json.dumps(ballot)}" in list(recompter.box_faults(text, data))


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace('{"limit":2}', "null"),
        TEXT.replace('{"limit":2}', "[]"),
        TEXT.replace("pole-urne/2", "pole-urne/1"),
        FORMER_TEXT.replace("pole-urne/1", "pole-urne/2"),
        FORMER_TEXT.replace('"points":null,', ""),
        *(
            DECISIONS_TEXT.replace('["abstention"]', wrong)
            for wrong in ("[[]]", "null", "[null]", "[1]", "[true]", '"for"', '["abstention",1]')
        ),
    ],
)
@pytest.mark.parametrize("has_seal", [False, True])
def test_what_is_neither_format_is_refused_in_words(stranger, text, has_seal):
    """Were it sealed so, it is no box that the portal writes."""
    code, told, warned = stranger(text, *(["--sceau", boxes.seal(text)] if has_seal else []))
    assert (code, told) == (1, "")
    assert warned


@pytest.mark.parametrize("proposals", [0, 2])
def test_decision_on_anything_but_one_proposal_is_refused(proposals):
    data = json.loads(DECISIONS_TEXT)
    question = next(each for each in data["questions"] if each["method"] == "decision")
    question["options"] = [{"number": n, "title": "", "title_en": ""} for n in range(1, proposals + 1)]
    faults = list(recompter.box_faults(json.dumps(data), data))
    assert f"Question {question['position']} : {NUMBERS.partition(' : ')[2]}" in faults


@pytest.mark.parametrize("rows", [[1], [[1]], [[1, 2]], [[1, [2, 0]], "a"], [[1, [2, 0], 3]]])
def test_sums_of_a_judgment_are_pairs(rows):
    assert recompter.are_sums(rows, 1, 2) is False


def test_a_stage_that_another_settled_says_which():
    stage = {
        "kind": "first", "option": None, "needed": 2 * 10**5, "votes": [10**5, 10**5], "not_transferable": 0,
        "settled_by": 1, "equals": [1, 2], "elected": [], "fills": False,
    }  # fmt: skip
    assert "  à égalité (no 1, no 2), tranché par l’étape 1" in list(recompter.report_stages([stage], [1, 2]))
