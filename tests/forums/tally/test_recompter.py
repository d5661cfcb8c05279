"""recompter.py, run as a stranger would: alone in a folder, on a Python that sees nothing else."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tokenize
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

import forums.tally
from forums.tally import box as boxes
from forums.tally import recompter, ties
from forums.tally.count import count
from forums.tally.outcome import as_json
from tests.forums.tally.boxes import SEED, approval, box, points
from tests.forums.tally.drawn import TRIED, drawn_boxes

SOURCE = Path(forums.tally.__file__).parent / "recompter.py"
RECEIPTS = ["ABCD-EFGH-JKMN-PQRS", "0123-4567-89AB-CDEF"]
BOX = box(
    approval(
        [{1, 2}] * 6 + [{1}] + [{3}] * 4,
        among=["Café\u202f!", "Thé", "Eau"],
        to_retain=2,
        blank=2,
        rejected=1,
    ),
    points([{1: 4, 2: 4}, {2: 4}] * 6, among=3, to_retain=3, rejected=2, position=2, title="Budget"),
    receipts=RECEIPTS,
)
TEXT = boxes.write(BOX)
SEAL = boxes.seal(TEXT)


def pythons():
    """This one, and the oldest that answers. Their own paths, since some commands are only scripts that look."""
    found = [sys.executable]
    for path in filter(None, (shutil.which(f"python3.{minor}") for minor in range(8, 13))):
        asked = [path, "-c", "import sys; print(sys.executable)"]
        answer = subprocess.run(asked, capture_output=True, check=False, encoding="utf-8")
        if not answer.returncode:
            return [*found, answer.stdout.strip()]
    return found


CLOSING = hashlib.sha256("".join(f"{each}\n" for each in BOX.receipts).encode()).hexdigest()
TO_COMPARE = """\
Comparez l’empreinte du germe à celle qui a été montrée à l’ouverture du vote.
Comparez l’empreinte des reçus à celle qui a été montrée à la fermeture du vote."""
TABLE = f"""\
Forum d’essai (2026-05-19), vote no 1
Sceau de l’urne : {recompter.in_groups(SEAL)}
Empreinte du germe : {recompter.in_groups(ties.seed_hash(SEED))}
Empreinte des reçus à la fermeture : {recompter.in_groups(CLOSING)}
Reçus à la fermeture : 2

Question 1 : Question
Bulletins : 11; blancs : 2; rejetés : 1
À retenir : 2; lecture qui décide : les plus appuyées

  rang    no  appuis     part
     1     1       7   53,8 %  retenue  Café\u202f!
     2     2       6   46,2 %  retenue  Thé
     3     3       4   30,8 %           Eau

Retenues, dans l’ordre : no 1, no 2; places vides : 0
L’autre (lecture équilibrée) ferait entrer : no 3; sortir : no 2

Question 2 : Budget
Bulletins : 12; blancs : 0; rejetés : 2
À retenir : 3; lecture qui décide : les plus appuyées

  rang    no  points     part
     1     2      48   66,7 %  retenue  Option 2
     2     1      24   33,3 %  retenue  Option 1
     3     3       0    0,0 %           Option 3

Retenues, dans l’ordre : no 2, no 1; places vides : 1

