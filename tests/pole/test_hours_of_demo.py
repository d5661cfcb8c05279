"""The demonstration is plausible at every hour and day of a week at which it may be written."""

from __future__ import annotations

import tomllib
from datetime import datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from forums.demo import agenda
from forums.demo.vote_hours import vote_hours
from pole.demo.hours import awake, last_awake, working_day

MONTREAL = ZoneInfo("America/Toronto")
# A plain week, those in which clocks change, and that of the new year.
WEEKS = [datetime(2026, 11, 23, 0, 41, tzinfo=MONTREAL), datetime(2027, 3, 8, tzinfo=MONTREAL),
         datetime(2026, 10, 26, 23, 59, 59, tzinfo=MONTREAL), datetime(2026, 12, 28, 0, 0, 1, tzinfo=MONTREAL)]  # fmt: skip
HOURS = [week.astimezone(ZoneInfo("UTC")) + timedelta(hours=hour) for week in WEEKS for hour in range(7 * 24)]


@pytest.mark.any_hour
@pytest.mark.parametrize("days_ago", [2, 6, 12])
def test_a_vote_took_place_in_order_in_the_afternoon_of_a_working_day(days_ago):
    for now in HOURS:
        hours = vote_hours(now, days_ago=days_ago)
        held = [timezone.localtime(moment) for moment in hours[:-1]]
        assert [f"{moment:%H:%M}" for moment in held] == [
            "09:00",
            "14:00",
            "14:25",
            "15:00",
            "15:40",
            "16:30",
        ]
        assert {moment.date() for moment in held} == {held[0].date()}
        assert held[0].weekday() < 5
        assert all(before < after for before, after in pairwise(held))
        assert timedelta(0) < now - hours.published_at < timedelta(days=days_ago + 3)
        closes = timezone.localtime(hours.closes_at)
        assert (closes.time(), closes.weekday() < 5) == (time(20), True)
        assert timedelta(weeks=4) < hours.closes_at - now < timedelta(weeks=6)


@pytest.mark.any_hour
def test_what_people_do_is_done_awake_and_in_order():
    for earlier, later in pairwise(HOURS[: 7 * 24]):
        assert time(7) <= timezone.localtime(awake(earlier)).time() < time(22)
        assert timezone.localdate(awake(earlier)) == timezone.localdate(earlier)
        assert awake(earlier) <= awake(later)


@pytest.mark.any_hour
def test_the_last_hour_of_people_awake_is_never_to_come():
    for earlier, later in pairwise(HOURS[: 7 * 24]):
        assert last_awake(earlier) <= earlier
        assert time(7) <= timezone.localtime(last_awake(earlier)).time() <= time(20)
        assert last_awake(earlier) <= last_awake(later)


@pytest.mark.any_hour
@pytest.mark.parametrize(
    ("day", "worked"),
    [(27, 27), (28, 27), (29, 27), (30, 30)],
    ids=["friday", "saturday", "sunday", "monday"],
)
def test_nobody_works_on_a_weekend(day, worked):
    moment = datetime(2026, 11, day, 23, 30, tzinfo=MONTREAL)
    assert working_day(moment, time(9)) == datetime(2026, 11, worked, 9, tzinfo=MONTREAL)


@pytest.mark.any_hour
def test_activities_are_held_when_people_can_come_and_on_the_right_side_of_now():
    entries = tomllib.loads((agenda.HERE / "agenda.toml").read_text(encoding="utf-8"))["activity"]
    held = [each for entry in entries for each in entry.get("session", [entry])]
    for now in HOURS:
        for each in held:
            hours = agenda.hours_of(each, now)
            begins, ends = timezone.localtime(hours.starts_at), timezone.localtime(hours.ends_at)
            assert time(8) <= begins.time() < ends.time() <= time(21)
            assert begins.date() == ends.date()
            assert (begins.weekday() == 5) is bool(each.get("saturday"))
            assert begins.weekday() != 6
            if "november" in each:
                assert begins.month == 11
                assert timedelta() < begins - now < timedelta(days=366 + 18)
            else:
                assert (begins > now) == (ends > now) == (each["in_days"] > 0)
        assert all(
            agenda.hours_of(one, now).ends_at < agenda.hours_of(following, now).starts_at
            for entry in entries
            for one, following in pairwise(entry.get("session", []))
        )
