from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from pole.files.kept_uploads import KeptFileField


class UploadForm(forms.Form):
    file = KeptFileField(
        label=_("Spreadsheet"),
        help_text=_(
            "CSV or XLSX, at most 10 MB and 20,000 rows. Nothing is written before you have seen what it does."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        max_length=200,
    )
