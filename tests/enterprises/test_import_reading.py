"""Spreadsheets as people and programs save them, and those made to harm."""

from __future__ import annotations

import csv
import io
import time
import zipfile

import pytest
from django.core.exceptions import ValidationError
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import Workbook

from enterprises.importing.columns import is_known_heading
from pole.files import tables as reading
from pole.files.tables import Table, read_table


def table_of(content: bytes, **asked) -> Table:
    return read_table(io.BytesIO(content), **asked)


def saved(book: Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def xlsx(*rows) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    return saved(book)


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


# --- Accents ---------------------------------------------------------------------------------------

ACCENTED = "Nom;Ville\nCoopérative de solidarité d'été;Châteauguay\nCafé où ça sèche;Saint-Édouard\nÀ côté;L'Île-Perrot\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "mac_roman", "cp850"]
)
@pytest.mark.parametrize("newline", ["\n", "\r"])
def test_accents_of_each_system_are_recognised(encoding, newline):
    read = table_of(ACCENTED.replace("\n", newline).encode(encoding))
    assert [read.header, *read.rows] == [line.split(";") for line in ACCENTED.split("\n")[:-1]]
    assert bool(read.notes) == (encoding in {"mac_roman", "cp850"})


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "cp850"])
@pytest.mark.parametrize("name", ["Léry", "« La Ruche »"])
def test_one_accent_is_enough(encoding, name):
    assert table_of(f"Nom;Ville\n{name};Mercier\n".encode(encoding)).rows == [[name, "Mercier"]]


CONFUSIONS = [("utf-8", "cp1252"), ("utf-8", "latin-1"), ("utf-8", "mac_roman"), ("mac_roman", "cp1252"), ("cp1252", "mac_roman"),
              ("cp850", "cp1252")]  # fmt: skip


@pytest.mark.parametrize(("written", "read_as"), CONFUSIONS)
def test_accents_spoilt_before_the_file_was_saved_are_repaired_and_said(written, read_as):
    content = ACCENTED.encode(written)
    # As browsers do, what cp1252 does not define is a control character.
    spoilt = "".join(bytes([byte]).decode(read_as, "ignore") or chr(byte) for byte in content)
    read = table_of(spoilt.encode())
    assert [read.header, *read.rows] == [line.split(";") for line in ACCENTED.split("\n")[:-1]]
    assert "réparées" in read.notes[0]


def test_lines_of_two_encodings_in_one_file_are_repaired():
    mixed = (
        "Nom;Ville\nCafé du Marché;Léry\n".encode("cp1252")
        + "Coopérative d’habitation;Châteauguay\n".encode()
    )
    assert table_of(mixed).rows == [["Café du Marché", "Léry"], ["Coopérative d’habitation", "Châteauguay"]]


WORDS = st.text(st.sampled_from("abcdefgéèàêîôûçœëïâ'’-"), min_size=1, max_size=12)
MARKS = st.sampled_from([" ", "\xa0", " « ", "\xa0»", " – ", "…", "\xa0: ", "!", " % ", "°"])
FRENCH = st.lists(
    st.tuples(WORDS, st.sampled_from([str.lower, str.upper, str.capitalize]), MARKS).map(lambda each: each[1](each[0]) + each[2]),
    min_size=1, max_size=5,
).map("".join)  # fmt: skip


@given(st.lists(FRENCH, min_size=1, max_size=6))
@example(["CAFÉ\xa0»", "« À\xa0»", "É»"])
def test_what_is_right_is_left_as_it_is(texts):
    cells = [["Nom"], *([f"x {text} x"] for text in texts)]
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([*cells, ["fin"]])
    read = table_of(out.getvalue().encode())
    assert not any("réparées" in note for note in read.notes), texts


def test_a_foreign_name_is_not_repaired():
    read = table_of("Nom;Ville\nŽižek et Gülşen;Léry\n".encode())
    assert (read.rows[0][0], read.notes) == ("Žižek et Gülşen", [])


def test_destroyed_letters_are_said_and_the_file_comes_in():
    read = table_of("Nom;Ville\nCoop\ufffdrative;L\ufffdry\n".encode())
    assert read.rows == [["Coop\ufffdrative", "L\ufffdry"]]
    assert "perdues" in read.notes[0]
    assert "2" in read.notes[0]


# --- Quotation marks ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('Nom;Ville;NEQ\nA;B;1\n"Les Voisines;Candiac;2\nC;D;3\n', 3),
        ('Nom;Ville;NEQ\nA;B;1\nLes Voisines;"Candiac;2\nC;D;3\n', 3),
        ('Nom;Ville;NEQ\nA;B;1\n"Les Voisines;Candiac;2\nC;"D";3\nE;F;4\n', 3),
        ('Nom;Ville;NEQ\nA;B;"1\nC;D;2\nE;F;"3"\n', 2),
        ('sep=;\nNom;Ville;NEQ\n"A;B;1\nC;D;3\n', 3),
        ('"Nom;Ville\nA;B\n', 1),
        ('Nom,Ville\nA,B\nC,"D\n', 3),
    ],
)
def test_a_quotation_mark_that_nothing_closes_is_named_with_its_line(text, line):
    with pytest.raises(ValidationError) as refused:
        table_of(text.encode())
    assert refused.value.messages[0].startswith(f"Ligne {line} ")


@pytest.mark.parametrize(
    "cell", ['5" de tuyau', 'Dit "Le Pré"', 'Le "Pré"; coop\nbureau 2', "a\nb\nc", "1; 2\n3; 4", '"', '""']
)
def test_a_quotation_mark_in_a_cell_is_read(cell):
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(
        [["Nom", "Ville", "NEQ", "Note"], ["A", cell, "1", "x"], ["B", "C", "2", "y"]]
    )
    assert table_of(out.getvalue().encode()).rows[0][1] == cell.strip()


