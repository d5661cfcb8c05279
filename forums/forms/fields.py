"""Form fields for plain text, with the typography of its language, and for days."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from pole.forms import SingleLineField
from pole.text import plaintext, typography
from pole.text.bilingual import ENGLISH, FRENCH


class TypographyLineField(SingleLineField):
    """One line, with the typography of `language`."""

    language = FRENCH

    def to_python(self, value: Any) -> str:
        return typography.fix_text(super().to_python(value), self.language)


class TypographyTextField(forms.CharField):
    """Lines of plain text, with the typography of `language`."""

    widget = forms.Textarea(attrs={"rows": 4})
    language = FRENCH

    def to_python(self, value: Any) -> str:
        cleaned = plaintext.clean_paragraphs(super().to_python(value) or "")
        return typography.fix_text(cleaned, self.language)


def set_languages(fields: Mapping[str, forms.Field]) -> None:
    """Fields named `…_en` are written in English."""
    for name, field in fields.items():
        if name.endswith("_en") and isinstance(field, TypographyLineField | TypographyTextField):
            field.language = ENGLISH


class CalendarDateField(forms.DateField):
    """A day."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
