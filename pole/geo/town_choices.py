"""A municipality chosen in a form: under its name, or under one that people still use."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms.models import ModelChoiceIterator
from django.forms.utils import flatatt
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from pole.caching.in_process import BoundedCache, process_cache
from pole.models import FormerMunicipality, Municipality, town_name
from pole.search import unaccented
from pole.server.database.prepared import prepared
from pole.text.markup import EMPTY, Markup, joined

# Before the key of a former name, where the value of a choice is else the code of a municipality.
_FORMER = "ancien-"

type Choice = tuple[str, str]


def former_choices(towns: QuerySet[Municipality]) -> list[tuple[str, list[Choice]]]:
    """A group of the former names of these municipalities, if they have some: « Melocheville → Beauharnois ». One query."""
    rows = FormerMunicipality.objects.select_related("municipality").filter(municipality__in=towns)
    found = sorted(rows, key=lambda row: unaccented(row.name))
    choices = [(f"{_FORMER}{row.pk}", f"{row.name} → {row.municipality}") for row in found]
    return [(_("Former names"), choices)] if choices else []


class TownSelect(forms.Select):
    """Written by a function, since it has as many options as municipalities: a thousand, in a large region."""

    # Of `towns_of_territory`: the same at each request, so its options are written once. Django copies what `choices` is given.
    towns: tuple[Choice, ...] = ()

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        attributes = self.build_attrs(self.attrs, {**(attrs or {}), "name": name})
        chosen = frozenset(self.format_value(value))
        options = _remembered_options(self.towns, chosen) if self.towns else _options(self.choices, chosen)
        return _SELECT(attributes=flatatt(attributes), options=options)


_SELECT = Markup("<select{attributes}>{options}</select>")
_GROUP = Markup('<optgroup label="{label}">{options}</optgroup>')
_OPTION = Markup('<option value="{value}"{selected}>{label}</option>')
_SELECTED = SafeString(" selected")


def _options(choices: Iterable[tuple[str, Any]], chosen: frozenset[str]) -> SafeString:
    return joined(
        [
            _group(key, label, chosen) if label.__class__ is list else _option(key, label, key in chosen)
            for key, label in choices
        ]
    )


_remembered_options = lru_cache(8)(_options)


def _group(title: str, choices: Iterable[Choice], chosen: Collection[str]) -> SafeString:
    options = joined([_option(value, label, value in chosen) for value, label in choices])
    return _GROUP(label=title, options=options)


@lru_cache(4_000)
def _option(value: str, label: str, is_chosen: bool) -> SafeString:
    return _OPTION(value=value, selected=_SELECTED if is_chosen else EMPTY, label=label)


class _TownIterator(ModelChoiceIterator):  # type: ignore[type-arg]  # generic in stubs alone
    """Of columns alone: a model for each option would cost more than its page."""

    def __iter__(self) -> Iterator[Any]:
        if self.field.empty_label is not None:
            yield "", str(self.field.empty_label)
        if (towns := self.field.queryset) is not None:
            for code, *name in towns.values_list("code", "name", "designation", "is_homonym"):
                yield code, town_name(*name)


class _FormerTownIterator(_TownIterator):
    def __iter__(self) -> Iterator[Any]:
        yield from super().__iter__()
        if (towns := self.field.queryset) is not None:
            yield from former_choices(towns)


class TownField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in stubs alone
    """Of the municipalities of its `queryset`."""

    iterator = _TownIterator
    widget = TownSelect


def _choice(code: str, name: str, designation: str, is_homonym: bool) -> Choice:
    return code, town_name(name, designation, is_homonym) if is_homonym else name


@prepared(_choice)
def _in_territory() -> QuerySet[Municipality, Any]:
    return Municipality.objects.in_territory().values_list("code", "name", "designation", "is_homonym")


_territories: BoundedCache[int, tuple[Choice, ...]] = process_cache(limit=1)


def towns_of_territory(hub_version: int, label: str) -> tuple[Choice, ...]:
    """What a public form offers, after `label`: one prepared query at each version of the hub, which any change of a town raises."""
    return ("", label), *_territories.get_or_make(hub_version, lambda: tuple(_in_territory()))


class TownChoiceField(TownField):
    """Under their former names too: that choice is the one of the municipality."""

    iterator = _FormerTownIterator

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
