"""The forms by which staff edit the hub and its menus."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pole import identifiers
from pole.forms import (
    HomePictureField,
    LogoField,
    SingleLineField,
    SocialPictureField,
    VersionedModelForm,
    typed_field,
)
from pole.geo.levels import current_levels, empty_territory_help
from pole.geo.town_choices import TownChoiceField
from pole.hub import addresses, colours
from pole.hub.tiles import clean_tile_host
from pole.models import Hub, MenuItem, Municipality, hexadecimal_colour

GROUPS: tuple[tuple[str | Promise, tuple[str, ...]], ...] = (
    (
        _("Name"),
        (
            "name",
            "name_en",
            "short_name",
            "tagline",
            "tagline_en",
            "headline",
            "headline_en",
            "team",
            "team_en",
        ),
    ),
    (_("Look"), ("logo", "picture", "social_picture", "primary_colour", "accent_colour")),
    (
        _("How to reach you"),
        (
            "street",
            "municipality",
            "postal_code",
            "province",
            "country",
            "phone",
            "email",
            "opening_hours",
            "opening_hours_en",
        ),
    ),
    (
        _("Names of the territory’s levels"),
        (
            "middle_level",
            "middle_levels",
            "middle_level_en",
            "middle_levels_en",
            "town_level",
            "town_levels",
            "town_level_en",
            "town_levels_en",
        ),
    ),
    (_("Tiles of the map"), ("tile_host", "tile_credit")),
    (
        _("Privacy and comments"),
        ("privacy_officer", "privacy_officer_en", "privacy_email", "holds_first_comment"),
    ),
)


class HubForm(VersionedModelForm):
    class Meta:
        model = Hub
        fields = [name for _title, names in GROUPS for name in names]
        formfield_callback = typed_field
        widgets = {
            "primary_colour": forms.TextInput(attrs={"type": "color"}),
            "accent_colour": forms.TextInput(attrs={"type": "color"}),
        }
        help_texts = {
            "middle_level": _("Leave empty for “MRC”. Elsewhere: “communauté de communes”, “comté”…"),
            "tile_host": _(
                "Optional: such as “tile.openstreetmap.org”. The map of the directory works without it. With it, a button of that map"
                " names this server, says what is sent to it, and shows its streets to who presses. It gives PNG images at"
                " /{z}/{x}/{y}.png; read its conditions first."
            ),
            "tile_credit": _("Such as “© OpenStreetMap contributors”, shown with the tiles."),
            "town_level": _("Leave empty for “municipalité”. Elsewhere: “commune”…"),
        }
        field_classes = {
            "logo": LogoField,
            "picture": HomePictureField,
            "social_picture": SocialPictureField,
            "municipality": TownChoiceField,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound and self.instance.phone_extension:
            self.initial["phone"] = f"{self.instance.phone} poste {self.instance.phone_extension}"
        # A number as people write it is longer than the one that is stored.
        self.fields["phone"] = SingleLineField(
            label=self.fields["phone"].label, required=False, max_length=40
        )
        # As people write it; how it is stored depends on the country.
        self.fields["postal_code"] = SingleLineField(
            label=self.fields["postal_code"].label, required=False, max_length=12
        )
        # A form that leaves it out keeps it.
        self.fields["country"].required = False
        towns = Municipality.objects.in_territory(also=self.instance.municipality_id)
        self.fields["municipality"].queryset = towns  # type: ignore[attr-defined]  # a ModelChoiceField
        self.fields["municipality"].label = current_levels().town_heading
        if not towns:
            self.fields["municipality"].help_text = empty_territory_help()

    def groups(self) -> Iterator[tuple[str | Promise, list[BoundField]]]:
        for title, names in GROUPS:
            yield title, [self[name] for name in names]

    def clean(self) -> dict[str, Any]:
        """A postal code and a telephone number are those of the country chosen in this form."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        country = str(cleaned.get("country") or self.instance.country)
        if raw := cleaned.get("postal_code"):
            with self._errors_of("postal_code"):
                cleaned["postal_code"] = identifiers.clean_postal_code(raw, country=country)
        self.instance.phone_extension = ""
        if raw := cleaned.get("phone"):
            with self._errors_of("phone"):
                cleaned["phone"], self.instance.phone_extension = identifiers.parse_phone(
                    raw, country=country
                )
        if cleaned.get("tile_host") and not cleaned.get("tile_credit"):
            self.add_error("tile_credit", _("Write the credit that this server asks for."))
        return cleaned

    def clean_tile_host(self) -> str:
        return clean_tile_host(self.cleaned_data["tile_host"])

    @contextmanager
    def _errors_of(self, name: str) -> Iterator[None]:
        try:
            yield
        except ValidationError as error:
            self.add_error(name, error)

    def _readable(self, name: str) -> str:
        colour: str = self.cleaned_data[name].lower()
        hexadecimal_colour(colour)
        if not colours.is_readable(colour):
            raise ValidationError(
                _(
                    "This colour is too pale to be read on white (contrast %(found)s, at least %(least)s). Choose a darker one."
                ),
                params={
                    "found": f"{colours.contrast(colour, colours.WHITE):.1f}".replace(".", ","),
                    "least": f"{colours.MINIMUM_CONTRAST}".replace(".", ","),
                },
            )
        return colour

    def clean_primary_colour(self) -> str:
        return self._readable("primary_colour")

    def clean_accent_colour(self) -> str:
        return self._readable("accent_colour")


class MenuItemForm(forms.ModelForm[MenuItem]):
    class Meta:
        model = MenuItem
        fields = ["place", "position", "label", "label_en", "address"]
        formfield_callback = typed_field

    def clean_address(self) -> str:
        """An address that answers: an entry of the menu never leads to a page that isn't there."""
        if "address" not in self.changed_data:
            return str(self.cleaned_data["address"])
        address = addresses.clean_menu_address(self.cleaned_data["address"])
        if not addresses.is_outside(address) and not addresses.answers(address):
            raise ValidationError(_("Nothing is at this address. Check it in your browser first."))
        return address


MenuFormSet = forms.modelformset_factory(MenuItem, form=MenuItemForm, extra=2, can_delete=True)
