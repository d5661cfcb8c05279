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
    calendar = _calendar(method)
    if event.has_hours:
        calendar.add_component(_time_zone())
    calendar.add_component(_event(event, method, attendee))
    return _written(calendar)


def published_file(events: Sequence[CalendarEvent]) -> bytes:
    """Several events that people copy into their calendars: the sessions of one activity."""
    calendar = _calendar(Method.PUBLISH)
    if any(event.has_hours for event in events):
        calendar.add_component(_time_zone())
    for event in events:
        calendar.add_component(_event(event, Method.PUBLISH))
    return _written(calendar)


def feed_file(feed: Feed, events: Sequence[CalendarEvent]) -> bytes:
    """What programs fetch again and again. Empty, it still has a component, as § 3.6 wants: the time zone."""
    calendar = _calendar(Method.PUBLISH)
    # Two names for each: those of RFC 7986, and those that Outlook and Apple read.
    for name in ("NAME", "X-WR-CALNAME"):
        calendar.add(name, _text(feed.name))
    calendar.add("X-WR-TIMEZONE", _text(TZID))
    calendar.add("URL", feed.url)
    calendar.add("REFRESH-INTERVAL", _icalendar().vDuration(feed.refresh), parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", _icalendar().vDuration(feed.refresh))
    calendar.add_component(_time_zone())
    for event in events:
        component = _event(event, Method.PUBLISH)
        component.add("LAST-MODIFIED", event.changed_at.astimezone(UTC))
        # Whoever reads what takes place in the region is not busy all that time.
        component.add("TRANSP", "TRANSPARENT")
        calendar.add_component(component)
    return _written(calendar)


@cache
def _icalendar() -> Any:
    """A calendar alone needs the library, not each process as it starts."""
    import icalendar  # noqa: PLC0415

    return icalendar


def _written(calendar: Any) -> bytes:
    """In the order in which it was told: a calendar reads any, people read this one."""
    return bytes(calendar.to_ical(sorted=False))


def _calendar(method: Method) -> Any:
    calendar = _icalendar().Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", "-//Pole//Forums//FR")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", method.value)
    return calendar


@cache
def _time_zone() -> Any:
    return _icalendar().Timezone.from_ical("\r\n".join(TIME_ZONE))


def _event(event: CalendarEvent, method: Method, attendee: Person | None = None) -> Any:
    component = _icalendar().Event()
    component.add("UID", _text(event.uid))
    component.add("SEQUENCE", event.revision)
    component.add("DTSTAMP", event.changed_at.astimezone(UTC))
    starts, ends = _dates(event)
    component.add("DTSTART", starts)
    component.add("DTEND", ends)
    component.add("SUMMARY", _text(event.title), parameters={"LANGUAGE": f"{event.language}-CA"})
    for name, value in (("DESCRIPTION", event.description), ("LOCATION", event.location)):
        if value:
            component.add(name, _text(value))
    component.add("URL", event.url)
    if event.categories:
        component.add("CATEGORIES", [_text(category) for category in event.categories])
    component.add("ORGANIZER", _person(event.organizer))
    if attendee:
        # Registered already: nothing to answer.
        registered = {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "ACCEPTED", "RSVP": "FALSE"}
        component.add("ATTENDEE", _person(attendee, registered))
    status = "CANCELLED" if event.is_cancelled else "" if method is Method.CANCEL else "CONFIRMED"
    if status:
        component.add("STATUS", status)
    # § 3.6.6. What is cancelled reminds nobody of anything.
    if method is Method.PUBLISH and not event.is_cancelled:
        for reminder in event.reminders:
            component.add_component(_alarm(reminder, event.title))
    return component


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
