"""Events as an iCalendar object (RFC 5545), published, subscribed to (RFC 7986) or sent to one person (RFC 5546).

Pure: plain values in, bytes out. The library writes lines, folds them and quotes; what a calendar is told is decided here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

TZID = "America/Toronto"
# The rules since 2007. A test compares them with those of the system for the years to come.
TIME_ZONE = (
    "BEGIN:VTIMEZONE",
    f"TZID:{TZID}",
    "BEGIN:DAYLIGHT",
    "DTSTART:20070311T020000",
    "RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3",
    "TZOFFSETFROM:-0500",
    "TZOFFSETTO:-0400",
    "TZNAME:EDT",
    "END:DAYLIGHT",
    "BEGIN:STANDARD",
    "DTSTART:20071104T020000",
    "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11",
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
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """What a calendar that subscribes is told of the whole: how to name it, where it is, how often to look again."""

    name: str
    url: str
    refresh: timedelta


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


def _dates(event: CalendarEvent) -> tuple[Any, Any]:
    zone = ZoneInfo(TZID)
    starts, ends = event.starts_at.astimezone(zone), event.ends_at.astimezone(zone)
    if event.has_hours:
        return starts, ends
    # The end of whole days is the day after the last.
    return starts.date(), ends.date() + timedelta(days=1)


def _alarm(reminder: Reminder, title: str) -> Any:
    alarm = _icalendar().Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("DESCRIPTION", _text(title))
    alarm.add("TRIGGER", -reminder.before, parameters={"RELATED": "END"} if reminder.of_end else {})
    return alarm


def _person(person: Person, parameters: dict[str, str] | None = None) -> Any:
    """A quoted parameter (§ 3.2), which may hold neither quotation marks nor line ends, and an address."""
    address = _icalendar().vCalAddress(f"mailto:{quote(person.email, safe='@!$*+-/=^_.~')}")
    name = re.sub(r'[\x00-\x1f\x7f"]', " ", person.name).strip()
    for key, value in ((parameters or {}) | {"CN": name}).items():
        address.params[key] = value
    return address


def _text(value: str) -> Any:
    """A TEXT value (§ 3.3.11): no control character but line ends, no mark of the beginning of a file, and a backslash before
    an N stays one."""
    return _text_class()(re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff]", "", value.replace("\r\n", "\n")))


@cache
def _text_class() -> Any:
    class Text(_icalendar().vText):  # type: ignore[misc]  # the library comes late
        def to_ical(self) -> bytes:
            # The library's own makes a line end of `\N`, which people write in paths.
            return re.sub(r"([\\;,])", r"\\\1", str(self)).replace("\n", "\\n").encode()

    return Text
