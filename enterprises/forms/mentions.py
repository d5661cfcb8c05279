"""« Mentionner une entreprise absente »."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from pole import identifiers
from pole.access import SignedToken
from pole.forms import EmailAddressField, SingleLineField, TimedForm
from pole.geo.levels import levels_of
from pole.geo.town_choices import TownField, TownSelect, towns_of_territory
from pole.models import Hub, Municipality


class MentionForm(TimedForm):
    token = SignedToken("enterprises.mention", (str, int), timedelta(days=1))

    name = SingleLineField(label=_("Name of the enterprise"), max_length=140, min_length=2)
    municipality = TownField(Municipality.objects.none(), empty_label=_("Choose…"))
    activity = SingleLineField(
        label=_("What it does"), max_length=240, min_length=5,
        help_text=_("In a sentence: “Repairs bikes and sells second-hand ones.”"),
    )  # fmt: skip
    website = SingleLineField(label=_("Its website"), required=False, max_length=300)
    phone = SingleLineField(label=_("Its telephone"), required=False, max_length=40)
    email = EmailAddressField(
        label=_("Your e-mail address"), required=False, max_length=254,
        help_text=_("Only if you would like to know what we did. We erase it afterwards."),
    )  # fmt: skip

    def __init__(self, *args: Any, hub: Hub, hub_version: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country = hub.country
        towns = cast("TownField", self.fields["municipality"])
        towns.queryset = Municipality.objects.in_territory()
        cast("TownSelect", towns.widget).towns = towns_of_territory(hub_version, str(towns.empty_label))
        towns.label = levels_of(hub).town_heading

    def clean_website(self) -> str:
        typed = str(self.cleaned_data["website"])
        if typed:
            identifiers.clean_website(typed)
        return typed

    def clean_phone(self) -> str:
        typed = str(self.cleaned_data["phone"])
        if typed:
            identifiers.parse_phone(typed, country=self.country)
        return typed

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not cleaned.get("website") and not cleaned.get("phone"):
            raise ValidationError(_("Write its website or its telephone: the team must be able to find it."))
        return cleaned
