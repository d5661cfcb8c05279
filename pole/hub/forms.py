"""The forms by which staff edit the hub and its menus."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from pole import identifiers
from pole.forms import LogoField, SingleLineField, VersionedModelForm, typed_field
from pole.hub import colours
from pole.models import Hub, MenuItem, hexadecimal_colour

GROUPS: tuple[tuple[str | Promise, tuple[str, ...]], ...] = (
    (_("Name"), ("name", "name_en", "short_name", "tagline", "tagline_en", "team", "team_en")),
    (_("Look"), ("logo", "primary_colour", "accent_colour")),
    (
        _("How to reach you"),
        ("street", "municipality", "postal_code", "phone", "email", "opening_hours", "opening_hours_en"),
    ),
    (_("Territory"), ("territory",)),
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
            "territory": forms.CheckboxSelectMultiple,
        }
        field_classes = {"logo": LogoField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound and self.instance.phone_extension:
            self.initial["phone"] = f"{self.instance.phone} poste {self.instance.phone_extension}"
        # A number as people write it is longer than the one that is stored.
        self.fields["phone"] = SingleLineField(
            label=self.fields["phone"].label, required=False, max_length=40
        )

    def groups(self) -> Iterator[tuple[str | Promise, list[BoundField]]]:
        for title, names in GROUPS:
            yield title, [self[name] for name in names]

    def clean_postal_code(self) -> str:
        raw = self.cleaned_data["postal_code"]
        return identifiers.clean_postal_code(raw) if raw else ""

    def clean_phone(self) -> str:
        raw = self.cleaned_data["phone"]
        if not raw:
            self.instance.phone_extension = ""
            return ""
        number, self.instance.phone_extension = identifiers.parse_phone(raw)
        return number

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
        address: str = self.cleaned_data["address"]
        if "address" not in self.changed_data:
            return address
        path = urlsplit(address).path
        try:
            with translation.override("fr"):
                found = resolve(path if path.endswith("/") else f"{path}/")
        except Resolver404 as error:
            raise ValidationError(_("Nothing is at this address. Check it in your browser first.")) from error
        page_exists: Callable[[str], bool] = import_string(settings.PAGE_EXISTS)
        if found.view_name == "page" and not page_exists(found.kwargs["slug"]):
            raise ValidationError(_("Nothing is at this address. Check it in your browser first."))
        return address


MenuFormSet = forms.modelformset_factory(MenuItem, form=MenuItemForm, extra=2, can_delete=True)
