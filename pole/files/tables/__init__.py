"""A spreadsheet as its rows of text, whatever program saved it.

Nothing of it is run or fetched; its size is known before it is unpacked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from pole.files.tables import delimited, encodings, headers
from pole.files.tables.headers import IsKnown
from pole.files.tables.other_kinds import save_as_xlsx
from pole.files.uploads import MEBIBYTE, Upload, read_upload
from pole.text.plaintext import clean_paragraphs

if TYPE_CHECKING:
    from pole.files.tables import workbooks

MAX_BYTES = 10 * MEBIBYTE
MAX_ROWS = 20_000
# Rows with or without anything in them.
MAX_EMPTY_ROWS = 100_000
MAX_COLUMNS = 100
MAX_CELL_LENGTH = 20_000
# What is looked at of each sheet, to choose one.
_ROWS_OF_A_SAMPLE = 60


@dataclass(frozen=True, slots=True)
class Table:
    """Every row has as many cells as the header."""

    header: list[str]
    rows: list[list[str]]
    # The number of each row in the file, as a spreadsheet program shows it.
    numbers: list[int]
    # Of a workbook: the names of its sheets, and that of the one that was read.
    sheets: list[str] = field(default_factory=list)
    sheet: str = ""
    # What to say of the file: accents repaired, rows above the header, hidden rows…
    notes: list[str] = field(default_factory=list)


def read_table(
    upload: Upload, *, sheet: str = "", max_rows: int = MAX_ROWS, is_known: IsKnown | None = None
) -> Table:
    """The rows of a CSV or XLSX file, empty ones left out. Raises `ValidationError` that says why not.

    `sheet` is the name of one of a workbook's; without it, the one that most looks like a table is read. `is_known`
    tells the headings that the reader knows from other words: titles above them are then surely skipped.
    """
    content = read_upload(upload, max_bytes=MAX_BYTES)
    return parse_table(content, sheet=sheet, max_rows=max_rows, is_known=is_known)


def parse_table(
    content: bytes, *, sheet: str = "", max_rows: int = MAX_ROWS, is_known: IsKnown | None = None
) -> Table:
    """As `read_table`, of the bytes of a file."""
    if content.startswith(b"PK"):
        # With openpyxl, which takes as long to load as the rest of the directory.
        from pole.files.tables import workbooks  # noqa: PLC0415

        return _workbook_table(workbooks.open_workbook(content), sheet, max_rows, is_known)
    _check_kind(content)
    text, note = encodings.decode(content)
    rows, numbers = _kept_rows(delimited.rows_of(text), max_rows)
    return _table(rows, numbers, is_known, notes=[note] if note else [])


def _check_kind(content: bytes) -> None:
    """Refuses, by its first bytes, what is often taken for a spreadsheet."""
    head = content[:2_000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in content:
            message = _("This workbook is protected by a password: save it without one, then send it again.")
            raise ValidationError(message, code="table_locked")
        raise ValidationError(
            _("This is an old Excel file (.xls): save it as .xlsx or CSV, then send it again.")
        )
    if head.startswith(b"%pdf-"):
        raise save_as_xlsx("PDF")
    if re.match(rb"<(?:!doctype html|html|table|\?xml)", head):
        raise save_as_xlsx("HTML, XML")


def _workbook_table(
    sheets: list[workbooks.Sheet], wanted: str, max_rows: int, is_known: IsKnown | None
) -> Table:
    chosen = _chosen_sheet(sheets, wanted, is_known)
    rows, numbers = _kept_rows(chosen.rows(), max_rows)
    notes = _notes_on_sheets(sheets, chosen)
    # Before the width of rows is cut to their last cell.
    width = max((len(row) for row in rows), default=0)
    rows = [row + [""] * (width - len(row)) for row in rows]
    if filled := chosen.fill_merged(rows, numbers):
        message = _("Cells merged over several rows, read in each of them: %(count)d.")
        notes.append(message % {"count": filled})
    return _table(
        rows, numbers, is_known, notes=notes + chosen.notes(numbers),
        sheets=[each.name for each in sheets], sheet=chosen.name,
    )  # fmt: skip


def _chosen_sheet(sheets: list[workbooks.Sheet], wanted: str, is_known: IsKnown | None) -> workbooks.Sheet:
    """The one of this name, else the visible one with most known headings, then with most cells filled in its first rows."""
    for sheet in sheets:
        if sheet.name == wanted:
            return sheet
    shown = [each for each in sheets if not each.is_hidden] or sheets
    if not shown:
        raise _too_empty()
    if len(shown) == 1:
        return shown[0]

    def worth(sheet: workbooks.Sheet) -> tuple[int, int]:
        sample = [
            [clean_paragraphs(cell[:MAX_CELL_LENGTH]) for cell in row[:MAX_COLUMNS]]
            for row, _number in zip(sheet.rows(), range(_ROWS_OF_A_SAMPLE), strict=False)
        ]
        known = headers.known_headings(sample, is_known) if is_known else 0
        return known, sum(1 for row in sample for cell in row if cell)

    return max(shown, key=worth)


def _notes_on_sheets(sheets: list[workbooks.Sheet], chosen: workbooks.Sheet) -> list[str]:
    notes = []
    if len(sheets) > 1:
        others = ", ".join(each.name for each in sheets if each is not chosen)
        message = _("The sheet “%(name)s” is read, and not: %(others)s.")
        notes.append(message % {"name": chosen.name, "others": others[:200]})
    if hidden := [each.name for each in sheets if each.is_hidden]:
        notes.append(_("Hidden sheets: %(names)s.") % {"names": ", ".join(hidden)[:200]})
    return notes


def _kept_rows(raw: Iterable[list[str]], max_rows: int) -> tuple[list[list[str]], list[int]]:
    """The rows that are not empty, cleaned, and their numbers."""
    rows: list[list[str]] = []
    numbers: list[int] = []
    for number, row in _limit_rows(raw, max_rows):
        cells = [cell[:MAX_CELL_LENGTH] for cell in row]
        while cells and not cells[-1].strip():
            cells.pop()
        if len(cells) > MAX_COLUMNS:
            raise ValidationError(
                _("More than %(limit)d columns: is this the right file?") % {"limit": MAX_COLUMNS}
            )
        rows.append(cells)
        numbers.append(number)
    return rows, numbers


def _table(
    rows: list[list[str]],
    numbers: list[int],
    is_known: IsKnown | None,
    *,
    notes: list[str],
    sheets: list[str] | None = None,
    sheet: str = "",
) -> Table:
    notes = [*notes, *encodings.repair(rows)]
    cleaned = [[clean_paragraphs(cell) for cell in row] for row in rows]
    kept = [(row, number) for row, number in zip(cleaned, numbers, strict=True) if any(row)]
    rows, numbers = [row for row, _number in kept], [number for _row, number in kept]
    if len(rows) < 2:
        raise _too_empty()
    at = headers.find_header(rows, is_known)
    if at:
        message = _("The columns are named on row %(row)d; what is above it is not read: “%(text)s”.")
        above = " ".join(cell for row in rows[:at] for cell in row if cell)
        notes.append(message % {"row": numbers[at], "text": above[:80]})
    header, body, numbers = rows[at], rows[at + 1 :], numbers[at + 1 :]
    body, numbers = _without_repetitions(header, body, numbers, notes)
    if not body:
        raise _too_empty()
    width = max(len(header), *(len(row) for row in body))
    header = header + [""] * (width - len(header))
    if twice := headers.repeated(header):
        message = _("Several columns have one name: %(names)s.")
        notes.append(message % {"names": ", ".join(twice)[:200]})
    body = [row + [""] * (width - len(row)) for row in body]
    return Table(header, body, numbers, sheets or [], sheet, notes)


def _too_empty() -> ValidationError:
    return ValidationError(
        _("A first row with the names of the columns, then at least one row, are needed."),
        code="table_empty",
    )


def _without_repetitions(
    header: list[str], rows: list[list[str]], numbers: list[int], notes: list[str]
) -> tuple[list[list[str]], list[int]]:
    """Without the headings printed again, nor totals and notes at the end; `notes` says which."""
    end = len(rows) - headers.count_footer(rows, len(header))
    if end < len(rows):
        text = " ".join(cell for row in rows[end:] for cell in row if cell)
        message = _("The last rows are a total or a note, and are not read: “%(text)s”.")
        notes.append(message % {"text": text[:80]})
    again = {at for at, row in enumerate(rows[:end]) if headers.is_header_again(row, header)}
    if again:
        message = _("The names of the columns come again, and are not read as data: rows %(rows)s.")
        notes.append(message % {"rows": ", ".join(str(numbers[at]) for at in sorted(again)[:12])})
    kept = [at for at in range(end) if at not in again]
    return [rows[at] for at in kept], [numbers[at] for at in kept]


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