{TO_COMPARE}
L’urne est intacte : son sceau est celui que vous avez donné.
"""


def test_rank_of_a_total_is_said_to_be_one_where_another_reading_decides(stranger):
    """The options retained are numbered otherwise there, on the page of results."""
    text = boxes.write(replace(BOX, reading="balanced"))
    _code, said, _notices = stranger(text, "--sceau", boxes.seal(text))
    table = said.split("Question 2")[0].splitlines()
    (start,) = [place for place, line in enumerate(table) if line.startswith("rang (total)")]
    assert table[start : start + 4] == [
        "rang (total)    no  appuis     part",
        "           1     1       7   53,8 %  retenue  Café\u202f!",
        "           2     2       6   46,2 %           Thé",
        "           3     3       4   30,8 %  retenue  Eau",
    ]


@pytest.mark.parametrize("python", pythons())
def test_stranger_reads_the_whole_result(stranger, python):
    assert stranger(TEXT, "--sceau", SEAL, python=python) == (0, TABLE, "")


def test_stranger_finds_the_same_json_as_the_portal(stranger):
    code, told, warned = stranger(TEXT, "--sceau", SEAL.upper(), "--json")
    assert (code, warned) == (0, "")
    assert json.loads(told) == as_json(count(BOX)) | {"verified": True}


@given(drawn_boxes())
@settings(TRIED, max_examples=150)
def test_recount_agrees_with_the_tally(drawn):
    text = boxes.write(drawn)
    data = json.loads(text)
    assert list(recompter.box_faults(text, data)) == []
    assert recompter.recount(data) == as_json(count(drawn))
    said = "".join(recompter.report(data, recompter.recount(data), boxes.seal(text)))
    outcomes = count(drawn).questions
    assert all(
        str(each.total) in said
        for outcome in outcomes
        if "profile" not in outcome.detail
        for each in outcome.totals
    )
    profiles = [row for outcome in outcomes for row in outcome.detail.get("profile", ())]
    assert all(str(times) in said for _number, counts in profiles for times in counts)
    details = [outcome.detail for outcome in outcomes if "adopted" in outcome.detail]
    assert all(f"Pour : {each['for']}; contre : {each['against']};" in said for each in details)
    assert said.count("Proposition adoptée.") == sum(each["adopted"] is True for each in details)


@pytest.mark.parametrize("typed", [*RECEIPTS, "abcd efgh jkmn pqrs", "OI23-4567-89AB-CDEF"])
def test_stranger_finds_a_receipt(stranger, typed):
    code, told, warned = stranger(TEXT, "--recu", typed, "--sceau", SEAL)
    assert (code, warned) == (0, "")
    assert "Ce reçu est dans ce fichier.\n" in told


@pytest.mark.parametrize("seal", [(), ("--sceau", SEAL)])
def test_stranger_misses_a_receipt(stranger, seal):
    said = "Ce reçu n’est pas dans l’urne. Il n’y est plus si le vote a été modifié, retiré ou remplacé par un papier.\n"
    assert stranger(TEXT, "--recu", "ABCD-EFGH-JKMN-PQRT", *seal) == (1, "", said)


def changed(**changes):
    """The box with its first question changed, as someone who knows the format would write it again."""
    return boxes.write(replace(BOX, questions=(replace(BOX.questions[0], **changes), BOX.questions[1])))


FIRST = BOX.questions[0].ballots
OTHER_SEED = "bad5eed0" * 8
# Each is a whole box, well-formed, that only the seal betrays.
FORGED = {
    "one ballot changed": changed(ballots=tuple(sorted(((2, 3), *FIRST[1:])))),
    "one ballot instead of a blank": changed(ballots=tuple(sorted(((3,), *FIRST))), blank=1),
    "a rejected ballot made blank": changed(blank=3, rejected=0),
    "another number to retain": changed(to_retain=1),
    "another reading": boxes.write(replace(BOX, reading="balanced")),
    "another seed, hash included": boxes.write(
        replace(BOX, seed=OTHER_SEED, seed_hash=ties.seed_hash(OTHER_SEED))
    ),
    "a receipt taken away": boxes.write(replace(BOX, receipts=BOX.receipts[1:])),
    "a title changed": TEXT.replace("Thé", "The"),
    "another hour of closing": boxes.write(replace(BOX, closed_at="2026-05-19T19:05:00Z")),
    "other words for the tie rule": TEXT.replace(
        "À égalité, l’ordre", "À égalité, selon le portail, l’ordre"
    ),
    "thirty ballots more": boxes.write(
        replace(
            BOX,
            questions=(
                replace(BOX.questions[0], ballots=tuple(sorted(FIRST + ((3,),) * 30))),
                replace(BOX.questions[1], blank=30),
            ),
        )
    ),
}


@pytest.mark.parametrize("text", FORGED.values(), ids=FORGED)
def test_forged_box_is_betrayed_by_its_seal_and_never_said_to_be_intact(stranger, text):
    code, told, warned = stranger(text)
    assert (code, warned) == (3, "")
    assert [told.splitlines()[0], told.splitlines()[-1]] == [recompter.NOT_VERIFIED] * 2
    assert "intacte" not in told
    code, told, warned = stranger(text, "--sceau", SEAL)
    assert (code, told) == (1, "")
    assert warned.startswith(f"Le sceau de ce fichier est {recompter.in_groups(boxes.seal(text))};")
    assert warned.endswith(" sur 64; ce fichier n’est pas l’urne qui a ce sceau.\n")


ONE = "[[1],[1,2],"
RULES = "Question 1 : le bulletin 1 enfreint les règles du vote : "
NUMBERS = "Question 1 : la méthode ou l’un des nombres annoncés n’est pas valable."
RETOUCHED = "Le texte de l’urne n’est pas sous sa forme canonique : ce fichier a été modifié ou converti."
UNSORTED = "Question 1 : les options ou les bulletins ne sont pas triés."
DATES = "Les dates de l’urne ne sont pas valables, ou le vote ferme avant d’ouvrir."
SUMS = "Les nombres de bulletins et de reçus ne concordent pas."
TWICE = "Les reçus ou les questions ne sont pas triés, ou l’un d’eux vient deux fois."


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (ONE, "[[1],[1],[1,2],", SUMS),
        (ONE, "[[1,2],[1],", UNSORTED),
        (ONE, "[[],[1,2],", RULES + "[]"),
        (ONE, "[[0],[1,2],", RULES + "[0]"),
        (ONE, "[[true],[1,2],", RULES + "[true]"),
        (ONE, "[[1,1],[1,2],", RULES + "[1, 1]"),
        (ONE, "[[1,2,3],[1,2],", RULES + "[1, 2, 3]"),
        (ONE, "[[1,9],[1,2],", RULES + "[1, 9]"),
        ("[[[1,4],[2,4]],", "[[[1,5],[2,4]],", "Question 2 : le bulletin 1 enfreint les règles du vote : [[1, 5], [2, 4]]"),
        ("[[[1,4],[2,4]],", "[[[1,0],[2,4]],", "Question 2 : le bulletin 1 enfreint les règles du vote : [[1, 0], [2, 4]]"),
        ("[[[1,4],[2,4]],", "[[[1,4],[2,4],[3,4]],", "Question 2 : le bulletin 1 enfreint les règles du vote : [[1, 4], [2, 4], [3, 4]]"),
        ("[[[1,4],[2,4]],", "[[[1,1.5],[2,4]],", "Question 2 : le bulletin 1 enfreint les règles du vote : [[1, 1.5], [2, 4]]"),
        ("[[[1,4],[2,4]],", "[[[1,4,1],[2,4]],", "Question 2 : le bulletin 1 enfreint les règles du vote : [[1, 4, 1], [2, 4]]"),
        ('"blank":2', '"blank":3', SUMS),
        ('"blank":2', '"blank":-2', NUMBERS),
        ('"blank":2', '"blank":2.0', NUMBERS),
        ('"method":"approval"', '"method":"ranking"', NUMBERS),
        ('"number":3', '"number":2', UNSORTED),
        ('"position":2', '"position":1', TWICE),
        (f'"{BOX.receipts[0]}"', f'"{BOX.receipts[1]}"', TWICE),
        ('"seed":"5eed', '"seed":"5eee', "Le germe du tirage n’est pas celui dont l’empreinte a été publiée à l’ouverture du vote."),
        ('"reading":"most_supported"', '"reading":"mine"', "L’urne est d’un format, ou demande une lecture, que ce programme ne connaît pas."),
        ("pole-urne/2", "pole-urne/3", "L’urne est d’un format, ou demande une lecture, que ce programme ne connaît pas."),
        (ties.RULE, "mine", "L’urne est d’un format, ou demande une lecture, que ce programme ne connaît pas."),
        (f'"{BOX.receipts[1]}"', '"zz"', "L’un des reçus n’est pas une empreinte : 64 chiffres hexadécimaux, en minuscules."),
        (f'"{BOX.receipts[1]}"', f'"{BOX.receipts[1].upper()}"', "L’un des reçus n’est pas une empreinte : 64 chiffres hexadécimaux, en minuscules."),
        ('"hub":', '"extra":1,"hub":', "L’urne a des clés en trop ou qui manquent : extra."),
        ('"hub":"Pôle d’essai",', "", "L’urne a des clés en trop ou qui manquent : hub."),
        ('"hub":"Pôle d’essai"', '"hub":7', "L’urne a un texte qui n’en est pas un."),
        ('"words":', '"why":1,"words":', "La règle du tirage a des clés en trop ou qui manquent : why."),
        ('"rejected":1,', '"rejected":1,"spoiled":0,', "La question 1 a des clés en trop ou qui manquent : spoiled."),
        ('"number":3,', '"new":0,"number":3,', "Une option de la question 1 a des clés en trop ou qui manquent : new."),
        ("2026-05-19T19:00:00Z", "2026-05-19T18:00:00Z", DATES),
        ("2026-05-19T19:00:00Z", "2026-05-19 19:00", DATES),
        ('"forum_date":"2026-05-19"', '"forum_date":"2026-5-19"', DATES),
        ('"round_number":1', '"round_number":-1', "L’urne n’a pas de question, ou son vote n’a pas de numéro."),
        ("}\n", "}", RETOUCHED),
        ('"blank":2', '"blank": 2', RETOUCHED),
        ('"blank":2', '"blank":9,"blank":2', RETOUCHED),
        ("Thé", "Th\\u00e9", RETOUCHED),
    ],
)  # fmt: skip
def test_tampered_box_is_refused_even_without_a_seal(old, new, fault):
    assert old in TEXT
    text = TEXT.replace(old, new, 1)
    assert fault in list(recompter.box_faults(text, json.loads(text)))


def test_tampered_box_is_not_counted(stranger):
    """Every fault is said, and nothing else."""
    faults = [UNSORTED, SUMS]
    code, told, warned = stranger(TEXT.replace(ONE, "[[1,2],[1],[1],", 1))
    assert (code, told) == (1, "")
    assert sorted(warned.splitlines()) == sorted(faults)


def test_receipts_of_nobody_are_refused(stranger):
    """Sixteen receipts for fourteen ballots, in a text that is otherwise what it must be."""
    data = json.loads(TEXT)
    invented = [boxes.receipt_hash(f"INVENTED{number}") for number in range(14)]
    data["receipts"] = sorted([*data["receipts"], *invented])
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
    assert stranger(text) == (1, "", SUMS + "\n")


def test_titles_cannot_disguise_the_screen(stranger):
    disguised = TEXT.replace("Thé", "\u202eThé\x9b2J")
    told = stranger(disguised)[1]
    assert "?Thé?2J" in told
    # Nor can they write a line of their own, nor can the name of a key.
    lie = "L’urne est intacte : son sceau est celui que vous avez donné."
    for text in (TEXT.replace("Thé", f"Thé\\n{lie}\\n"), TEXT.replace('"hub":', f'"a\\n{lie}\\nb":1,"hub":')):
        code, told, warned = stranger(text)
        assert (code, lie in (told + warned).splitlines()) == (3 if told else 1, False)
        assert lie in told + warned


def test_missing_file_is_said(stranger):
    code, _told, warned = stranger(TEXT, "--sceau")
    assert code == 2
    assert "python recompter.py urne.json" in warned


# --- What it promises of itself


def test_program_is_short_and_needs_the_standard_library_alone():
    source = SOURCE.read_text()
    assert len(source.splitlines()) <= 620
    imported = [
        name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
        )
    ]
    assert imported == [
        *("argparse", "hashlib", "json", "sys", "unicodedata"),
        *("collections", "datetime", "fractions", "itertools", "pathlib"),
    ]
    assert set(imported) <= sys.stdlib_module_names


def test_program_is_written_for_python_3_8():
    source = SOURCE.read_text()
    ast.parse(source, feature_version=(3, 8))
    # Before 3.12 an f-string could not hold its own quotes.
    depth = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        depth += (token.type == tokenize.FSTRING_START) - (token.type == tokenize.FSTRING_END)
        assert not (depth and token.type == tokenize.STRING and '"' in token.string)


def test_program_writes_nothing_and_asks_nobody():
    names = {node.attr for node in ast.walk(ast.parse(SOURCE.read_text())) if isinstance(node, ast.Attribute)}
    assert not names & {"write", "write_text", "write_bytes", "open", "system", "urlopen"}
    assert not os.access(SOURCE, os.X_OK)
