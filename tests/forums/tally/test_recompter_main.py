"""recompter.py as a program, within this process: `test_recompter` runs it alone, where nothing counts its lines."""

from __future__ import annotations

import json
import runpy
import sys
import unicodedata
from dataclasses import replace

import pytest

from forums.tally import box as boxes
from forums.tally import recompter
from forums.tally.count import count
from forums.tally.outcome import as_json
from tests.forums.tally.test_recompter import BOX, RECEIPTS, SEAL, SOURCE, TABLE, TEXT


@pytest.fixture
def program(tmp_path, monkeypatch, capsys):
    def run(text, *arguments):
        (tmp_path / "urne.json").write_bytes(text if isinstance(text, bytes) else text.encode())
        monkeypatch.setattr(sys, "argv", ["recompter.py", str(tmp_path / "urne.json"), *arguments])
        code = 0
        try:
            recompter.main()
        except SystemExit as ended:
            code = ended.code
        return code, *capsys.readouterr()

    return run


def test_whole_box_is_told_or_given_as_json(program):
    assert program(TEXT, "--sceau", SEAL) == (0, TABLE, "")
    code, said, warned = program(TEXT, "--json", "--sceau", SEAL.upper())
    assert (code, json.loads(said), warned) == (0, as_json(count(BOX)) | {"verified": True}, "")


def test_box_without_a_seal_is_counted_and_not_verified(program):
    code, said, warned = program(TEXT)
    assert (code, said.count(recompter.NOT_VERIFIED), warned) == (3, 2, "")
    code, said, warned = program(TEXT, "--json")
    assert (code, json.loads(said)["verified"], warned) == (3, False, recompter.NOT_VERIFIED + "\n")


def test_receipt_is_found_as_it_is_typed_or_not_at_all(program):
    code, said, _warned = program(TEXT, "--recu", RECEIPTS[0].lower(), "--sceau", SEAL)
    assert (code, "Ce reçu est dans ce fichier." in said) == (0, True)
    code, said, warned = program(TEXT, "--recu", "0" * 16)
    assert (code, said, warned.startswith("Ce reçu n’est pas dans l’urne.")) == (1, "", True)
    code, said, warned = program(TEXT, "--recu", "ABCD")
    assert (code, said, warned.startswith("--recu")) == (2, "", True)


@pytest.mark.parametrize("text", ["{", "[]", b"\xff", "[" * 100_000])
def test_what_is_no_box_is_said_in_words(program, text):
    code, said, warned = program(text)
    assert (code, said, warned.startswith("Le fichier ")) == (2, "", True)


def test_converted_box_is_read_as_it_was(program):
    for data in (TEXT[:-1], TEXT.replace("\n", "\r\n"), f"\ufeff{TEXT}", TEXT.encode("utf-16")):
        code, said, _warned = program(data, "--sceau", SEAL)
        assert (code, said.endswith(TABLE)) == (0, True)


def test_other_box_is_betrayed_by_its_seal_and_a_retouched_one_by_its_text(program):
    assert "ce fichier n’est pas l’urne qui a ce sceau" in program(TEXT, "--sceau", "0" * 64)[2]
    code, said, warned = program(TEXT.replace('"blank":2', '"blank": 2'))
    assert (code, said, "forme canonique" in warned) == (1, "", True)
    code, said, warned = program(TEXT.replace('"limits":{"limit":2}', '"limits":{"limit":[2]}'))
    assert (code, said) == (1, "")


def test_missing_file_and_missing_words_are_said(program, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "argv", ["recompter.py", str(tmp_path / "nulle-part.json")])
    with pytest.raises(SystemExit) as ended:
        recompter.main()
    assert ended.value.code == 2


def test_file_is_a_program_and_imported_it_does_nothing(capsys, monkeypatch):
    assert "main" in runpy.run_path(str(SOURCE))
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(sys, "argv", ["recompter.py"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(SOURCE), run_name="__main__")
    assert ended.value.code == 2
    assert "urne" in capsys.readouterr().err


OTHER = "0" * 64
SEED_HASH = json.loads(TEXT)["seed_hash"]
AFTER = boxes.write(replace(BOX, receipts=BOX.receipts[:1], removed_receipts=BOX.receipts[1:]))


@pytest.mark.parametrize(
    ("text", "arguments", "code", "said"),
    [
        (TEXT, ["--help"], 0, "python recompter.py"),
        (TEXT, ["--sceau", ""], 2, "--sceau est vide"),
        (TEXT, ["--sceau", "abc"], 2, "celui-ci en a 3."),
        (TEXT, ["--sceau", SEED_HASH], 1, "une autre empreinte que le sceau"),
        (TEXT, ["--germe", OTHER], 1, "L’empreinte du germe n’est pas celle"),
        (TEXT, ["--fermeture", OTHER], 1, "L’empreinte des reçus à la fermeture n’est pas celle"),
        (unicodedata.normalize("NFD", TEXT), ["--sceau", SEAL], 0, "des accents décomposés"),
        (json.dumps(json.loads(TEXT), indent=1), ["--sceau", SEAL], 0, "une autre mise en forme"),
        ('{"format":"pole-urne/2"}', [], 1, "L’urne n’est pas formée comme le portail les écrit"),
    ],
)
def test_each_answer_is_said_with_its_code(program, text, arguments, code, said):
    ended, *streams = program(text, *arguments)
    assert said in "".join(streams)
    assert ended == code


def test_receipt_removed_after_the_closing_is_told_apart(program):
    told = [program(AFTER, "--recu", receipt) for receipt in RECEIPTS]
    assert sorted(code for code, *_streams in told) == [1, 3]
    assert "un papier noté après coup" in "".join("".join(streams) for _code, *streams in told)
