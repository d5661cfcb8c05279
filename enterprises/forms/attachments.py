"""The forms by which a listing gains photos, documents and an attestation."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from desk.forms import PdfUploadField
from pole.forms import PictureUploadField, SingleLineField


class PhotoForm(forms.Form):
    photo = PictureUploadField(label=_("Photo"), help_text=_("JPEG, PNG or WebP, at most 5 MB."))
    description = SingleLineField(
        label=_("What the photo shows"), max_length=240,
        help_text=_("For those who can’t see it: “Three people repair a bicycle in the workshop.”"),
    )  # fmt: skip


class DocumentForm(forms.Form):
    document = PdfUploadField(label=_("PDF document"), help_text=_("PDF, at most 20 MB."))
    title = SingleLineField(label=_("Title"), max_length=120, help_text=_("What visitors read on the link."))


class AttestationForm(forms.Form):
    """A signature: a name and a function typed by hand, beside what is signed."""

    name = SingleLineField(
        label=_("Your full name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    title = SingleLineField(
        label=_("Your function in the enterprise"), max_length=120,
        help_text=_("For example: general manager, chair of the board."),
    )  # fmt: skip

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if len(name.split()) < 2:
            raise ValidationError(_("Write your first name and your last name: this is a signature."))
        return name
