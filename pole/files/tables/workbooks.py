"""Rows of an XLSX workbook, sheet by sheet, and what of it a person would want to be told.

openpyxl's own sheets that are read row by row say nothing of hidden rows, merged cells, or formulas without a result:
its parser does, which is what `Sheet` runs.
"""

from __future__ import annotations

import contextlib
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from defusedxml.common import DefusedXmlException
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.worksheet._reader import FORMULA_TAG, VALUE_TAG, WorkSheetParser

from pole.files.tables.other_kinds import save_as_xlsx
from pole.files.uploads import MEBIBYTE

MAX_UNPACKED_BYTES = 60 * MEBIBYTE
# Highest compression ratio of a real spreadsheet: beyond, it is a zip bomb.
MAX_RATIO = 150
MAX_PARTS = 300
MAX_SHEETS = 40

# By a part that only such an archive has.
_OTHER_ARCHIVES = {
    "content.xml": "OpenDocument (.ods)",
    "Index/Document.iwa": "Numbers (.numbers)",
    "xl/workbook.bin": "Excel (.xlsb)",
    "word/document.xml": "Word (.docx)",
    "ppt/presentation.xml": "PowerPoint (.pptx)",
}


class _Parser(WorkSheetParser):
    """Counts the formulas whose result was never stored: the program that wrote them did not compute."""

    formulas_without_value = 0

    def parse_cell(self, element: Any) -> dict[str, Any]:
        cell: dict[str, Any] = super().parse_cell(element)
        if (
            cell["value"] is None
            and element.find(FORMULA_TAG) is not None
            and not element.findtext(VALUE_TAG)
        ):
            self.formulas_without_value += 1
        return cell


class Sheet:
    """One sheet; `notes` is whole once every row was read."""

    def __init__(self, book: Any, sheet: Any) -> None:
        self.name: str = sheet.title
        self.is_hidden: bool = sheet.sheet_state != "visible"
        self._book, self._sheet = book, sheet
        self._parser: Any = None
        self._dates = 0

    def rows(self) -> Iterator[list[str]]:
        """Raises `ValidationError` when the sheet can't be read."""
        with _refusals(), self._sheet._get_source() as source:  # noqa: SLF001 - see above
            self._parser = self._parser_of(source)
            expected = 1
            for number, cells in self._parser.parse():
                # Rows without any cell are not written.
                for _missing in range(expected, number):
                    yield []
                expected = max(expected, number) + 1
                yield self._texts(cells)

    def _parser_of(self, source: Any) -> _Parser:
        book, sheet = self._book, self._sheet
        return _Parser(
            source, sheet._shared_strings, data_only=True, epoch=book.epoch,  # noqa: SLF001 - see above
            date_formats=book._date_formats, timedelta_formats=book._timedelta_formats,  # noqa: SLF001
        )  # fmt: skip

    def _texts(self, cells: list[dict[str, Any]]) -> list[str]:
        row: list[str] = []
        for cell in cells:
            row += [""] * (cell["column"] - len(row) - 1)
            self._dates += isinstance(cell["value"], (date, datetime))
            row.append(_as_text(cell["value"]))
        return row

    def fill_merged(self, rows: list[list[str]], numbers: list[int]) -> int:
        """Writes what a cell merged over several rows says in each of them; how many cells were filled."""
        filled, at_number = 0, dict(zip(numbers, rows, strict=True))
        for merged in getattr(self._parser.merged_cells, "mergeCell", ()) or ():
            column = merged.min_col - 1
            above = at_number.get(merged.min_row, [])
            if merged.max_row == merged.min_row or column >= len(above) or not above[column]:
                continue
            for number in range(merged.min_row + 1, merged.max_row + 1):
                row = at_number.get(number)
                if row is not None and column < len(row) and not row[column]:
                    row[column] = above[column]
                    filled += 1
        return filled

    def notes(self, numbers: list[int]) -> list[str]:
        """`numbers` are those of the rows that were kept."""
        parser, notes = self._parser, []
        hidden = {int(row) for row, attributes in parser.row_dimensions.items() if _is_hidden(attributes)}
        if found := sorted(hidden.intersection(numbers)):
            notes.append(
                _("Hidden rows, which are read too: %(rows)s.")
                % {"rows": _listed([str(row) for row in found])}
            )
        columns = sorted(
            column_index_from_string(name)
            for name, attributes in parser.column_dimensions.items()
            if _is_hidden(attributes)
        )
        if columns:
            notes.append(
                _("Hidden columns, which are read too: %(columns)s.")
                % {"columns": _listed([_column_name(each) for each in columns])}
            )
        if parser.formulas_without_value:
            notes.append(
                _(
                    "Formulas without a result, read as empty cells: %(count)d. Open the workbook in Excel or LibreOffice, save it, then send it again."
                )
                % {"count": parser.formulas_without_value}
            )
        if self._dates:
            notes.append(
                _(
                    "Cells that hold a date: %(count)d. Excel makes dates of numbers such as 1-4: check those columns."
                )
                % {"count": self._dates}
            )
        return notes


def _is_hidden(attributes: dict[str, str]) -> bool:
    return attributes.get("hidden", "0") in {"1", "true"}


def _column_name(index: int) -> str:
    return str(get_column_letter(index))


def _listed(names: list[str]) -> str:
    return ", ".join(names[:12]) + ("…" if len(names) > 12 else "")


def open_workbook(content: bytes) -> list[Sheet]:
    """Its sheets, in their order. Raises `ValidationError`."""
    with _refusals():
        _check_archive(content)
        # defusedxml is installed: openpyxl then reads with it, and entities are refused. Macros are never run.
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        return [Sheet(book, sheet) for sheet in book.worksheets[:MAX_SHEETS]]


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    """Says in words why a workbook can't be read."""
    try:
        yield
    except ValidationError:
        raise
    except DefusedXmlException as error:
        raise ValidationError(_("This workbook holds XML entities, which are refused.")) from error
    except Exception as error:  # openpyxl raises nearly anything on a damaged file
        message = _("This file is not a readable XLSX workbook: save it again, or save it as CSV.")
        raise ValidationError(message) from error


def _check_archive(content: bytes) -> None:
    """Refuses a zip bomb by its declared sizes; zipfile never reads beyond them."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        unpacked = sum(part.file_size for part in parts)
        if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED_BYTES or unpacked > MAX_RATIO * len(content):
            raise ValidationError(_("This workbook would be far too large once unpacked: it is refused."))
        for part in parts:
            if other := _OTHER_ARCHIVES.get(part.filename):
                raise save_as_xlsx(other)
            if part.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in archive.open(part).read(4096):
                raise ValidationError(_("This workbook holds XML entities, which are refused."))


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
