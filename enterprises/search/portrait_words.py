"""What each chart of the region says, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from pole.templatetags.typography import number, percent

# Fewer enterprises than this say nothing of a region.
LEAST_KNOWN = 3
# Bands of `Listing.Workforce`: under ten people, fifty or more.
SMALL, LARGE = ("0", "1-4", "5-9"), ("50-99", "100+")


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    count: int
    # The list that shows these listings, when there is one.
    address: str = ""


def of_sectors(rows: Sequence[Row], total: int) -> str:
    return _said_of_first(
        _(
            "The most common sector is “%(first)s”, with %(count)s of the %(total)s enterprises;"
            " “%(second)s” comes next, with %(next)s."
        ),
        rows,
        total,
    )


def of_places(rows: Sequence[Row], total: int) -> str:
    return _said_of_first(
        _(
            "%(first)s has %(count)s of the %(total)s enterprises, that is %(share)s; %(second)s has %(next)s."
        ),
        rows,
        total,
    )


def of_supplies(rows: Sequence[Row]) -> str:
    return _said_of_first(
        _("What most of them can supply: “%(first)s” (%(count)s), then “%(second)s” (%(next)s)."), rows
    )


def of_legal_forms(rows: Sequence[Row], cooperatives: int) -> str:
    return _said_of_first(
        _(
            "The most common form is “%(first)s”: %(count)s of the %(total)s whose form is known."
            " All kinds taken together, %(cooperatives)s are cooperatives."
        ),
        rows,
        sum(row.count for row in rows),
        cooperatives=number(cooperatives),
    )


def of_years(years: Mapping[int, int]) -> str:
    """`years`: how many enterprises were founded in each."""
    if (known := sum(years.values())) < LEAST_KNOWN:
        return ""
    sentence = _(
        "Of the %(known)s that tell the year, one in two was founded in %(year)s or later; the oldest dates from %(oldest)s."
    )
    return sentence % {"known": number(known), "year": median_year(years), "oldest": min(years)}


def median_year(years: Mapping[int, int]) -> int:
    """The latest year such that half of the enterprises, or more, were founded then or later; 0 when none tells."""
    left = sum(years.values()) / 2
    for year in sorted(years, reverse=True):
        left -= years[year]
        if left <= 0:
            return year
    return 0


def of_workforce(bands: Mapping[str, int]) -> str:
    """`bands`: how many enterprises are in each."""
    if (known := sum(bands.values())) < LEAST_KNOWN:
        return ""
    sentence = _(
        "Of the %(known)s that tell their workforce, %(small)s have fewer than ten people; %(large)s have fifty or more."
    )
    small, large = (number(sum(bands.get(value, 0) for value in values)) for values in (SMALL, LARGE))
    return sentence % {"known": number(known), "small": small, "large": large}


def _said_of_first(sentence: str, rows: Sequence[Row], total: int = 0, **others: str) -> str:
    """`sentence` about the two longest rows, unless several are the longest; nothing about one row alone."""
    if len(rows) < 2:
        return ""
    first, second = rows[:2]
    if first.count == second.count:
        return _said_of_equals([row for row in rows if row.count == first.count])
    said = {
        "first": first.label, "count": number(first.count), "second": second.label, "next": number(second.count),
        "total": number(total), "share": percent(100 * first.count / total, 0) if total else "",
    }  # fmt: skip
    return sentence % {**said, **others}


def _said_of_equals(rows: Sequence[Row]) -> str:
    count = number(rows[0].count)
    if len(rows) == 2:
        sentence = _("“%(first)s” and “%(second)s” come first, with %(count)s each.")
        return sentence % {"first": rows[0].label, "second": rows[1].label, "count": count}
    return _("The first %(number)s are level, with %(count)s each.") % {
        "number": number(len(rows)),
        "count": count,
    }
