"""Calendars of the portal, read by two programs that nobody here wrote: whatever is typed, at whatever hour."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from forums.mail.ics import Feed, Method, Person, Reminder, calendar_file, feed_file, published_file
from tests.forums.test_calendar import EVENT, MONTREAL

pytestmark = pytest.mark.any_hour("the moments are given")

FEED = Feed("Agenda – Pôle d’essai", "https://pole.example/agenda.ics", timedelta(hours=4))
# What people type and paste, line ends of every system too; the portal drops other control characters.
TYPED = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=200) | st.text(
    st.sampled_from(list("\\nN;,:\"'\r\n\t 🌱é’\u2028\u2029\u0085\u200f\ufeff^=")), max_size=120
)
MOMENTS = st.datetimes(datetime(2010, 1, 1), datetime(2060, 1, 1)).map(  # noqa: DTZ001 - the zone comes next
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
LENGTHS = st.timedeltas(timedelta(minutes=1), timedelta(days=40)).map(
    lambda length: timedelta(minutes=length // timedelta(minutes=1))
)


def kept(text):
    """What the portal keeps of it."""
    text = text.replace("\r\n", "\n")
    controls = {*range(32), *range(127, 160), 0xFEFF} - {ord("\n"), ord("\t")}
    return "".join(each for each in text if ord(each) not in controls)


def read_by_icalendar(content):
    return Calendar.from_ical(content).walk("VEVENT")


def read_by_vobject(content):
    [calendar] = vobject.readComponents(content.decode())
    return calendar.vevent_list


def lengths(content):
    return {len(line) for line in content.split(b"\r\n")}


@settings(deadline=None)
@given(title=TYPED, description=TYPED, place=TYPED, category=TYPED)
def test_any_text_is_read_as_it_was_typed(title, description, place, category):
    event = replace(EVENT, title=title, description=description, location=place, categories=(category, "x"))
    content = feed_file(FEED, [event, EVENT])
    assert max(lengths(content)) <= 75
    read = read_by_icalendar(content)
    assert len(read) == len(read_by_vobject(content)) == 2
    assert str(read[0]["SUMMARY"]) == kept(title)
    assert [str(each) for each in read[0]["CATEGORIES"].cats] == [kept(category), "x"]
    for name, typed in (("DESCRIPTION", description), ("LOCATION", place)):
        assert str(read[0].get(name, "")) == kept(typed) or not typed
    assert read_by_vobject(content)[0].summary.value == kept(title)
    assert (str(read[1]["SUMMARY"]), read_by_vobject(content)[1].summary.value) == (EVENT.title,) * 2


@settings(deadline=None)
@given(name=TYPED)
def test_no_name_breaks_the_line_of_a_person(name):
    content = calendar_file(EVENT, Method.REQUEST, Person(name, "lou@exemple.example"))
    for [event] in (read_by_icalendar(content),):
        assert str(event["ATTENDEE"]) == "mailto:lou@exemple.example"
        assert event["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
    [event] = read_by_vobject(content)
    assert event.attendee.value == "mailto:lou@exemple.example"


@settings(deadline=None)
@given(starts_at=MOMENTS, length=LENGTHS)
def test_each_moment_is_read_at_its_hour_on_the_wall(starts_at, length):
    ends_at = starts_at + length
    content = feed_file(FEED, [replace(EVENT, starts_at=starts_at, ends_at=ends_at)])
    for event in (*read_by_icalendar(content),):
        assert _wall(event["DTSTART"].dt, event["DTEND"].dt) == _wall(starts_at, ends_at)
    for event in read_by_vobject(content):
        assert _wall(event.dtstart.value, event.dtend.value) == _wall(starts_at, ends_at)


def _wall(*moments):
    return [moment.astimezone(MONTREAL).replace(tzinfo=None, fold=0) for moment in moments]


# The night when the hour goes from 2 to 3, and that when it goes back from 2 to 1.
@pytest.mark.parametrize("day", [date(2026, 3, 8), date(2026, 11, 1), date(2027, 3, 14), date(2027, 11, 7)])
def test_hours_around_a_change_of_hour_are_read_as_instants(day):
    morning = datetime(day.year, day.month, day.day, 9, 0, tzinfo=ZoneInfo("America/Toronto"))
    evening = morning - timedelta(hours=14)
    content = feed_file(FEED, [replace(EVENT, starts_at=evening, ends_at=morning)])
    [one], [other] = read_by_icalendar(content), read_by_vobject(content)
    assert (one["DTSTART"].dt.astimezone(UTC), one["DTEND"].dt.astimezone(UTC)) == (
        evening.astimezone(UTC),
        morning.astimezone(UTC),
    )
    assert (other.dtstart.value.astimezone(UTC), other.dtend.value.astimezone(UTC)) == (
        evening.astimezone(UTC),
        morning.astimezone(UTC),
    )


def test_days_without_hours_are_days_for_both():
    days = replace(
        EVENT,
        has_hours=False,
        starts_at=datetime(2026, 11, 7, tzinfo=MONTREAL),
        ends_at=datetime(2026, 11, 8, 23, 59, tzinfo=MONTREAL),
    )
    content = feed_file(FEED, [days])
    [one], [other] = read_by_icalendar(content), read_by_vobject(content)
    expected = (date(2026, 11, 7), date(2026, 11, 9))
    assert (one["DTSTART"].dt, one["DTEND"].dt) == expected
    assert (other.dtstart.value, other.dtend.value) == expected


def test_feed_says_its_name_and_how_often_to_look():
    calendar = Calendar.from_ical(feed_file(FEED, [EVENT]))
    for name in ("NAME", "X-WR-CALNAME"):
        assert str(calendar[name]) == FEED.name
    assert str(calendar["METHOD"]) == "PUBLISH"
    content = feed_file(FEED, [EVENT]).decode()
    assert "\r\nREFRESH-INTERVAL;VALUE=DURATION:PT4H\r\nX-PUBLISHED-TTL:PT4H\r\n" in content
    assert "\r\nX-WR-TIMEZONE:America/Toronto\r\n" in content
    assert "\r\nURL:https://pole.example/agenda.ics\r\n" in content


def test_empty_feed_is_still_a_calendar():
    """Outlook and Google refuse one that has no component (RFC 5545, § 3.6)."""
    content = feed_file(FEED, [])
    assert content.count(b"BEGIN:VTIMEZONE") == 1
    assert read_by_icalendar(content) == []
    [calendar] = vobject.readComponents(content.decode())
    assert "vevent" not in calendar.contents


def test_several_events_share_one_time_zone():
    content = published_file([EVENT, replace(EVENT, uid="forum-8@pole.example")])
    assert content.count(b"BEGIN:VTIMEZONE") == 1
    assert [str(event["UID"]) for event in read_by_icalendar(content)] == [
        "forum-7@pole.example",
        "forum-8@pole.example",
    ]


def test_reminder_is_read_where_it_was_set():
    alarms = (Reminder(timedelta(0)), Reminder(timedelta(hours=1), of_end=True))
    [event] = read_by_icalendar(calendar_file(replace(EVENT, reminders=alarms)))
    triggers = [alarm["TRIGGER"] for alarm in event.walk("VALARM")]
    assert [trigger.dt for trigger in triggers] == [timedelta(0), -timedelta(hours=1)]
    assert triggers[1].params["RELATED"] == "END"
