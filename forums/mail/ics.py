"""One event as an iCalendar object (RFC 5545), published or sent to one person (RFC 5546). Pure: plain values in, bytes out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from urllib.parse import quote
from zoneinfo import ZoneInfo

FOLD_AFTER_BYTES = 75
TZID = "America/Toronto"
# The rules since 2007. A test compares them with those of the system for the years to come.
TIME_ZONE = (
    "BEGIN:VTIMEZONE",
    f"TZID:{TZID}",
    "BEGIN:DAYLIGHT",
    "DTSTART:20070311T020000",
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU",
    "TZOFFSETFROM:-0500",
    "TZOFFSETTO:-0400",
    "TZNAME:EDT",
    "END:DAYLIGHT",
    "BEGIN:STANDARD",
    "DTSTART:20071104T020000",
    "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU",
    "TZOFFSETFROM:-0400",
    "TZOFFSETTO:-0500",
    "TZNAME:EST",
    "END:STANDARD",
    "END:VTIMEZONE",
)


class Method(StrEnum):
    """What a calendar does with the event: copies it, puts it in or brings it up to date, takes it out."""

    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Reminder:
    """Shown so long before the event ends, or before it begins."""

    before: timedelta
    of_end: bool = False


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """`uid` never changes; `revision` rises at each change; moments are aware. Without hours, whole days."""

    uid: str
    revision: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    has_hours: bool
    title: str
    description: str
    location: str
    url: str
    language: str
    is_cancelled: bool
    organizer: Person
    reminders: tuple[Reminder, ...] = ()


def calendar_file(
    event: CalendarEvent, method: Method = Method.PUBLISH, attendee: Person | None = None
) -> bytes:
    """UTF-8, lines of at most 75 bytes ended by CR LF. `attendee`: whom it is sent to; nobody when it is published.

    Cancelling without `event.is_cancelled` takes this attendee out of an event that takes place: it then has no status.
    """
    return calendar_of([event], method, attendee)


def calendar_of(
    events: Sequence[CalendarEvent], method: Method = Method.PUBLISH, attendee: Person | None = None
) -> bytes:
    """As `calendar_file`, of several events."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Pole//Forums//FR",
        "CALSCALE:GREGORIAN",
        f"METHOD:{method}",
        *(TIME_ZONE if any(event.has_hours for event in events) else ()),
        *(line for event in events for line in _event(event, method, attendee)),
        "END:VCALENDAR",
    ]
    return b"".join(_folded(line) for line in lines)


def _event(event: CalendarEvent, method: Method, attendee: Person | None) -> list[str]:
    status = "CANCELLED" if event.is_cancelled else "" if method is Method.CANCEL else "CONFIRMED"
    return [
        "BEGIN:VEVENT",
        f"UID:{_escaped(event.uid)}",
        f"SEQUENCE:{event.revision}",
        f"DTSTAMP:{event.changed_at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        *_dates(event),
        f"SUMMARY;LANGUAGE={event.language}-CA:{_escaped(event.title)}",
        *([f"DESCRIPTION:{_escaped(event.description)}"] if event.description else []),
        *([f"LOCATION:{_escaped(event.location)}"] if event.location else []),
        f"URL:{event.url}",
        f"ORGANIZER;{_person(event.organizer)}",
        # Registered already: nothing to answer.
        *(
            [f"ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE;{_person(attendee)}"]
            if attendee
            else []
        ),
        *([f"STATUS:{status}"] if status else []),
        *(_alarms(event) if method is Method.PUBLISH and not event.is_cancelled else ()),
        "END:VEVENT",
    ]


def _dates(event: CalendarEvent) -> tuple[str, str]:
    zone = ZoneInfo(TZID)
    starts, ends = event.starts_at.astimezone(zone), event.ends_at.astimezone(zone)
    if event.has_hours:
        return (
            f"DTSTART;TZID={TZID}:{starts:%Y%m%dT%H%M%S}",
            f"DTEND;TZID={TZID}:{ends:%Y%m%dT%H%M%S}",
        )
    # The end of whole days is the day after the last.
    return (
        f"DTSTART;VALUE=DATE:{starts:%Y%m%d}",
        f"DTEND;VALUE=DATE:{ends.date() + timedelta(days=1):%Y%m%d}",
    )


def _alarms(event: CalendarEvent) -> list[str]:
    """§ 3.6.6. What is cancelled reminds nobody of anything."""
    lines: list[str] = []
    for reminder in event.reminders:
        related = ";RELATED=END" if reminder.of_end else ""
        minutes = int(reminder.before.total_seconds() // 60)
        lines += [
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            f"DESCRIPTION:{_escaped(event.title)}",
            f"TRIGGER{related}:-PT{minutes}M",
            "END:VALARM",
        ]
    return lines


def _person(person: Person) -> str:
    """A quoted parameter (§ 3.2), which may hold neither quotation marks nor line ends, and an address."""
    name = re.sub(r'[\x00-\x1f\x7f"]', " ", person.name).strip()
    return f'CN="{name}":mailto:{quote(person.email, safe="@!$*+-/=^_.~")}'


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
