"""What a manager of a listing types of an activity that they propose, and what the team answers."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import BoundField
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from desk.forms import RichTextField
from forums.agenda import proposals
from forums.models import Forum, Kind
from pole import identifiers
from pole.forms import ParagraphsField, SingleLineField, TypographyLineField, VersionedModelForm
from pole.geo.levels import current_levels, empty_territory_help
from pole.geo.town_choices import TownChoiceField
from pole.models import Municipality
from pole.text.local_moments import LocalDateTimeField

# Those of a forum, with its recommendations and its votes, are the team's.
PROPOSED_KINDS = [choice for choice in Kind.choices if choice[0] != Kind.FORUM]
# Other dates than the first, each with its beginning and its end.
OTHER_DATES = (("second_starts_at", "second_ends_at"), ("third_starts_at", "third_ends_at"))
DATES = (("starts_at", "ends_at"), *OTHER_DATES)

GROUPS: tuple[tuple[str | Promise, tuple[str, ...]], ...] = (
    (_("What it is"), ("kind", "title", "summary", "body", "spoken_language")),
    (_("When"), ("starts_at", "ends_at")),
    (_("Where"), ("mode", "venue", "venue_address", "municipality", "online_link")),
    (_("To take part"), ("price", "price_note", "registration_link")),
)


def _link(label: str | Promise, help_text: str | Promise) -> SingleLineField:
    return SingleLineField(
        label=label, help_text=help_text, required=False, max_length=300,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )  # fmt: skip


class ProposedActivityForm(VersionedModelForm):
    kind = forms.ChoiceField(
        label=pgettext_lazy("activity", "Kind"), choices=PROPOSED_KINDS, widget=forms.RadioSelect,
        error_messages={"required": _("Say what kind of activity it is.")},
    )  # fmt: skip
    body = RichTextField(required=False, label=_("Text"))
    price = forms.DecimalField(
        required=False, max_digits=7, decimal_places=2, min_value=0, localize=True, label=_("Price, in dollars"),
        help_text=_("0 when it is free. Empty: the page says nothing about it."),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip
    online_link = _link(
        _("Link to take part online"),
        _("The public never sees it: only the people registered here receive it."),
    )
    registration_link = _link(
        _("Link to register"), _("When you take registrations yourself, on your site for example.")
    )
    second_starts_at = LocalDateTimeField(required=False, label=_("Second date: begins"))
    second_ends_at = LocalDateTimeField(required=False, label=_("Second date: ends"))
    third_starts_at = LocalDateTimeField(required=False, label=_("Third date: begins"))
    third_ends_at = LocalDateTimeField(required=False, label=_("Third date: ends"))
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    class Meta:
        model = Forum
        fields = [name for _title, names in GROUPS for name in names]
        field_classes = {
            **dict.fromkeys(("starts_at", "ends_at"), LocalDateTimeField),
            **dict.fromkeys(("title", "summary", "venue", "venue_address"), TypographyLineField),
            "price_note": TypographyLineField,
            "municipality": TownChoiceField,
        }
        widgets = {"summary": forms.Textarea(attrs={"rows": 2}), "mode": forms.RadioSelect}
        labels = {"price_note": _("About the price")}
        help_texts = {
            "summary": _("One or two sentences, for lists and search engines."),
            "venue": _("For example the name of the hall or of the house."),
            "price_note": _("For example: free for members, or a price for students."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["summary"].required = True
        towns = Municipality.objects.in_territory(also=self.instance.municipality_id)
        cast("forms.ModelChoiceField[Municipality]", self.fields["municipality"]).queryset = towns
        self.fields["municipality"].label = current_levels().town_heading
        if not towns:
            self.fields["municipality"].help_text = empty_territory_help()
        if self.instance.pk:
            del self.fields["key"]
            self._show_stored_dates()

    def _show_stored_dates(self) -> None:
        stored = self.instance.sessions.order_by("position").values_list("starts_at", "ends_at")
        for (begins, ends), (starts_at, ends_at) in zip(DATES, stored, strict=False):
            self.initial.update({begins: starts_at, ends: ends_at})

    def groups(self) -> Iterator[tuple[str | Promise, list[BoundField]]]:
        for title, names in GROUPS:
            yield title, [self[name] for name in names]

    def other_dates(self) -> list[BoundField]:
        return [self[name] for names in OTHER_DATES for name in names]

    @property
    def has_other_dates(self) -> bool:
        return any(field.value() or field.errors for field in self.other_dates())

    def clean_body(self) -> str:
        body: str = self.cleaned_data["body"]
        if "<img" in body:
            raise ValidationError(_("A proposed activity has no picture: take it out of the text."))
        return body

    def clean_online_link(self) -> str:
        return _clean_link(self.cleaned_data["online_link"])

    def clean_registration_link(self) -> str:
        return _clean_link(self.cleaned_data["registration_link"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        before: datetime | None = timezone.now()
        for begins, ends in DATES:
            before = self._check_date(begins, ends, before)
        if cleaned.get("mode") in {"in_person", "both"} and not (
            cleaned.get("venue")
            or cleaned.get("municipality")
            or {"venue", "municipality"} & self.errors.keys()
        ):
            self.add_error("venue", _("Say where people come, or choose “online”."))
        return cleaned

    def _check_date(self, begins: str, ends: str, before: datetime | None) -> datetime | None:
        """Returns its end, which the next one must follow; `before` when it was left empty."""
        starts_at, ends_at = self.cleaned_data.get(begins), self.cleaned_data.get(ends)
        if {begins, ends} & self.errors.keys() or not (starts_at or ends_at):
            return before
        if not starts_at or not ends_at:
            self.add_error(ends if starts_at else begins, _("Give the beginning and the end of this date."))
        elif ends_at <= starts_at:
            self.add_error(ends, _("It must end after it begins."))
        elif before and starts_at <= before:
            first = begins == "starts_at"
            self.add_error(
                begins, _("Choose a date to come.") if first else _("Give the dates in their order.")
            )
        return ends_at

    def dates(self) -> list[tuple[datetime, datetime]]:
        """Of a valid form."""
        pairs = [(self.cleaned_data[begins], self.cleaned_data[ends]) for begins, ends in DATES]
        return [(starts_at, ends_at) for starts_at, ends_at in pairs if starts_at]


def _clean_link(typed: str) -> str:
    return identifiers.clean_website(typed) if typed else ""


@transaction.atomic
def save_typed_change(*, proposal_id: int, data: Any, by: User, now: datetime) -> ProposedActivityForm:
    """Saves what was typed of a proposal that awaits its answer, when it is valid beside the locked row.

    Raises what `proposals.lock_own` does.
    """
    proposal = proposals.lock_own(proposal_id=proposal_id, by=by, now=now)
    form = ProposedActivityForm(data, instance=proposal.forum)
    if form.is_valid():
        proposals.save_change(forum=form.save(commit=False), dates=form.dates())
    return form


class AskedChangeForm(forms.Form):
    asked = ParagraphsField(
        label=_("What changes"), max_length=1000,
        help_text=_("For example another date or place, or that it does not take place any more."),
        error_messages={"required": _("Say what changes.")},
    )  # fmt: skip


class RefusedActivityForm(forms.Form):
    reason = TypographyLineField(
        label=_("Reason"), max_length=400, help_text=_("Who proposed it reads it in a mail."),
        error_messages={"required": _("Say why: who proposed it will read it.")},
    )  # fmt: skip


class AnsweredChangeForm(forms.Form):
    answer = TypographyLineField(
        label=_("Answer"), max_length=400, help_text=_("Who asked reads it in a mail."),
        error_messages={"required": _("Say what was done: who asked will read it.")},
    )  # fmt: skip