# --- Where the table begins and ends -----------------------------------------------------------------

HEADER, ROWS = ["Nom", "Ville", "Courriel"], [["A", "Léry", "a@a.example"], ["B", "Mercier", "b@b.example"]]


@pytest.mark.parametrize(
    "above",
    [
        [["Répertoire 2026"]],
        [["Répertoire 2026", "", ""], ["", "", ""], ["Mis à jour le 3 mars"]],
        [[""], ["Liste des membres", "2026-03-04"]],
        [["Répertoire des entreprises", "", "", "page 1"], []],
        [["Identité", "", "Joindre"]],
    ],
)
@pytest.mark.parametrize("kind", [";", ",", "xlsx"])
def test_titles_above_the_header_are_skipped_and_said(above, kind):
    rows = [*above, HEADER, *ROWS]
    if kind == "xlsx":
        content = xlsx(*rows)
    else:
        out = io.StringIO()
        csv.writer(out, delimiter=kind).writerows(rows)
        content = out.getvalue().encode()
    read = table_of(content, is_known=is_known_heading)
    assert (read.header, read.rows) == (HEADER, ROWS) or (read.header, [row[:3] for row in read.rows]) == (
        [*HEADER, ""],
        ROWS,
    )
    assert read.numbers == [len(above) + 2, len(above) + 3]
    assert "n’est pas lu" in read.notes[0] or not any(cell for row in above for cell in row)


def test_a_header_of_words_that_nobody_knows_is_found_by_its_width():
    read = table_of(b"nonsense1\nnonsense2\nheader0,header1,header2\nrow0,row1,row2\nx,y,z\n")
    assert (read.header, read.numbers) == (["header0", "header1", "header2"], [4, 5])


def test_headings_that_come_again_and_totals_are_no_rows():
    rows = [
        HEADER,
        ROWS[0],
        [each.upper() for each in HEADER],
        ROWS[1],
        ["Total", "", "2"],
        ["Source : registre"],
    ]
    read = table_of("\n".join(";".join(row) for row in rows).encode(), is_known=is_known_heading)
    assert (read.rows, read.numbers) == (ROWS, [2, 4])
    assert len(read.notes) == 2


@pytest.mark.parametrize(
    "name", ["Total Environnement", "Source Vive", "Les Totaux", "Notes de musique", "Page blanche"]
)
def test_an_enterprise_at_the_end_is_no_total(name):
    read = table_of(f"Nom;Ville;Courriel\nA;B;c@d.example\n{name};;\n".encode())
    assert read.rows[-1][0] == name


def test_columns_of_one_name_are_said():
    assert "Courriel" in table_of(b"Nom;Courriel;Courriel\nA;b@b.example;c@c.example\n").notes[0]


# --- Workbooks ---------------------------------------------------------------------------------------


def test_the_sheet_that_has_the_table_is_read_and_the_others_named():
    book = Workbook()
    book.active.title = "Lisez-moi"
    book.active.append(["Ce classeur contient la liste des membres"])
    members = book.create_sheet("Membres")
    for row in (HEADER, *ROWS):
        members.append(row)
    hidden = book.create_sheet("Ancien")
    hidden.sheet_state = "hidden"
    for row in (HEADER, *ROWS * 5):
        hidden.append(row)
    read = table_of(saved(book), is_known=is_known_heading)
    assert (read.sheet, read.sheets, read.rows) == ("Membres", ["Lisez-moi", "Membres", "Ancien"], ROWS)
    said = " ".join(read.notes)
    assert "Lisez-moi" in said
    assert "Feuilles masquées" in said
    assert len(table_of(saved(book), sheet="Ancien").rows) == 10


def test_what_hides_in_a_sheet_is_said():
    book = Workbook()
    sheet = book.active
    for row in (HEADER, *ROWS, ["C", None, "c@c.example"], ["D", "=B2", "2026-01-04"]):
        sheet.append(row)
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["C"].hidden = True
    sheet.merge_cells("B3:B4")
    read = table_of(saved(book))
    assert [row[1] for row in read.rows] == ["Léry", "Mercier", "Mercier", ""]
    said = " ".join(read.notes)
    for words in (
        "Lignes masquées, qui sont lues aussi\xa0: 3.",
        "Colonnes masquées, qui sont lues aussi\xa0: C.",
        "fusionnées",
        "sans résultat",
    ):
        assert words in said


def test_dates_are_said():
    from datetime import date

    read = table_of(xlsx(["Nom", "Employés"], ["A", date(2026, 1, 4)]))
    assert read.rows == [["A", "2026-01-04"]]
    assert "date" in read.notes[0]


def archive(*names) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (archive("mimetype", "content.xml"), ".ods"),
        (archive("Index/Document.iwa"), ".numbers"),
        (archive("xl/workbook.bin"), ".xlsb"),
        (archive("word/document.xml"), ".docx"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 600, ".xls"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "mot de passe"),
        (b"%PDF-1.7 x", "PDF"),
        (b"<!DOCTYPE html><table><tr><td>Nom</td></tr></table>", "HTML"),
        (b"\xef\xbb\xbf<html><body>", "HTML"),
    ],
)
def test_a_file_of_another_kind_is_named(content, said):
    assert said in refusal(content)


@given(
    st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
@example(b"\xff\xfe\x00")
@example(b'a;b\n"')
def test_any_bytes_are_read_or_refused(content):
    try:
        read = table_of(content)
    except ValidationError:
        return
    assert all(len(row) == len(read.header) for row in read.rows)
    assert len(read.rows) == len(read.numbers)
