"""CSV and XLSX that open correctly in a French Excel, no cell of which is a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence

# What a spreadsheet program takes for a formula, when a cell begins with it.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# What XML, and so XLSX, can't hold.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def plain_cell(value: object) -> str:
    """The text of a value, "" for None, without the control characters that XML forbids."""
    return _FORBIDDEN.sub("", "" if value is None else str(value))


def safe_cell(value: object) -> str:
    """As `plain_cell`, with an apostrophe before what a spreadsheet program would take for a formula."""
    text = plain_cell(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


BYTE_ORDER_MARK = "\ufeff"


def csv_line(row: Sequence[object]) -> str:
    """`;` between cells, each safe."""
    line = io.StringIO(newline="")
    csv.writer(line, delimiter=";", lineterminator="\r\n").writerow([safe_cell(each) for each in row])
    return line.getvalue()


def csv_bytes(rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with a byte order mark, `;` between cells: what Excel in French opens with its accents and columns."""
    return "".join([BYTE_ORDER_MARK, *map(csv_line, rows)]).encode()


def column_width(heading: str) -> int:
    return min(46, max(14, len(heading) + 2))


def xlsx_bytes(
    *sheets: tuple[str, Iterable[Sequence[object]]],
    text_of: Callable[[object], str] = plain_cell,
    width_of: Callable[[str], int] = column_width,
    frozen: str = "A2",
) -> bytes:
    """Sheets of (title, rows), the first row in bold; integers are numbers, and anything else is text.

    With `safe_cell` as `text_of`, texts are those of the CSV. What is above and left of `frozen` does not scroll.
    """
    # It takes as long to load as the rest of the directory.
    from openpyxl import Workbook  # noqa: PLC0415
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    book, bold = Workbook(write_only=True), Font(bold=True)
    aligned = Alignment(vertical="top", wrap_text=True)
    for title, rows in sheets:
        sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31])
        sheet.freeze_panes = frozen
        for line, row in enumerate(rows):
            cells = []
            for column, value in enumerate(row, start=1):
                cell = WriteOnlyCell(sheet, value if isinstance(value, int) else text_of(value))
                # Never a formula, whatever it begins with.
                cell.data_type = "n" if isinstance(value, int) else "s"
                cell.alignment = aligned
                if line == 0:
                    cell.font = bold
                    sheet.column_dimensions[get_column_letter(column)].width = width_of(str(value))
                cells.append(cell)
            sheet.append(cells)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
