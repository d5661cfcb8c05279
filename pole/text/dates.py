"""Dates in words. Names of days and months are in tables, so that no missing or different translation can change a date."""

from __future__ import annotations

import datetime as dt
import re

from pole.text.bilingual import FRENCH, current_language

FRENCH_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
ENGLISH_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FRENCH_MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
ENGLISH_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


class DateText(str):
    """A date in words: "le 1er mai" in plain text, its ordinal raised in a page, as `pole.text.typography` raises others."""

    __slots__ = ()

    def __html__(self) -> str:
        return re.sub(r"\b1er\b", "1<sup>er</sup>", self) if "1er" in self else str(self)


def date_in_words(day: dt.date) -> DateText:
    """ "19 mai 2023", "1er mai 2023"; "May 19, 2023": in the language of the page."""
    return DateText(french_date(day) if current_language() == FRENCH else english_date(day))


def french_date(day: dt.date) -> str:
    return f"{french_month_day(day)} {day.year}"


def french_month_day(day: dt.date) -> str:
    return f"{french_day(day)} {FRENCH_MONTHS[day.month - 1]}"


def french_day(day: dt.date) -> str:
    return "1er" if day.day == 1 else str(day.day)


def english_date(day: dt.date) -> str:
    return f"{english_month_day(day)}, {day.year}"


def english_month_day(day: dt.date) -> str:
    return f"{ENGLISH_MONTHS[day.month - 1]} {day.day}"
