"""Whether a field of a listing comes back from a form as the form showed it.

A browser sends every field, and people change one: the others must stay as they are, to the last space.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

# Told by `value_key`: the rows that are chosen.
_CHOSEN_ROWS = (forms.ModelChoiceField, forms.FileField)


def is_sent_back(form: forms.ModelForm[Any], name: str) -> bool:
    """Whether a bound field of a form cleaned once has what was shown of the stored value, in any writing that means the same."""
    field, stored = form.fields[name], getattr(form, "stored", {})
    if name not in stored or isinstance(field, _CHOSEN_ROWS):
        return False
    bound = form[name]
    shown = field.prepare_value(bound.initial)
    if _sent(bound.data) == _sent(shown):
        return True
    return name in form.cleaned_data and _means(field, shown) == form.cleaned_data[name]


def _sent(value: Any) -> Any:
    """As a browser sends it: line ends in one way; boxes in the order of the page, whatever that of the list."""
    if isinstance(value, (list, tuple)):
        return sorted(str(each) for each in value)
    return "" if value is None else str(value).replace("\r\n", "\n").replace("\r", "\n")


def _means(field: forms.Field, shown: Any) -> Any:
    """What the field makes of the stored value; nothing, if it would refuse it."""
    try:
        return field.clean(shown)
    except ValidationError:
        return None


def value_key(value: Any) -> Any:
    """A value of a form or of a row, to be compared: rows by their keys, in any order."""
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, models.QuerySet) or (
        value and isinstance(value, list) and isinstance(value[0], models.Model)
    ):
        return sorted(each.pk for each in value) or None
    return value or None
