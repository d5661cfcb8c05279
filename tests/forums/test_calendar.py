"""Calendars: the iCalendar file, against RFC 5545, and what mails tell a calendar, against RFC 5546."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from forums.mail.ics import TIME_ZONE, TZID, CalendarEvent, Method, Person, calendar_file
from forums.mail.notices import render_notice
from forums.models import NoticeKind
from tests.factories import ForumFactory, RegistrationFactory
from tests.forums.registering import open_forum, run_jobs
from tests.moments import as_typed, at_nine

MONTREAL = ZoneInfo("America/Toronto")
EVENT = CalendarEvent(
    uid="forum-7@pole.example",
    revision=3,
    changed_at=datetime(2026, 9, 1, 12, 0, 5, tzinfo=UTC),
    starts_at=datetime(2026, 11, 7, 9, 0, tzinfo=MONTREAL),
    ends_at=datetime(2026, 11, 7, 16, 30, tzinfo=MONTREAL),
    title="Forum régional",
    description="Une journée; un vote.",
    location="Manoir d’Youville, Châteauguay",
    url="https://pole.example/forums/forum-regional/",
    language="fr",
    is_cancelled=False,
    has_hours=True,
    organizer=Person("Pôle d’essai", "portail@pole.example"),
)


def unfolded(file: bytes) -> list[str]:
    assert file.endswith(b"\r\n")
    text = file.decode().replace("\r\n ", "")
    assert "\n" not in text.replace("\r\n", "")
    return text.removesuffix("\r\n").split("\r\n")


def value(file: bytes, name: str) -> str:
    event = [line for line in unfolded(file) if line not in TIME_ZONE]
    [line] = [line for line in event if re.match(rf"{name}[;:]", line)]
    return line.split(":", 1)[1]


def unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], text)


def test_file_is_one_event_in_one_calendar():
    assert unfolded(calendar_file(EVENT)) == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Pole//Forums//FR",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        *TIME_ZONE,
        "BEGIN:VEVENT",
        "UID:forum-7@pole.example",
        "SEQUENCE:3",
        "DTSTAMP:20260901T120005Z",
        "DTSTART;TZID=America/Toronto:20261107T090000",
        "DTEND;TZID=America/Toronto:20261107T163000",
        "SUMMARY;LANGUAGE=fr-CA:Forum régional",
        "DESCRIPTION:Une journée\\; un vote.",
        "LOCATION:Manoir d’Youville\\, Châteauguay",
        "URL:https://pole.example/forums/forum-regional/",
        'ORGANIZER;CN="Pôle d’essai":mailto:portail@pole.example',
        "STATUS:CONFIRMED",
        "END:VEVENT",
        "END:VCALENDAR",
    ]


@pytest.mark.parametrize("day", [datetime(2026, 7, 7, 13, tzinfo=UTC), datetime(2026, 12, 7, 14, tzinfo=UTC)])
def test_hours_are_those_of_the_wall(day):
    assert value(calendar_file(replace(EVENT, starts_at=day)), "DTSTART").endswith("T090000")


def test_days_without_hours_are_whole():
    days = replace(
        EVENT,
        has_hours=False,
        starts_at=datetime(2023, 11, 7, tzinfo=MONTREAL),
        ends_at=datetime(2023, 11, 8, 23, 59, tzinfo=MONTREAL),
    )
    lines = unfolded(calendar_file(days))
    assert "DTSTART;VALUE=DATE:20231107" in lines
    assert "DTEND;VALUE=DATE:20231109" in lines
    assert "BEGIN:VTIMEZONE" not in lines


def nth_sunday(year, month, nth):
    first = datetime(year, month, 1, 2, tzinfo=UTC)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (nth - 1))


def test_rules_of_the_time_zone_are_those_of_the_system(settings):
    """If a law changes them, this fails, and the rules of the file are to change too."""
    assert settings.TIME_ZONE == TZID
    assert "RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3" in TIME_ZONE
    assert "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11" in TIME_ZONE
    for year in range(2008, datetime.now(UTC).year + 10):
        for month, nth, before, after in ((3, 2, -5, -4), (11, 1, -4, -5)):
            change = nth_sunday(year, month, nth) - timedelta(hours=before)
            moments = (change - timedelta(seconds=1), change)
            offsets = [moment.astimezone(MONTREAL).utcoffset() for moment in moments]
            assert offsets == [timedelta(hours=before), timedelta(hours=after)]


def test_person_taken_out_of_an_event_that_takes_place_does_not_cancel_it():
    lines = unfolded(calendar_file(EVENT, Method.CANCEL, Person('Lou "x"\r\nY', "lou+a%b@exemple.example")))
    assert "METHOD:CANCEL" in lines
    assert not [line for line in lines if line.startswith("STATUS")]
    [attendee] = [line for line in lines if line.startswith("ATTENDEE")]
    assert attendee.endswith(';CN="Lou  x   Y":mailto:lou+a%25b@exemple.example')


def test_cancelled_event_says_so():
    assert value(calendar_file(replace(EVENT, is_cancelled=True)), "STATUS") == "CANCELLED"


def test_empty_place_and_description_are_left_out():
    bare = calendar_file(replace(EVENT, location="", description=""))
    assert not re.search(rb"^(LOCATION|DESCRIPTION)", bare, re.MULTILINE)


@pytest.mark.parametrize("character", ["x", "é", "’", "🌱"])
@pytest.mark.parametrize("length", [66, 67, 68, 140, 141, 142, 400])
def test_long_lines_are_folded_between_characters(character, length):
    file = calendar_file(replace(EVENT, location=character * length))
    assert max(len(line) for line in file.split(b"\r\n")) <= 75
    assert value(file, "LOCATION") == character * length


def test_line_of_74_bytes_is_not_folded():
    """The library folds one byte before it must."""
    file = calendar_file(replace(EVENT, location="x" * (74 - len("LOCATION:"))))
    assert b"LOCATION:" + b"x" * 65 + b"\r\n" in file


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.just("\n"), max_size=300))
def test_any_text_comes_back(text):
    file = calendar_file(replace(EVENT, title=text))
    assert unescaped(value(file, "SUMMARY")) == text
    assert max(len(line) for line in file.split(b"\r\n")) <= 75


def test_no_text_can_add_a_line_to_the_file():
    file = calendar_file(replace(EVENT, title="Forum\r\nATTENDEE:mailto:x@y.example\x00\x0b"))
    assert value(file, "SUMMARY") == "Forum\\nATTENDEE:mailto:x@y.example"


def test_address_answers_a_calendar(client, db):
    forum = ForumFactory(title="Forum, été", venue="La Grange")
    response = client.get(f"/forums/{forum.slug}/programme.ics")
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{forum.slug}.ics"'
    assert value(response.content, "SUMMARY") == "Forum\\, été"
    assert value(response.content, "UID") == f"forum-{forum.pk}@localhost"
    assert value(response.content, "URL") == f"http://localhost:8000/forums/{forum.slug}/"


def test_draft_has_no_calendar(client, db):
    forum = ForumFactory(announced_at=None)
    assert client.get(f"/forums/{forum.slug}/programme.ics").status_code == 404


# --- In mails ------------------------------------------------------------------------------------------------


def parts(message):
    """The types and texts of the alternatives of a message as it is sent."""
    whole = message.message()
    assert whole.get_content_type() == "multipart/alternative"
    return [
        (part.get_content_type(), part["Content-Type"].params, part.get_content())
        for part in whole.iter_parts()
    ]


def calendar_of(message):
    """The iCalendar object of a mail, whose method its type repeats."""
    kinds = [kind for kind, _params, _text in parts(message)]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    _kind, params, text = parts(message)[-1]
    file = text.replace("\r\n", "\n").replace("\n", "\r\n").encode()
    assert (params["charset"], params["method"]) == ("utf-8", value(file, "METHOD"))
    return file


def said(file):
    return value(file, "METHOD"), value(file, "SEQUENCE"), value(file, "STATUS"), value(file, "UID")


def test_calendar_of_who_registered_follows_the_forum(client, staff_client, db, settings):
    settings.DEFAULT_FROM_EMAIL = "Portail <portail@pole.example>"
    forum = open_forum(capacity=1)
    lou, waiting = (
        RegistrationFactory(forum=forum, checked_in_at=None, **changes)
        for changes in (
            {"name": "Lou Roy", "email": "lou@exemple.example"},
            {"state": "waitlisted", "waitlisted_at": timezone.now()},
        )
    )
    uid = f"forum-{forum.pk}@localhost"
    assert said(client.get(f"{forum.get_absolute_url()}programme.ics").content) == (
        "PUBLISH",
        "0",
        "CONFIRMED",
        uid,
    )
    confirmation = calendar_of(render_notice(lou, NoticeKind.CONFIRMATION))
    assert said(confirmation) == ("REQUEST", "0", "CONFIRMED", uid)
    later = at_nine(days=60)
    dates = {"starts_at": as_typed(later), "ends_at": as_typed(later + timedelta(hours=6))}
    assert staff_client.post(f"/gestion/forums/{forum.slug}/report/", dates).status_code == 302
    run_jobs()
    moved = {message.to[0]: message for message in mail.outbox}
    assert set(moved) == {lou.email, waiting.email}
    file = calendar_of(moved[lou.email])
    assert said(file) == ("REQUEST", "1", "CONFIRMED", uid)
    assert value(file, "DTSTART") == f"{timezone.localtime(later):%Y%m%dT090000}"
    assert (
        'ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE;CN="Lou Roy":mailto:lou@exemple.example'
        in unfolded(file)
    )
    assert value(file, "ORGANIZER") == "mailto:portail@pole.example"
    # Whoever waits for a place has nothing to put in a calendar.
    assert [kind for kind, _params, _text in parts(moved[waiting.email])] == ["text/plain", "text/html"]
    mail.outbox.clear()
    staff_client.post(f"/gestion/forums/{forum.slug}/annulation/")
    run_jobs()
    for message in mail.outbox:
        assert said(calendar_of(message)) == ("CANCEL", "2", "CANCELLED", uid)
    assert {message.to[0] for message in mail.outbox} == {lou.email, waiting.email}


@pytest.mark.parametrize("kind", NoticeKind)
def test_each_mail_says_to_the_calendar_what_it_says_to_the_person(db, kind):
    person = RegistrationFactory(checked_in_at=None)
    alternatives = render_notice(person, kind, link="https://pole.example/ici/").alternatives[1:]
    methods = [re.search(r"METHOD:(\w+)", str(alternative.content))[1] for alternative in alternatives]
    request, cancel = ["REQUEST"], ["CANCEL"]
    expected = {
        "confirmation": request, "promotion": request, "reminder": request, "postponed": request,
        "restored": request, "cancelled": cancel, "called_off": cancel,
    }  # fmt: skip
    assert methods == expected.get(kind.value, [])


@pytest.mark.parametrize(
    ("address", "parts_of_calendar"), [("couple@exemple.example", 0), ("autre@exemple.example", 1)]
)
def test_event_stays_in_the_calendar_of_a_couple_while_one_of_them_goes(db, address, parts_of_calendar):
    forum = open_forum()
    gone = RegistrationFactory(
        forum=forum, email="couple@exemple.example", state="cancelled", checked_in_at=None
    )
    RegistrationFactory(forum=forum, email=address)
    RegistrationFactory(email="couple@exemple.example")
    assert len(render_notice(gone, NoticeKind.CANCELLED).alternatives) == 1 + parts_of_calendar
