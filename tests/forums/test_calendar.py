"""The iCalendar file, against RFC 5545."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forums.event.ics import CalendarEvent, calendar_file
from tests.factories import ForumFactory

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
)


def unfolded(file: bytes) -> list[str]:
    assert file.endswith(b"\r\n")
    text = file.decode().replace("\r\n ", "")
    assert "\n" not in text.replace("\r\n", "")
    return text.removesuffix("\r\n").split("\r\n")


def value(file: bytes, name: str) -> str:
    [line] = [line for line in unfolded(file) if re.match(rf"{name}[;:]", line)]
    return line.split(":", 1)[1]


def unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], text)


def test_file_is_one_event_in_one_calendar():
    assert unfolded(calendar_file(EVENT)) == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Pole//Forums//FR",
        "CALSCALE:GREGORIAN",
        "BEGIN:VEVENT",
        "UID:forum-7@pole.example",
        "SEQUENCE:3",
        "DTSTAMP:20260901T120005Z",
        "DTSTART:20261107T140000Z",
        "DTEND:20261107T213000Z",
        "SUMMARY;LANGUAGE=fr-CA:Forum régional",
        "DESCRIPTION:Une journée\\; un vote.",
        "LOCATION:Manoir d’Youville\\, Châteauguay",
        "URL:https://pole.example/forums/forum-regional/",
        "STATUS:CONFIRMED",
        "END:VEVENT",
        "END:VCALENDAR",
    ]


def test_summer_time_is_one_hour_nearer_to_utc():
    summer = replace(EVENT, starts_at=datetime(2026, 7, 7, 9, 0, tzinfo=MONTREAL))
    assert value(calendar_file(summer), "DTSTART") == "20260707T130000Z"


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


def test_line_of_75_bytes_is_not_folded():
    file = calendar_file(replace(EVENT, location="x" * (75 - len("LOCATION:"))))
    assert b"LOCATION:" + b"x" * 66 + b"\r\n" in file


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
