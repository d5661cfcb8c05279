"""CSV that opens right in a spreadsheet program, and in which no cell is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from django.http import HttpResponse, StreamingHttpResponse

# What a spreadsheet program takes for a formula, when a cell begins with it.
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(value: object) -> str:
    """The text of a cell, with an apostrophe before what a program would compute."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def as_csv(header: Sequence[str], rows: Iterable[Sequence[object]], *, file_name: str) -> HttpResponse:
    """UTF-8 with a mark, `;` between cells: what Excel in French opens with its accents and columns."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    response.write("\ufeff")
    writer = csv.writer(response, delimiter=";", lineterminator="\r\n")
    writer.writerow([safe_cell(each) for each in header])
    writer.writerows([safe_cell(each) for each in row] for row in rows)
    return response


def streamed_csv(
    header: Sequence[str], rows: Iterable[Sequence[object]], *, file_name: str
) -> StreamingHttpResponse:
    """As `as_csv`, row by row: for as many as there are."""

    def pieces() -> Iterator[str]:
        line = io.StringIO(newline="")
        writer = csv.writer(line, delimiter=";", lineterminator="\r\n")
        yield "\ufeff"
        writer.writerow([safe_cell(each) for each in header])
        for row in rows:
            writer.writerow([safe_cell(each) for each in row])
            if line.tell() > 16_000:
                yield line.getvalue()
                line.seek(0)
                line.truncate()
        yield line.getvalue()

    response = StreamingHttpResponse(pieces(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response
