"""Months and days as a calendar on a wall has them: which days a moment touches, in the time of the portal. Pure."""

from __future__ import annotations

import re
from calendar import SUNDAY, Calendar
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.utils import timezone

from pole.text.bilingual import FRENCH, current_language
from pole.text.dates import ENGLISH_MONTHS, FRENCH_MONTHS

_WRITTEN = re.compile(r"(?P<year>\d{4})-(?P<month>0[1-9]|1[0-2])", re.ASCII)
# Further away nobody plans, and the last instants that a database holds are far enough.
YEARS = range(1900, 2200)
# Weeks begin on Sunday, as calendars do here.
_CALENDAR = Calendar(SUNDAY)
_INSTANT = timedelta(microseconds=1)


class Month(NamedTuple):
    year: int
    month: int

    def __str__(self) -> str:
        """As an address holds it."""
        return f"{self.year:04}-{self.month:02}"

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def starts_at(self) -> datetime:
        return midnight(self.first)

    @property
    def ends_at(self) -> datetime:
        """The first instant of the next one."""
        return midnight((self.first + timedelta(days=31)).replace(day=1))

    @property
    def previous(self) -> Month | None:
        return self._beside(-1)

    @property
    def next(self) -> Month | None:
        return self._beside(1)

    def _beside(self, step: int) -> Month | None:
        year, month = divmod(self.year * 12 + self.month - 1 + step, 12)
        return Month(year, month + 1) if year in YEARS else None

    @property
    def name(self) -> str:
        """ "novembre 2026"; "November 2026"."""
        names = FRENCH_MONTHS if current_language() == FRENCH else ENGLISH_MONTHS
        return f"{names[self.month - 1]} {self.year}"

    def weeks(self) -> list[list[date]]:
        """Whole weeks, with the days of other months at both ends."""
        return _CALENDAR.monthdatescalendar(self.year, self.month)


def month_of(day: date) -> Month:
    return Month(day.year, day.month)


def read_month(written: str) -> Month | None:
    """What an address says: "2026-11". None of anything else."""
    found = _WRITTEN.fullmatch(written)
    if found is None or int(found["year"]) not in YEARS:
        return None
    return Month(int(found["year"]), int(found["month"]))


def months_from(month: Month, count: int) -> Iterator[Month]:
    following: Month | None = month
    for _each in range(count):
        if following is None:
            return
        yield following
        following = following.next


def midnight(day: date) -> datetime:
    """The first instant of a day, whatever its hours."""
    return datetime.combine(day, time(), timezone.get_current_timezone())


def first_day(starts_at: datetime) -> date:
    return timezone.localdate(starts_at)


def last_day(ends_at: datetime) -> date:
    """What ends at midnight was of the day before."""
    return timezone.localdate(ends_at - _INSTANT)


def days_touched(starts_at: datetime, ends_at: datetime, month: Month) -> Iterator[date]:
    """Each day of the month in which something goes on, in their order."""
    day = max(first_day(starts_at), month.first)
    last = min(last_day(ends_at), last_day(month.ends_at))
    while day <= last:
        yield day
        day += timedelta(days=1)
