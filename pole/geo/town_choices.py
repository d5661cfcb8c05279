"""A municipality chosen in a form: under its name, or under one that people still use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms.models import ModelChoiceIterator
from django.utils.translation import gettext as _

from pole.models import FormerMunicipality, Municipality
from pole.search import unaccented

# Before the key of a former name, where the value of a choice is else the code of a municipality.
_FORMER = "ancien-"

type Choice = tuple[str, str]


def former_choices(towns: QuerySet[Municipality]) -> list[tuple[str, list[Choice]]]:
    """A group of the former names of these municipalities, if they have some: « Melocheville → Beauharnois ». One query."""
    rows = FormerMunicipality.objects.select_related("municipality").filter(municipality__in=towns)
    found = sorted(rows, key=lambda row: unaccented(row.name))
    choices = [(f"{_FORMER}{row.pk}", f"{row.name} → {row.municipality}") for row in found]
    return [(_("Former names"), choices)] if choices else []


class _TownIterator(ModelChoiceIterator):  # type: ignore[type-arg]  # generic in stubs alone
    def __iter__(self) -> Iterator[Any]:
        yield from super().__iter__()
        if (towns := self.field.queryset) is not None:
            yield from former_choices(towns)


class TownChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in stubs alone
    """Of the municipalities of its `queryset`; the choice of a former name is that of its municipality."""

    iterator = _TownIterator

    def to_python(self, value: Any) -> Municipality | None:
        if isinstance(value, str) and value.startswith(_FORMER):
            key = value.removeprefix(_FORMER)
            former = (
                FormerMunicipality.objects.filter(pk=key).first()
                if key.isdecimal() and len(key) < 19
                else None
            )
            value = former.municipality_id if former else value
        town: Municipality | None = super().to_python(value)
        return town
