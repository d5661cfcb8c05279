from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from enterprises.importing.columns import known_headings
from pole.files.kept_uploads import KeptFileField
from pole.files.tables import Table, read_table


class UploadForm(forms.Form):
    file = KeptFileField(
        label=_("Spreadsheet"),
        help_text=_(
            "CSV or XLSX, at most 10 MB and 20,000 rows. Nothing is written before you have seen what it does."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        max_length=200,
    )
    # Asked once a workbook turns out to have several.
    sheet = forms.ChoiceField(label=_("Sheet"), required=False, widget=forms.HiddenInput)
    table: Table

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if asked := self.data.get("sheet", ""):
            self._offer([asked])

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        upload = self.cleaned_data.get("file")
        if upload is None:
            return cleaned
        asked = self.cleaned_data.get("sheet", "")
        try:
            self.table = read_table(upload, sheet=asked, is_known=known_headings())
        except ValidationError as error:
            self.add_error("file", error)
            return cleaned
        if len(self.table.sheets) > 1 and asked not in self.table.sheets:
            self._offer(self.table.sheets)
            self.initial["sheet"] = self.table.sheet
            self.add_error("sheet", _("This workbook has several sheets: choose the one to read."))
        return cleaned

    def _offer(self, sheets: list[str]) -> None:
        field = self.fields["sheet"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [(name, name) for name in sheets]
        field.widget = forms.Select(choices=field.choices)
