"""What is copied or comes a week later keeps its hours, on every day of four years."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from django.http import QueryDict
from django.utils import timezone

from forums.event.duplication import duplicate
from forums.event.wall_time import WEEK, YEAR, shifted, shifted_span, until_to_come, wall_difference
from forums.forms.sessions import MAX_SESSIONS, with_session_a_week_later
from forums.models import Session
from tests.factories import ForumFactory

pytestmark = pytest.mark.any_hour("dates of their own")
FIRST = date(2026, 1, 1)
# A leap day, and eight changes of hour.
DAYS = [FIRST + timedelta(days=n) for n in range(4 * 365 + 1)]


def at(day, hour=9, minute=0):
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


def clock(moment):
    return timezone.localtime(moment).replace(tzinfo=None, fold=0)


def test_four_years_hold_a_leap_day_and_every_change_of_hour():
    offsets = [timezone.localtime(at(day, 12)).utcoffset() for day in DAYS]
    assert date(2028, 2, 29) in DAYS
    assert sum(one != other for one, other in pairwise(offsets)) == 8


@pytest.mark.parametrize("later", [WEEK, YEAR, timedelta(days=1), timedelta(days=366), -YEAR])
@pytest.mark.parametrize(("begins", "ends"), [((9, 0), (12, 0)), ((0, 0), (23, 59)), ((18, 30), (21, 15))])
def test_hours_stay_on_every_day(later, begins, ends):
    for day in DAYS:
        first, last = shifted_span(at(day, *begins), at(day, *ends), later)
        assert clock(first) == datetime.combine(day + later, time(*begins))
        assert clock(last) == datetime.combine(day + later, time(*ends))


@pytest.mark.parametrize("later", [WEEK, YEAR, timedelta(days=1)])
def test_it_always_ends_after_it_begins_even_in_the_hour_that_lacks(later):
    for day in DAYS:
        for begins, ends in (((1, 30), (2, 30)), ((2, 0), (3, 0)), ((2, 30), (3, 0)), ((1, 15), (1, 45))):
            first, last = shifted_span(at(day, *begins), at(day, *ends), later)
            assert last > first


@pytest.mark.parametrize("step", [WEEK, YEAR])
def test_the_next_one_is_the_first_to_come_on_the_same_day_of_the_week(step):
    now = datetime(2029, 6, 15, 12, tzinfo=UTC)
    for day in DAYS[::5]:
        later = until_to_come(at(day), step, now)
        assert later >= step
        assert later % step == timedelta(0)
        assert shifted(at(day), later) > now
        assert later == step or shifted(at(day), later - step) <= now


def test_what_was_moved_by_the_difference_is_there():
    for one, other in zip(DAYS[::7], DAYS[3::11], strict=False):
        moved = shifted(at(one), wall_difference(at(one), at(other, 14, 30)))
        assert clock(moved) == clock(at(other, 14, 30))


def line_after(day, hour="02:30"):
    typed = QueryDict(mutable=True)
    typed.update(
        {
            "seances-TOTAL_FORMS": "1",
            "seances-0-day": day,
            "seances-0-begins": hour,
            "seances-0-ends": "12:00",
        }
    )
    found = with_session_a_week_later(typed)
    return found["seances-TOTAL_FORMS"], found["seances-1-day"], found["seances-1-begins"]


def test_a_line_a_week_later_is_typed_at_the_same_hours_every_day():
    for day in DAYS:
        assert line_after(f"{day}") == ("2", f"{day + WEEK}", "02:30")


@pytest.mark.parametrize(
    ("day", "after"),
    [
        ("", ""),
        ("bientôt", ""),
        ("2027-02-30", ""),
        ("9999-12-31", "9999-12-31"),
        ("0001-01-01", "0001-01-08"),
    ],
)
def test_a_line_after_no_day_has_none(day, after):
    assert line_after(day)[1] == after


def test_a_line_comes_after_the_latest_day_that_is_kept_whatever_the_order():
    typed = QueryDict(mutable=True)
    days = ("2027-03-10", "2027-04-21", "2027-05-05", "")
    typed.update({f"seances-{n}-day": day for n, day in enumerate(days)} | {"seances-TOTAL_FORMS": "4"})
    typed["seances-2-DELETE"] = "on"
    assert with_session_a_week_later(typed)["seances-4-day"] == "2027-04-28"


@pytest.mark.parametrize(
    ("total", "after"),
    [
        ("", "1"),
        ("beaucoup", "1"),
        ("-1", "1"),
        ("²", "1"),
        (f"{MAX_SESSIONS}", f"{MAX_SESSIONS}"),
        ("100000", "100000"),
    ],
)
def test_a_line_is_added_after_what_counts_lines_and_no_more_than_a_form_takes(total, after):
    typed = QueryDict(mutable=True)
    typed["seances-TOTAL_FORMS"] = total
    assert with_session_a_week_later(typed)["seances-TOTAL_FORMS"] == after


@pytest.mark.django_db
@pytest.mark.parametrize(
    "on", [date(2028, 2, 29), date(2027, 3, 14), date(2027, 11, 7), date(2026, 12, 31), date(2020, 5, 1)]
)
def test_a_series_is_copied_to_any_day_with_its_sessions_at_their_hours(on):
    forum = ForumFactory(
        kind="training",
        has_participation=False,
        starts_at=at(date(2026, 9, 1)),
        ends_at=at(date(2026, 9, 1), 12),
    )
    for position, day in enumerate((date(2026, 10, 20), date(2026, 10, 27), date(2026, 11, 3)), start=1):
        Session.objects.create(
            forum=forum, position=position, starts_at=at(day), ends_at=at(day, 12), title=f"Séance {position}"
        )
    forum.sessions.filter(position=1).update(cancelled_at=timezone.now())
    forum.refresh_from_db()
    copy = duplicate(forum=forum, now=timezone.now(), on=on)
    assert [clock(each.starts_at) for each in copy.sessions.all()] == [
        datetime.combine(on + n * WEEK, time(9)) for n in range(3)
    ]
    assert [each.title for each in copy.sessions.all()] == ["Séance 1", "Séance 2", "Séance 3"]
    assert not copy.sessions.exclude(cancelled_at=None).exists()
    assert (clock(copy.starts_at), clock(copy.ends_at)) == (
        datetime.combine(on, time(9)),
        datetime.combine(on + 2 * WEEK, time(12)),
    )
    assert forum.sessions.count() == 3
