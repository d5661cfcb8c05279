"""Spreadsheets as people and programs save them, and those made to harm."""

from __future__ import annotations

import io
import time
import zipfile

import pytest
from django.core.exceptions import ValidationError
from openpyxl import Workbook

from pole.files import tables as reading
from pole.files.tables import Table, read_table


def table_of(content: bytes) -> Table:
    return read_table(io.BytesIO(content))


def xlsx(*rows) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_accents_are_exact_whatever_the_program(encoding, delimiter, newline):
    rows = [["Nom", "Ville"], ["L’Œuvre d’été – Noël", "Châteauguay"], ['Dit "Le Pré"', "Léry"]]
    quoted = [[f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row] for row in rows]
    text = newline.join(delimiter.join(row) for row in quoted)
    read = table_of(text.encode(encoding))
    assert [read.header, *read.rows] == rows


def test_rows_keep_their_numbers_and_become_as_wide_as_the_header():
    read = table_of("Nom;Ville;Tél.\n\nLa Ruche;Mercier\n;;\nLe Pré;Léry;450;de trop\n".encode())
    assert read.header == ["Nom", "Ville", "Tél.", ""]
    assert read.rows == [["La Ruche", "Mercier", "", ""], ["Le Pré", "Léry", "450", "de trop"]]
    assert read.numbers == [3, 5]


def test_a_cell_may_hold_the_delimiter_and_a_new_line():
    read = table_of('Nom;Adresse\n"Le Pré; coop";"1, rue A\nbureau 2"\n'.encode())
    assert read.rows == [["Le Pré; coop", "1, rue A\nbureau 2"]]


def test_excels_own_hint_is_followed():
    assert table_of(b"sep=|\nNom|Ville\nA;B|C\n").rows == [["A;B", "C"]]


def test_workbook_is_read_as_text():
    read = table_of(
        xlsx(["Nom", "NEQ", "Année"], ["Été", 1190000001, 2009.0], [None, None, None], ["B", "x", None])
    )
    assert read.rows == [["Été", "1190000001", "2009"], ["B", "x", ""]]
    assert read.numbers == [2, 4]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Nom;Ville\n",
        b"\n\n\n",
        b"\x00\x01\x02\x03",
        b"PK\x03\x04 not a workbook",
        b"\xd0\xcf\x11\xe0" + b"x" * 600,
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(content):
    with pytest.raises(ValidationError) as refused:
        table_of(content)
    assert len(refused.value.messages[0]) > 10


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for entry in before.infolist():
            after.writestr(entry.filename, part if entry.filename == name else before.read(entry.filename))
    return out.getvalue()


def refusal(content: bytes) -> str:
    start = time.thread_time()
    with pytest.raises(ValidationError) as refused:
        table_of(content)
    assert time.thread_time() - start < 2
    return refused.value.messages[0]


def test_bomb_is_refused_before_it_is_unpacked():
    bomb = with_part(xlsx(["a"], ["b"]), "xl/worksheets/sheet1.xml", b"<x>" + b" " * 200_000_000)
    assert len(bomb) < 1_000_000
    assert "trop gros" in refusal(bomb)


@pytest.mark.parametrize(
    "doctype",
    [
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
    ],
)
def test_entities_are_refused(doctype):
    sheet = b'<?xml version="1.0"?>' + doctype + b"<worksheet><sheetData/></worksheet>"
    assert "XML" in refusal(with_part(xlsx(["a"], ["b"]), "xl/worksheets/sheet1.xml", sheet))


def test_a_million_rows_are_refused_soon():
    assert "20\xa0000" in refusal(b"Nom;Ville\n" + b"A;B\n" * 1_000_000)


def test_a_workbook_with_a_cell_at_its_last_row_is_refused_soon(monkeypatch):
    monkeypatch.setattr(reading, "MAX_EMPTY_ROWS", 5_000)
    book = Workbook()
    book.active["A1"], book.active["A2"], book.active["B60000"] = "Nom", "A", "loin"
    content = io.BytesIO()
    book.save(content)
    assert "20\xa0000" in refusal(content.getvalue())


def test_too_many_columns_are_refused():
    assert "100" in refusal((";".join("a" * 101) + "\n" + ";".join("b" * 101)).encode())
