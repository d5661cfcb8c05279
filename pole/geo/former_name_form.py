"""The form by which staff say that a name is the former name of a municipality."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pole.forms import SingleLineField
from pole.geo import former_names
from pole.geo.gazetteer import load_gazetteer
from pole.geo.levels import current_levels
from pole.models import FormerMunicipality, Municipality

# Of a list to choose from while typing: the hub's towns first.
MAX_CHOICES = 1500


class FormerNameForm(forms.Form):
    name = SingleLineField(
        label=gettext_lazy("Former name"),
        help_text=gettext_lazy("As people write it; accents, capitals and hyphens make no difference."),
        max_length=former_names.MAX_NAME_LENGTH,
    )
    town = SingleLineField(
        label=gettext_lazy("Municipality"),
        help_text=gettext_lazy("Its name or its code."),
        max_length=100,
        widget=forms.TextInput(attrs={"list": "municipalites", "autocomplete": "off"}),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, row: FormerMunicipality | None) -> None:
        self.row = row
        initial = {"name": row.name, "town": _choice(row.municipality)} if row else None
        super().__init__(data, initial=initial)
        self.fields["town"].label = current_levels().town_heading
        self.saved: FormerMunicipality

    def clean_town(self) -> Municipality:
        typed = self.cleaned_data["town"]
        gazetteer = load_gazetteer()
        first = typed.split(maxsplit=1)[0].upper()
        if first in gazetteer.by_code:
            return gazetteer.by_code[first]
        match = gazetteer.find(typed)
        if match.municipality:
            return match.municipality
        if match.candidates:
            raise ValidationError(
                _("Which one do you mean: %(towns)s? Write its code.")
                % {"towns": ", ".join(map(_choice, match.candidates))}
            )
        raise ValidationError(_("“%(name)s” is not a municipality of the list.") % {"name": typed})

    def remember(self, *, by: Any) -> bool:
        """Whether what was typed is valid, and then saved as `saved`."""
        if not self.is_valid():
            return False
        try:
            self.saved = former_names.save(
                name=self.cleaned_data["name"],
                municipality=self.cleaned_data["town"].code,
                instead_of=self.row,
                by=by,
            )
        except former_names.FormerNameRefused as refused:
            self.add_error("name", refused.message)
            return False
        return True

    @staticmethod
    def choices() -> list[str]:
        """What is proposed while typing: one query."""
        towns = Municipality.objects.order_by("-is_in_territory", "name", "code")
        return [_choice(town) for town in towns[:MAX_CHOICES]]


def _choice(town: Municipality) -> str:
    return f"{town.code} {town}"
