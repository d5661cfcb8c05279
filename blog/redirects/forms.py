from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from blog.models import OldAddress
from blog.redirects import rules
from pole.forms import SingleLineField


class RedirectForm(forms.Form):
    path = SingleLineField(
        label=_("Old address"),
        max_length=600,
        help_text=_(
            "As it was written, such as /2014/05/notre-assemblee/: with the old site’s name or without."
        ),
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "none"}),
    )
    target = SingleLineField(
        label=_("Leads to"),
        max_length=600,
        help_text=_("A page of this portal, such as /billets/ or /billets/notre-assemblee/."),
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "none"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, row: OldAddress, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request, self._row = request, row

    def clean_path(self) -> str:
        try:
            path = rules.as_looked_up(rules.clean_path(self.cleaned_data["path"]))
            if path != self._row.path:
                rules.check_old(path, self._request)
        except rules.RedirectRefused as refusal:
            raise forms.ValidationError(refusal.message, code=refusal.code) from refusal
        return path

    def clean_target(self) -> str:
        try:
            rules.target_of(self.cleaned_data["target"], self._request)
        except rules.RedirectRefused as refusal:
            raise forms.ValidationError(refusal.message, code=refusal.code) from refusal
        return str(self.cleaned_data["target"])
