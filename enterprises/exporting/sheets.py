"""XLSX in which every cell is text: nothing is computed."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence

from django.http import HttpResponse
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from pole.spreadsheets import XLSX, plain_cell

_WIDEST = 46


def as_xlsx(
    header: Sequence[str], rows: Iterable[Sequence[object]], *, title: str, file_name: str
) -> HttpResponse:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31])
    sheet.freeze_panes = "A2"
    for at, name in enumerate(header, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = min(_WIDEST, max(14, len(name) + 2))
    sheet.append([_cell(sheet, name, bold=True) for name in header])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    content = io.BytesIO()
    book.save(content)
    response = HttpResponse(content.getvalue(), content_type=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response


def _cell(sheet: object, value: object, *, bold: bool = False) -> Cell:
    cell: Cell = WriteOnlyCell(sheet, plain_cell(value))  # type: ignore[arg-type]  # a write-only sheet
    # Whatever it begins with, it is a text.
    cell.data_type = "s"
    cell.alignment = Alignment(vertical="top", wrap_text=True)
    if bold:
        cell.font = Font(bold=True)
    return cell
