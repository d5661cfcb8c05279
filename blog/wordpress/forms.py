from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from blog.wordpress.texts import Choices
from pole.files.kept_uploads import KeptFileField


class ExportForm(forms.Form):
    file = KeptFileField(
        label=_("Export of the site"),
        help_text=_(
            "In WordPress: Tools, Export, All content. An XML file, or a zip that holds it, of at most 22 MB."
            " Nothing is written before you have seen what it would do."
        ),
        widget=forms.FileInput(attrs={"accept": ".xml,.zip"}),
        max_length=200,
    )
    states = forms.ChoiceField(
        label=_("What was published"),
        choices=[
            ("kept", _("is published here too, on the day it was")),
            ("drafts", _("comes in as drafts, to be read again")),
        ],
        initial="kept",
        widget=forms.RadioSelect,
    )
    language = forms.ChoiceField(
        label=_("Language of the texts"),
        choices=[("", _("As the site says, text by text")), ("fr", "Français"), ("en", "English")],
        required=False,
    )

    def choices(self) -> Choices:
        return Choices(self.cleaned_data["states"] == "kept", self.cleaned_data["language"])


class FilesForm(forms.Form):
    uploads = KeptFileField(
        label=_("Pictures and documents"),
        help_text=_(
            "A zip of the folder wp-content/uploads, of at most 22 MB: send several, one after the other, for a large site."
        ),
        widget=forms.FileInput(attrs={"accept": ".zip"}),
        max_length=200,
    )

    def clean_uploads(self) -> Any:
        upload = self.cleaned_data["uploads"]
        upload.seek(0)
        if upload.read(2) != b"PK":
            raise ValidationError(_("This file is not a zip."), code="zip_format")
        upload.seek(0)
        return upload
