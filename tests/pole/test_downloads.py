"""Files to download: their name, their kind, and spreadsheets that compute nothing."""

import csv
import io
import subprocess
from pathlib import Path

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from openpyxl import load_workbook

from pole.files.downloads import as_file
from pole.spreadsheets import csv_bytes, safe_cell, xlsx_bytes

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("name", "is_inline", "disposition"),
    [
        ("liste.csv", False, 'attachment; filename="liste.csv"'),
        ("liste.csv", True, 'inline; filename="liste.csv"'),
        ("été.csv", False, "attachment; filename*=utf-8''%C3%A9t%C3%A9.csv"),
        ('a".csv', False, 'attachment; filename="a\\".csv"'),
    ],
)
def test_name_reaches_the_browser_whole(name, is_inline, disposition):
    response = as_file(HttpResponse("é"), name, is_inline=is_inline)
    assert response.headers["Content-Disposition"] == disposition
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.content == "é".encode()


def test_stream_is_a_file_too():
    response = as_file(StreamingHttpResponse(iter(["[", "]"])), "a.geojson")
    assert (response.headers["Content-Type"], response.getvalue()) == ("application/geo+json", b"[]")


@pytest.mark.parametrize("words", ["Content-Disposition", "import Workbook", "csv.writer"])
def test_one_module_writes_each_kind_of_file(words):
    found = subprocess.run(
        ["git", "grep", "-l", "--untracked", words, "--", "*.py", ":!tests"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert found.stdout.split() == [
        "pole/files/downloads.py" if words == "Content-Disposition" else "pole/spreadsheets.py"
    ]


@pytest.mark.parametrize("text_of", [None, safe_cell])
def test_no_cell_is_a_formula(text_of):
    rows = [["=Nom", "n"], ["=1+1", 3], ["@SUM(A1)\x00", None]]
    content = xlsx_bytes(("[a/b]", rows), ("b", rows[:1]), **({"text_of": text_of} if text_of else {}))
    book = load_workbook(io.BytesIO(content))
    assert book.sheetnames == [" a b ", "b"]
    cells = [[(cell.value, cell.data_type) for cell in row] for row in book[" a b "].iter_rows()]
    mark = "'" if text_of else ""
    assert [row[0] for row in cells] == [(f"{mark}{text}", "s") for text in ("=Nom", "=1+1", "@SUM(A1)")]
    assert cells[1][1] == (3, "n")
    text = csv_bytes(rows).decode("utf-8-sig")
    assert [row[0] for row in csv.reader(io.StringIO(text, newline=""), delimiter=";")] == [
        *("'=Nom", "'=1+1", "'@SUM(A1)"),
    ]


@pytest.mark.parametrize("text", ["\n=1+1", "＝1+1", "＋1", "－1", "＠SUM(A1)"])
def test_wide_signs_and_empty_lines_begin_no_formula(text):
    assert safe_cell(text) == f"'{text}"
