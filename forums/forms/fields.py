"""The language of typed fields, and days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django import forms

from pole.forms import DaysBetween, SingleLineField
from pole.text.bilingual import ENGLISH
from pole.text.local_moments import FIRST_YEAR, LAST_YEAR


def set_languages(fields: Mapping[str, forms.Field]) -> None:
    """Fields named `…_en` are written in English."""
    for name, field in fields.items():
        if name.endswith("_en") and isinstance(field, SingleLineField):
            field.language = ENGLISH


# A year outside these is a typing error.
LIKELY_DAYS = (DaysBetween(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)),)


class CalendarDateField(forms.DateField):
    """A day."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
