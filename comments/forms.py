from __future__ import annotations

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from comments.rules import MAX_LENGTH
from pole.access import SignedToken
from pole.forms import SingleLineField, TimedForm, TypographyTextField


class CommentForm(TimedForm):
    """A comment, or an answer to one."""

    token = SignedToken("comment", (str, int), timedelta(days=1))
    text = TypographyTextField(
        label=_("Your comment"),
        max_length=MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Write your comment before sending it.")},
    )


class EditForm(forms.Form):
    text = CommentForm.base_fields["text"]


class FlagForm(forms.Form):
    reason = SingleLineField(
        label=_("What is the matter?"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say in a few words what is the matter.")},
    )
