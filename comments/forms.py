from __future__ import annotations

from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from comments.rules import MAX_LENGTH
from pole.access import SignedToken
from pole.forms import TimedForm
from pole.text import plaintext, typography


class CommentForm(TimedForm):
    """A comment, or an answer to one."""

    token = SignedToken("comment", (str, int), timedelta(days=1))
    text = forms.CharField(
        label=_("Your comment"),
        max_length=MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Write your comment before sending it.")},
    )

    def clean_text(self) -> str:
        text = typography.fix_text(plaintext.clean_paragraphs(self.cleaned_data["text"]))
        if not text:
            raise ValidationError(_("Write your comment before sending it."))
        return text


class EditForm(forms.Form):
    text = CommentForm.base_fields["text"]
    clean_text = CommentForm.clean_text


class FlagForm(forms.Form):
    reason = forms.CharField(
        label=_("What is the matter?"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say in a few words what is the matter.")},
    )

    def clean_reason(self) -> str:
        reason = plaintext.clean_line(self.cleaned_data["reason"])
        if not reason:
            raise ValidationError(_("Say in a few words what is the matter."))
        return reason
