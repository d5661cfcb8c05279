"""Answers that a browser saves as a file, or shows as one."""

from __future__ import annotations

from pathlib import PurePath

from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

# Not from the system's own table, which differs from one machine to another.
_MEDIA_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".geojson": "application/geo+json",
    ".ics": "text/calendar; charset=utf-8",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".pdf": "application/pdf",
    ".py": "text/plain; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".zip": "application/zip",
}


def media_type(name: str) -> str:
    """What a file that the portal makes is, by the end of its name."""
    return _MEDIA_TYPES[PurePath(name).suffix]


def as_file[R: HttpResponseBase](response: R, name: str, *, kind: str = "", is_inline: bool = False) -> R:
    """`response`, whole or streamed, under this name; `kind` is its media type when the name does not tell it.

    Middleware adds `nosniff`, and `no-store` unless the page is public.
    """
    response.headers["Content-Type"] = kind or media_type(name)
    response.headers["Content-Disposition"] = content_disposition_header(not is_inline, name) or ""
    return response
