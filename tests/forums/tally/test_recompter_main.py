"""recompter.py as a program, within this process: `test_recompter` runs it alone, where nothing counts its lines."""

from __future__ import annotations

import json
import runpy
import sys

import pytest

from forums.tally import recompter
from forums.tally.count import count
from forums.tally.outcome import as_json
from tests.forums.tally.test_recompter import BOX, RECEIPTS, SEAL, SOURCE, TABLE, TEXT


@pytest.fixture
def program(tmp_path, monkeypatch, capsys):
    def run(text, *arguments):
        (tmp_path / "urne.json").write_bytes(text if isinstance(text, bytes) else text.encode())
        monkeypatch.setattr(sys, "argv", ["recompter.py", str(tmp_path / "urne.json"), *arguments])
        refusal = None
        try:
            recompter.main()
        except SystemExit as ended:
            refusal = ended.code
        return refusal, capsys.readouterr().out

    return run


def test_whole_box_is_told_or_given_as_json(program):
    assert program(TEXT, "--sceau", SEAL) == (None, TABLE)
    refusal, said = program(TEXT, "--json", "--sceau", SEAL.upper())
    assert (refusal, json.loads(said)) == (None, as_json(count(BOX)))


def test_receipt_is_found_as_it_is_typed_or_not_at_all(program):
    refusal, said = program(TEXT, "--recu", RECEIPTS[0].lower())
    assert (refusal, "et ce reçu y est" in said) == (None, True)
    assert program(TEXT, "--recu", "ABCD") == ("Ce reçu n’est pas dans l’urne.", "")


@pytest.mark.parametrize("text", ["{", "[]", b"\xff", "[" * 100_000])
def test_what_is_no_box_is_said_in_words(program, text):
    refusal, said = program(text)
    assert (refusal.startswith("L’urne ne se lit pas"), said) == (True, "")


def test_other_box_is_betrayed_by_its_seal_and_a_retouched_one_by_its_text(program):
    assert program(TEXT, "--sceau", "0" * 64)[0].startswith("Ce fichier n’est pas l’urne scellée")
    assert "retouché" in program(TEXT.replace('"blank":2', '"blank": 2'))[0]


def test_file_is_a_program_and_imported_it_does_nothing(capsys, monkeypatch):
    assert "main" in runpy.run_path(str(SOURCE))
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(sys, "argv", ["recompter.py"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(SOURCE), run_name="__main__")
    assert ended.value.code == 2
    assert "urne" in capsys.readouterr().err
