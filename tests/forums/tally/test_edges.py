"""What mutants of the tally once survived: limits that no box had crossed yet."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import forums
from forums.tally import box as boxes
from forums.tally import canonical, recompter
from forums.tally.checking import BoxError
from forums.tally.count import count
from forums.tally.outcome import as_json, from_json
from forums.vote.methods.points import counting as points_counting
from tests.forums.tally.boxes import METHODS, approval, box, points

APPROVAL = approval([{1, 2}, {2}], among=3, to_retain=2, blank=3, rejected=1)
BOX = box(APPROVAL, receipts=["A" * 16])
TEXT = boxes.write(BOX)


def test_number_that_is_none_has_no_canonical_text():
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical.dump({"part": float("nan")})


@pytest.mark.parametrize("seed_hash", ["x", "", "A" * 64])
def test_hash_of_the_seed_is_first_a_hash(seed_hash):
    with pytest.raises(BoxError, match="seed_hash must be 64 lower-case hexadecimal digits"):
        replace(BOX, seed_hash=seed_hash)


@pytest.mark.parametrize("ballot", [[(1, 2)], ((1, 2, 3),), ((1,),), ([1, 2],), ((1, 2.0),), "12", None])
def test_ballot_of_points_is_a_tuple_of_pairs(ballot):
    fault = points_counting.ballot_fault(ballot, {1, 2, 3}, {"points": 10, "points_each": 4})
    assert fault == "it is not a tuple of pairs of an option number and points"


def test_question_of_points_has_one_reading_whatever_the_box_says():
    (counted,) = count(box(points([{1: 4, 2: 1}], among=2, to_retain=1), reading="balanced")).questions
    assert (counted.reading, counted.retained, counted.balanced) == ("most_supported", (1,), None)


def test_whole_outcome_of_another_format_is_refused():
    told = as_json(count(BOX)) | {"format": "pole-depouillement/2"}
    with pytest.raises(ValueError, match="not an outcome written as pole-depouillement/1"):
        from_json(told)


@pytest.mark.parametrize("part", ["totals", "ties"])
def test_outcome_with_a_part_that_is_no_list_of_rows_is_refused(part):
    told = as_json(count(box(approval([{1}, {2}], among=2, to_retain=1))))
    told["questions"][0][part] = [None]
    with pytest.raises(ValueError, match=r"^not an outcome: "):
        from_json(told)


def test_methods_count_where_nothing_is_installed():
    """`make oracle` runs them so."""
    names = [f"forums.vote.methods.{name}.counting" for name in METHODS]
    program = (
        f"import sys; sys.path[:0] = {[str(Path(forums.__path__[0]).parent)]}; import {', '.join(names)}"
    )
    subprocess.run([sys.executable, "-I", "-S", "-c", program], check=True)


# --- recompter.py


def faults(text):
    return list(recompter.box_faults(text, json.loads(text)))


def test_box_that_anyone_wrote_is_taken_as_it_is_canonical_alone():
    assert faults(TEXT) == []
    unsorted = json.dumps(dict(reversed(json.loads(TEXT).items())), ensure_ascii=False, separators=(",", ":"))
    assert faults(unsorted + "\n") == [
        "Le texte de l’urne n’est pas sous sa forme canonique : ce fichier a été modifié ou converti."
    ]


def changed(**changes):
    data = json.loads(TEXT)
    question = changes.pop("question", {})
    data |= changes
    data["questions"][0] |= question
    return canonical.dump(data) + "\n"


def test_receipts_are_never_more_than_the_ballots_cast():
    hashes = sorted(boxes.receipt_hash(f"{number:016}") for number in range(7))
    assert faults(changed(receipts=hashes[:6])) == []
    assert faults(changed(receipts=hashes)) == ["Les nombres de bulletins et de reçus ne concordent pas."]


@pytest.mark.parametrize(
    "question",
    [{"position": -1}, {"rejected": -1}, {"to_retain": -1}, {"blank": -1}, {"to_retain": 1.0}],
)
def test_announced_numbers_are_whole_and_not_negative(question):
    said = faults(changed(question=question))
    assert any("la méthode ou l’un des nombres annoncés n’est pas valable." in fault for fault in said)


def test_empty_box_has_shares_of_nothing():
    empty = box(approval([], among=2, to_retain=1))
    assert recompter.recount(json.loads(boxes.write(empty))) == as_json(count(empty))
