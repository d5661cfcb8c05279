"""Months and days: every hour of changes of hour, midnights, ends of years."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forums.agenda.calendar import MOST_OF_A_DAY, around, grid_of
from forums.agenda.filters import AgendaFilters
from forums.agenda.listing import Occurrence
from forums.agenda.months import Month, days_touched, midnight, month_of, months_from, read_month

pytestmark = pytest.mark.any_hour("its instants are given")
HERE = ZoneInfo("America/Toronto")
UTC = ZoneInfo("UTC")
MINUTE = timedelta(minutes=1)
# The nights when hours change, in 2026 and 2027, and the last night of the year.
NIGHTS = [date(2026, 3, 8), date(2026, 11, 1), date(2027, 3, 14), date(2027, 11, 7), date(2026, 12, 31)]


def occurrence(begins, ends, activity=1):
    return Occurrence(activity, 0, begins, ends, "", is_dropped=False)


def days_by_minutes(begins, ends):
    """The days on which some minute of it falls: what `days_touched` must say, counted otherwise."""
    found, moment = set(), begins
    while moment < ends:
        found.add(moment.astimezone(HERE).date())
        moment += MINUTE
    return found


@pytest.mark.parametrize("night", NIGHTS)
@pytest.mark.parametrize("hour", range(-26, 27))
def test_each_hour_around_a_night_touches_the_days_on_which_its_minutes_are(night, hour):
    begins = midnight(night).astimezone(UTC) + timedelta(hours=hour)
    for length in (1, 59, 60, 61, 24 * 60, 26 * 60):
        ends = begins + length * MINUTE
        days = days_by_minutes(begins, ends)
        touched = {
            day for month in {month_of(day) for day in days} for day in days_touched(begins, ends, month)
        }
        assert touched == days, (begins, length)


@given(
    begins=st.datetimes(datetime(2025, 12, 1), datetime(2028, 1, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis wants them naive
    minutes=st.integers(1, 60 * 24 * 70),
)
def test_an_activity_is_in_a_month_if_the_month_meets_it(begins, minutes):
    ends = begins + minutes * MINUTE
    first, last = begins.astimezone(HERE).date(), (ends - MINUTE / 60_000_000).astimezone(HERE).date()
    months = [month for month in months_from(Month(2025, 11), 30) if list(days_touched(begins, ends, month))]
    # As the query asks: the two spans overlap.
    assert months == [
        month for month in months_from(Month(2025, 11), 30) if begins < month.ends_at and ends > month.starts_at
    ]  # fmt: skip
    days = [day for month in months for day in days_touched(begins, ends, month)]
    assert days == [first + timedelta(days=each) for each in range((last - first).days + 1)]


@given(st.integers(1900, 2199), st.integers(1, 12))
def test_a_month_is_read_as_it_is_written_and_months_follow_one_another(year, number):
    month = Month(year, number)
    assert read_month(str(month)) == month
    if month.next:
        assert month.next.previous == month
        assert month.ends_at == month.next.starts_at
    weeks = month.weeks()
    assert all(len(week) == 7 and week[0].weekday() == 6 for week in weeks)
    inside = [day for week in weeks for day in week if month_of(day) == month]
    assert inside[0] == month.first
    assert [day.day for day in inside] == list(range(1, len(inside) + 1))
    assert midnight(inside[-1] + timedelta(days=1)) == month.ends_at


@pytest.mark.parametrize(
    "written",
    ["", "2026", "2026-13", "2026-00", "2026-1", "1899-12", "2200-01", "0000-01", "2026-11-01", "٢٠٢٦-11", " 2026-11", "2026-11\n"],
)  # fmt: skip
def test_what_is_no_month_is_refused(written):
    assert read_month(written) is None


def test_months_stop_at_both_ends():
    assert Month(1900, 1).previous is None
    assert Month(2199, 12).next is None
    assert len(list(months_from(Month(2199, 6), 12))) == 7


def test_a_day_shows_so_many_and_says_how_many_others():
    month, begins = Month(2026, 11), datetime(2026, 11, 14, 9, tzinfo=HERE)
    for count, shown, others in ((1, 1, 0), (MOST_OF_A_DAY, MOST_OF_A_DAY, 0), (MOST_OF_A_DAY + 1, MOST_OF_A_DAY - 1, 2)):  # fmt: skip
        rows = [occurrence(begins, begins + timedelta(hours=1), n) for n in range(count)]
        [cell] = [
            each for week in grid_of(month, rows, begins.date()) for each in week if each.day == begins.date()
        ]
        assert (len(cell.occurrences), cell.others, cell.is_today) == (shown, others, True)


def test_what_lasts_months_fills_each_day_of_the_month_that_is_shown_and_no_other():
    rows = [occurrence(datetime(2026, 1, 1, tzinfo=HERE), datetime(2027, 12, 31, tzinfo=HERE))]
    cells = [cell for week in grid_of(Month(2027, 2), rows, date(2026, 11, 10)) for cell in week]
    assert sum(bool(cell.occurrences) for cell in cells) == 28
    assert all(cell.is_outside != bool(cell.occurrences) for cell in cells)


def test_nobody_who_follows_links_goes_on_for_ever():
    filters, this_month = AgendaFilters(is_grid=True), Month(2026, 11)
    shown = around(filters, this_month, this_month, Month(2026, 10), Month(2027, 1))
    assert (shown.previous.name, shown.next.name, shown.today) == ("octobre 2026", "décembre 2026", None)
    last = around(filters, Month(2027, 1), this_month, Month(2026, 10), Month(2027, 1))
    assert (last.next, last.today.name) == (None, "novembre 2026")
    empty = around(filters, this_month, this_month, None, None)
    assert (empty.previous, empty.next, empty.today) == (None, None, None)
