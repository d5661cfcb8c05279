"""The form by which the direction writes who is in the team, for visitors."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pole import identifiers
from pole.files import images
from pole.forms import LogoField, SingleLineField, TypographyLineField, VersionedModelForm, typed_field
from pole.geo.levels import current_country
from pole.models import TeamMember

# Twice what a page gives it: screens of many pixels.
PORTRAIT_PX = 400


class PortraitField(LogoField):
    """A face, cut to a square around its middle, never enlarged."""

    def reencoded(self, upload: Any) -> images.ReencodedImage:
        return images.cut(super().reencoded(upload), PORTRAIT_PX, PORTRAIT_PX)


class TeamMemberForm(VersionedModelForm):
    class Meta:
        model = TeamMember
        fields = ["name", "role", "role_en", "about", "about_en", "portrait", "email", "phone", "position"]
        formfield_callback = typed_field
        field_classes = {"role": TypographyLineField, "about": TypographyLineField, "portrait": PortraitField}
        help_texts = {
            "about": _("In a sentence: “Start-ups, financing, collective takeovers.”"),
            "portrait": _("Cut to a square around its middle. Without one, the initials are shown."),
            "position": _("The lowest first."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound and self.instance.phone_extension:
            self.initial["phone"] = f"{self.instance.phone} poste {self.instance.phone_extension}"
        # A number as people write it is longer than the one that is stored.
        self.fields["phone"] = SingleLineField(
            label=self.fields["phone"].label, required=False, max_length=40
        )
        self.fields["position"].widget = forms.NumberInput(attrs={"min": 0})

    def clean_phone(self) -> str:
        self.instance.phone_extension = ""
        if typed := self.cleaned_data["phone"]:
            phone, self.instance.phone_extension = identifiers.parse_phone(typed, country=current_country())
            return phone
        return ""
