"""CSV answers: whole, or row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.http import HttpResponse, StreamingHttpResponse

from pole.spreadsheets import csv_bytes, csv_line


def as_csv(header: Sequence[str], rows: Iterable[Sequence[object]], *, file_name: str) -> HttpResponse:
    response = HttpResponse(csv_bytes([header, *rows]), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response


def streamed_csv(
    header: Sequence[str], rows: Iterable[Sequence[object]], *, file_name: str
) -> StreamingHttpResponse:
    """As `as_csv`, some 16 kB at a time: for as many rows as there are."""

    def pieces() -> Iterator[str]:
        waiting = "\ufeff" + csv_line(header)
        for row in rows:
            waiting += csv_line(row)
            if len(waiting) > 16_000:
                yield waiting
                waiting = ""
        yield waiting

    response = StreamingHttpResponse(pieces(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response
