"""One event as an iCalendar file (RFC 5545). Pure: plain values in, bytes out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

FOLD_AFTER_BYTES = 75


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """`uid` never changes; `revision` rises at each change; moments are aware."""

    uid: str
    revision: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    title: str
    description: str
    location: str
    url: str
    language: str
    is_cancelled: bool


def calendar_file(event: CalendarEvent) -> bytes:
    """UTF-8, lines of at most 75 bytes ended by CR LF, moments in UTC."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Pole//Forums//FR",
        "CALSCALE:GREGORIAN",
        "BEGIN:VEVENT",
        f"UID:{_escaped(event.uid)}",
        f"SEQUENCE:{event.revision}",
        f"DTSTAMP:{_utc(event.changed_at)}",
        f"DTSTART:{_utc(event.starts_at)}",
        f"DTEND:{_utc(event.ends_at)}",
        f"SUMMARY;LANGUAGE={event.language}-CA:{_escaped(event.title)}",
        *([f"DESCRIPTION:{_escaped(event.description)}"] if event.description else []),
        *([f"LOCATION:{_escaped(event.location)}"] if event.location else []),
        f"URL:{event.url}",
        f"STATUS:{'CANCELLED' if event.is_cancelled else 'CONFIRMED'}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return b"".join(_folded(line) for line in lines)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(value: str) -> str:
    """A TEXT value (§ 3.3.11): no control character but the escaped line end."""
    escaped = re.sub(r"([\\;,])", r"\\\1", value.replace("\r\n", "\n"))
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", escaped.replace("\n", "\\n"))


def _folded(line: str) -> bytes:
    """The line cut between characters, each continuation after CR LF and a space (§ 3.1)."""
    pieces: list[bytes] = []
    piece = b""
    for character in line:
        encoded = character.encode()
        # A continuation begins with a space, which counts.
        if len(piece) + len(encoded) > FOLD_AFTER_BYTES - (1 if pieces else 0):
            pieces.append(piece)
            piece = b""
        piece += encoded
    return b"\r\n ".join([*pieces, piece]) + b"\r\n"
