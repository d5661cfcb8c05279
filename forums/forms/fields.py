"""The language of typed fields, and days."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms

from pole.forms import SingleLineField
from pole.text.bilingual import ENGLISH


def set_languages(fields: Mapping[str, forms.Field]) -> None:
    """Fields named `…_en` are written in English."""
    for name, field in fields.items():
        if name.endswith("_en") and isinstance(field, SingleLineField):
            field.language = ENGLISH


class CalendarDateField(forms.DateField):
    """A day."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
