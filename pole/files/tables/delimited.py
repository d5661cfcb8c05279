"""Rows of a text whose cells are set apart by a mark: CSV as Excel, LibreOffice or a program writes it."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

DELIMITERS = (";", ",", "\t", "|")
_SAMPLE = 20_000
# Widest cell that is read at all; the table cuts them shorter.
_MAX_CELL = 1_000_000
# Fewest columns for a line inside a cell to be known as a row that the cell swallowed.
_TELLING_WIDTH = 3


def rows_of(text: str) -> Iterator[list[str]]:
    """Raises `ValidationError`, naming the line, when a quotation mark opens a cell that nothing closes."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    first, _newline, rest = text.partition("\n")
    hint = re.fullmatch(r"sep=(.)[\s;,]*", first.strip('"'), re.IGNORECASE)  # Excel's own
    if hint:
        text, delimiter = rest, hint[1]
    else:
        delimiter = guess_delimiter(text)
    csv.field_size_limit(_MAX_CELL)
    reader, line, width = csv.reader(io.StringIO(text), delimiter=delimiter, strict=False), 0, 0
    try:
        for row in reader:
            width = width or (len(row) if len(row) >= _TELLING_WIDTH else 0)
            if reader.line_num > line + 1 and _swallowed_rows(row, delimiter, width):
                raise _never_closed(line + 1 + bool(hint))
            line = reader.line_num
            yield row
    except csv.Error as error:
        raise _never_closed(line + 1 + bool(hint)) from error
    if opened := _line_left_open(text, delimiter):
        raise _never_closed(opened + bool(hint))


def _never_closed(line: int) -> ValidationError:
    message = _(
        'Line %(line)d of this file: a quotation mark (") opens a cell and is never closed, so the rows after it would be read as one cell. Correct that line, or save the file as .xlsx, then send it again.'
    )
    return ValidationError(message % {"line": line}, code="quote_not_closed")


def _swallowed_rows(row: list[str], delimiter: str, width: int) -> bool:
    """Whether a cell holds the rest of its own row, in a row that is not whole, or other lines that are whole rows."""
    for at, cell in enumerate(row):
        first, *others = cell.split("\n")
        if not width or not others:
            continue
        rest = first.count(delimiter)
        if rest and len(row) != width and at + rest == width - 1:
            return True
        if any(line.count(delimiter) == width - 1 for line in others):
            return True
    return False


def _line_left_open(text: str, delimiter: str) -> int:
    """The line whose cell the end of the text leaves open, or 0. The reader says nothing of it."""
    quotes = re.compile(rf'(?:(?<=\n)|(?<={re.escape(delimiter)})|\A)"(?:[^"]|"")*+(?P<end>"?)')
    at = 0
    while found := quotes.search(text, at):
        if not found["end"]:
            return text.count("\n", 0, found.start()) + 1
        at = found.end()
    return 0


def guess_delimiter(text: str) -> str:
    """The mark that cuts most rows into as many parts; lines above the header, which it does not cut, count little."""
    sample = text[:_SAMPLE]

    def worth(delimiter: str) -> tuple[int, int]:
        reader = csv.reader(io.StringIO(sample), delimiter=delimiter)
        widths = Counter(len(row) for row in list(reader)[:60] if row)
        if not widths:
            return (0, 0)
        width, rows = max(widths.items(), key=lambda item: (item[1] if item[0] > 1 else 0, item[0]))
        return (rows * 100 // widths.total(), width) if width > 1 else (0, 0)

    try:
        return max(DELIMITERS, key=worth)
    except csv.Error:
        return ","
