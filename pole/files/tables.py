"""A spreadsheet as its rows of text, whatever program saved it.

Nothing of it is run or fetched; its size is known before it is unpacked.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from defusedxml.common import DefusedXmlException
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from openpyxl import load_workbook

from pole.files.uploads import MEBIBYTE, Upload, read_upload
from pole.text.plaintext import clean_paragraphs

MAX_BYTES = 10 * MEBIBYTE
MAX_ROWS = 20_000
# Rows with or without anything in them.
MAX_EMPTY_ROWS = 100_000
MAX_COLUMNS = 100
MAX_CELL_LENGTH = 20_000
MAX_UNPACKED_BYTES = 60 * MEBIBYTE
# Highest compression ratio of a real spreadsheet: beyond, it is a zip bomb.
MAX_RATIO = 150
MAX_PARTS = 300
DELIMITERS = (";", ",", "\t", "|")


@dataclass(frozen=True, slots=True)
class Table:
    """Every row has as many cells as the header."""

    header: list[str]
    rows: list[list[str]]
    # The number of each row in the file, as a spreadsheet program shows it.
    numbers: list[int]


def read_table(upload: Upload, *, max_rows: int = MAX_ROWS) -> Table:
    """The rows of a CSV or XLSX file, empty ones left out. Raises `ValidationError` that says why not."""
    return parse_table(read_upload(upload, max_bytes=MAX_BYTES), max_rows=max_rows)


def parse_table(content: bytes, *, max_rows: int = MAX_ROWS) -> Table:
    """As `read_table`, of the bytes of a file."""
    if content.startswith(b"PK"):
        rows = _xlsx_rows(content)
    elif content.startswith(b"\xd0\xcf\x11\xe0"):
        raise ValidationError(
            _("This is an old Excel file (.xls): save it as .xlsx or CSV, then send it again.")
        )
    else:
        rows = _csv_rows(_decoded(content))
    return _table(rows, max_rows)


def _table(raw: Iterable[list[str]], max_rows: int) -> Table:
    rows: list[list[str]] = []
    numbers: list[int] = []
    for number, row in _limit_rows(raw, max_rows):
        cells = [clean_paragraphs(cell[:MAX_CELL_LENGTH]) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > MAX_COLUMNS:
            raise ValidationError(
                _("More than %(limit)d columns: is this the right file?") % {"limit": MAX_COLUMNS}
            )
        if cells:
            rows.append(cells)
            numbers.append(number)
    if len(rows) < 2:
        raise ValidationError(
            _("A first row with the names of the columns, then at least one row, are needed."),
            code="table_empty",
        )
    header, *others = rows
    width = max(len(header), *(len(row) for row in others))
    header += [""] * (width - len(header))
    return Table(header, [row + [""] * (width - len(row)) for row in others], numbers[1:])


def _limit_rows(raw: Iterable[list[str]], max_rows: int) -> list[tuple[int, list[str]]]:
    """The rows that are not empty, numbered from 1. Raises `ValidationError` beyond the limits, before rows are cleaned."""
    found: list[tuple[int, list[str]]] = []
    for number, row in enumerate(raw, start=1):
        if any(cell and not cell.isspace() for cell in row):
            found.append((number, row))
        if len(found) > max_rows + 1 or number > MAX_EMPTY_ROWS:
            raise ValidationError(
                _("More than %(limit)s rows: cut the file in several.")
                % {"limit": f"{max_rows:,}".replace(",", "\u00a0")}
            )
    return found


# --- CSV ----------------------------------------------------------------------------------------


def _decoded(content: bytes) -> str:
    """UTF-8 with or without a mark, UTF-16 with one, else what Windows writes in French (cp1252)."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252", "latin-1"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text
    raise ValidationError(_("This file is neither a CSV file nor an XLSX file."))


def _csv_rows(text: str) -> Iterator[list[str]]:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    first, _newline, rest = text.partition("\n")
    if first.lower().startswith("sep=") and len(first.strip()) == 5:  # Excel's own hint
        text, delimiter = rest, first.strip()[4]
    else:
        delimiter = _delimiter(text)
    csv.field_size_limit(1_000_000)
    try:
        yield from csv.reader(io.StringIO(text), delimiter=delimiter, strict=False)
    except csv.Error as error:
        raise ValidationError(
            _("This CSV file can’t be read: a cell is never closed or is too long.")
        ) from error


def _delimiter(text: str) -> str:
    """The mark that cuts the header, and the rows after it, into the most equal parts."""
    sample = text[:20_000]

    def worth(delimiter: str) -> tuple[int, int]:
        widths = [len(row) for row in list(csv.reader(io.StringIO(sample), delimiter=delimiter))[:20] if row]
        if not widths or widths[0] < 2:
            return (0, 0)
        return (sum(width == widths[0] for width in widths) * 100 // len(widths), widths[0])

    try:
        return max(DELIMITERS, key=worth)
    except csv.Error:
        return ","


# --- XLSX ---------------------------------------------------------------------------------------


def _xlsx_rows(content: bytes) -> Iterator[list[str]]:
    refusal = ValidationError(
        _("This file is not a readable XLSX workbook: save it again, or save it as CSV.")
    )
    try:
        _check_archive(content)
        # defusedxml is installed: openpyxl then reads with it, and entities are refused.
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = book.active if book.active is not None else book.worksheets[0]
        # The size that a sheet declares may be false, and each row would be padded to it.
        sheet.reset_dimensions()
        for row in sheet.iter_rows(values_only=True):
            yield [_as_text(value) for value in row]
    except ValidationError:
        raise
    except DefusedXmlException as error:
        raise ValidationError(_("This workbook holds XML entities, which are refused.")) from error
    except Exception as error:  # openpyxl raises nearly anything on a damaged file
        raise refusal from error


def _check_archive(content: bytes) -> None:
    """Refuses a zip bomb by its declared sizes; zipfile never reads beyond them."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        unpacked = sum(part.file_size for part in parts)
        if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED_BYTES or unpacked > MAX_RATIO * len(content):
            raise ValidationError(_("This workbook would be far too large once unpacked: it is refused."))
        for part in parts:
            if part.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in archive.open(part).read(4096):
                raise ValidationError(_("This workbook holds XML entities, which are refused."))


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
