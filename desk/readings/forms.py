"""What a reader sends, and what the team sends to have a text read and to answer."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from desk.models import Reading, Remark
from desk.reading_models import MAX_REMARK_LENGTH, MAX_WORDS_LENGTH
from desk.readings.passages import Passage
from pole.access import SignedToken
from pole.forms import EmailAddressField, ParagraphsField, SingleLineField, TimedForm


class RemarkForm(TimedForm):
    token = SignedToken("desk.remark", (str, int), timedelta(days=1))
    field = SingleLineField(required=False, max_length=40, widget=forms.HiddenInput)
    words = SingleLineField(required=False, max_length=MAX_WORDS_LENGTH, widget=forms.HiddenInput)
    occurrence = forms.IntegerField(required=False, min_value=0, max_value=9999, widget=forms.HiddenInput)
    text = ParagraphsField(
        label=_("Your remark"),
        max_length=MAX_REMARK_LENGTH,
        error_messages={"required": _("Write your remark before sending it.")},
    )

    @property
    def passage(self) -> Passage:
        """The one that it is about, as it was when its reader saw it."""
        sent = {name: self.cleaned_data.get(name) for name in ("field", "words", "occurrence")}
        return Passage(sent["field"] or "", sent["words"] or "", sent["occurrence"] or 0)


class AskForm(forms.ModelForm[Reading]):
    name = SingleLineField(label=_("Name of the person"), max_length=80)
    email = EmailAddressField(
        label=_("Their e-mail address"), required=False, max_length=254,
        help_text=_("To send them the link. Without one, you will give it to them yourself."),
    )  # fmt: skip
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Reading
        fields = ("name", "email")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = uuid.uuid4

    def clean_key(self) -> uuid.UUID:
        return self.cleaned_data["key"] or uuid.uuid4()


class AnswerForm(forms.ModelForm[Remark]):
    answer = ParagraphsField(label=_("Your answer"), max_length=MAX_REMARK_LENGTH, required=False)

    class Meta:
        model = Remark
        fields = ("answer",)
