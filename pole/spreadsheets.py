"""CSV and XLSX cells that open correctly in a French Excel, none of which is a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a spreadsheet program takes for a formula, when a cell begins with it.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# What XML, and so XLSX, can't hold.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def plain_cell(value: object) -> str:
    """The text of a value, "" for None, without the control characters that XML forbids."""
    return _FORBIDDEN.sub("", "" if value is None else str(value))


def safe_cell(value: object) -> str:
    """As `plain_cell`, with an apostrophe before what a spreadsheet program would take for a formula."""
    text = plain_cell(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def csv_line(row: Sequence[object]) -> str:
    """One line, with `;` between cells."""
    line = io.StringIO(newline="")
    csv.writer(line, delimiter=";", lineterminator="\r\n").writerow([safe_cell(each) for each in row])
    return line.getvalue()


def csv_bytes(rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with a byte order mark: what Excel in French opens with its accents and columns."""
    return "".join(map(csv_line, rows)).encode("utf-8-sig")
