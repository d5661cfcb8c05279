"""The table of a month: a row a week, a cell a day; and the months around it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from forums.agenda.filters import AgendaFilters
from forums.agenda.listing import Occurrence
from forums.agenda.months import Month, days_touched

# In one cell; the list of the month has the others.
MOST_OF_A_DAY = 6


class Cell(NamedTuple):
    """A day. What is `outside` stands in the same week, in another month."""

    day: date
    occurrences: list[Occurrence]
    # How many there are beside those.
    others: int
    is_today: bool
    is_over: bool
    is_outside: bool


class Step(NamedTuple):
    name: str
    address: str


class Around(NamedTuple):
    """The month that is shown, and where one goes from there."""

    name: str
    previous: Step | None
    next: Step | None
    # None when it is the month that is shown.
    today: Step | None


def grid_of(month: Month, occurrences: Iterable[Occurrence], today: date) -> list[list[Cell]]:
    of_day: dict[date, list[Occurrence]] = {}
    for each in occurrences:
        for day in days_touched(each.begins, each.ends, month):
            of_day.setdefault(day, []).append(each)
    return [[_cell(day, of_day.get(day, []), month, today) for day in week] for week in month.weeks()]


def _cell(day: date, found: list[Occurrence], month: Month, today: date) -> Cell:
    shown = found if len(found) <= MOST_OF_A_DAY else found[: MOST_OF_A_DAY - 1]
    return Cell(
        day,
        shown,
        len(found) - len(shown),
        is_today=day == today,
        is_over=day < today,
        is_outside=(day.year, day.month) != month,
    )


def around(
    filters: AgendaFilters, shown: Month, this_month: Month, first: Month | None, last: Month | None
) -> Around:
    """`first` and `last` bound what has activities: beyond, whoever follows links would go on for ever."""
    before, after = shown.previous, shown.next
    least, most = min(first or this_month, this_month), max(last or this_month, this_month)
    return Around(
        name=shown.name,
        previous=_step(filters, before) if before and before >= least else None,
        next=_step(filters, after) if after and after <= most else None,
        today=_step(filters, this_month) if shown != this_month else None,
    )


def _step(filters: AgendaFilters, month: Month) -> Step:
    return Step(month.name, filters.address({"mois": month}))
