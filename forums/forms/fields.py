"""Fields for what people type here: plain text in its language's typography, and moments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from pole import plaintext, typography
from pole.forms import LineField
from pole.language import ENGLISH, FRENCH

# Outside these years a moment is a slip of the finger, and may not even have a UTC equivalent.
FIRST_YEAR, LAST_YEAR = 1990, 2100


class TypedLine(LineField):
    """One line, with the typography of `language`."""

    language = FRENCH

    def to_python(self, value: Any) -> str:
        return typography.fix_text(super().to_python(value), self.language)


class TypedParagraphs(forms.CharField):
    """Lines of plain text, with the typography of `language`."""

    widget = forms.Textarea(attrs={"rows": 4})
    language = FRENCH

    def to_python(self, value: Any) -> str:
        cleaned = plaintext.clean_paragraphs(super().to_python(value) or "")
        return typography.fix_text(cleaned, self.language)


def set_languages(fields: Mapping[str, forms.Field]) -> None:
    """Fields named `…_en` are written in English."""
    for name, field in fields.items():
        if name.endswith("_en") and isinstance(field, TypedLine | TypedParagraphs):
            field.language = ENGLISH


class MomentField(forms.DateTimeField):
    """A date and an hour, typed in the local time of the hub."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def to_python(self, value: Any) -> datetime | None:
        moment = super().to_python(value)
        if moment and not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise ValidationError(
                _("Give a year between %(first)d and %(last)d."),
                params={"first": FIRST_YEAR, "last": LAST_YEAR},
                code="year",
            )
        return moment


class CalendarDateField(forms.DateField):
    """A day."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
