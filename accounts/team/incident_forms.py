"""The form by which an incident is written in the register, and corrected."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms import BoundField
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import IncidentEntry
from pole.forms import DaysBetween, ParagraphsField, VersionedModelForm, typed_field

_NO_NAME = _("Name nobody: the register does not need it.")
GROUPS: tuple[tuple[str | Promise, tuple[str, ...]], ...] = (
    (_("What happened"), ("circumstances", "happened_on", "happened_until", "is_happened_approximate")),
    (_("When it was known"), ("known_on", "known_until")),
    (
        _("What it is about, and how many people"),
        ("information", "information_unknown", "people", "is_people_approximate"),
    ),
    (_("Is there a risk of serious injury?"), ("sensitivity", "consequences", "likelihood", "risk")),
    (
        _("Notices, when there is such a risk"),
        ("commission_told_on", "people_told_on", "public_notice", "public_notice_because"),
    ),
    (_("What was done"), ("measures",)),
)


def _field(column: models.Field[Any, Any], **options: Any) -> forms.Field | None:
    if isinstance(column, models.TextField):
        options["form_class"] = ParagraphsField
    elif isinstance(column, models.DateField):
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        options |= {"widget": widget, "validators": [DaysBetween(date(1980, 1, 1), date(2199, 12, 31))]}
    return typed_field(column, **options)


class IncidentForm(VersionedModelForm):
    """Little is asked for at once, since an incident is written the day that it is known; the page says what is missing."""

    class Meta:
        model = IncidentEntry
        fields = [*(name for _title, names in GROUPS for name in names), "because"]
        formfield_callback = _field
        help_texts = {
            "circumstances": _(
                "What was lost, seen, used or sent without the right to, and how. Name nobody."
            ),
            "information": _(
                "For example: names and addresses of those who registered for a forum. Name nobody."
            ),
            "information_unknown": _("The register asks for the reason when nobody knows what was touched."),
            "people": _("A number, or your best estimate."),
            "sensitivity": _NO_NAME,
            "risk": _(
                "Decide with the privacy officer. Without an answer, the entry says that it is to be decided."
            ),
            "commission_told_on": _("Without delay, as soon as the risk is known to be serious."),
            "people_told_on": _("Without delay too, unless it would hinder an inquiry."),
            "public_notice": _("Given instead of a letter to each person, or to act faster."),
            "because": _("Everything that was written before stays in the history."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_correction = bool(self.instance.pk)
        if self.is_correction:
            self.fields["because"].required = True
            self.initial["because"] = ""
        else:
            self.initial["known_on"] = timezone.localdate()
            del self.fields["because"]

    def groups(self) -> Iterator[tuple[str | Promise, list[BoundField]]]:
        for title, names in GROUPS:
            yield title, [self[name] for name in names]

    def clean_known_on(self) -> date | None:
        return self._not_to_come("known_on")

    def clean_happened_on(self) -> date | None:
        return self._not_to_come("happened_on")

    def clean_known_until(self) -> date | None:
        return self._not_to_come("known_until")

    def clean_happened_until(self) -> date | None:
        return self._not_to_come("happened_until")

    def clean_commission_told_on(self) -> date | None:
        return self._not_to_come("commission_told_on")

    def clean_people_told_on(self) -> date | None:
        return self._not_to_come("people_told_on")

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        happened, until, known = (found.get(name) for name in ("happened_on", "happened_until", "known_on"))
        if until and not happened:
            self.add_error("happened_on", _("When did it begin?"))
        if known and happened and happened > known:
            self.add_error("happened_on", _("It was known before that day: correct one of the two."))
        for name in ("commission_told_on", "people_told_on"):
            if known and found.get(name) and found[name] < known:
                self.add_error(name, _("It was known after that day: correct one of the two."))
        return found

    def _not_to_come(self, name: str) -> date | None:
        day: date | None = self.cleaned_data[name]
        if day and day > timezone.localdate():
            raise ValidationError(_("This day is still to come."))
        return day
