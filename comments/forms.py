from __future__ import annotations

import time
import uuid
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from comments.rules import MAX_LENGTH
from pole.forms import with_changed_value
from pole.text import plaintext, typography

MIN_WRITING_SECONDS = 2


def new_form_token() -> str:
    """A new idempotency key and the time (Unix, in seconds), signed together."""
    return signing.dumps([uuid.uuid4().hex, int(time.time())], salt="comment")


class CommentForm(forms.Form):
    """A comment, or an answer to one.

    `shown` is a token of `new_form_token`: a machine answers too fast, and a double click sends the same
    idempotency key twice.
    """

    text = forms.CharField(
        label=_("Your comment"),
        max_length=MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Write your comment before sending it.")},
    )
    shown = forms.CharField(widget=forms.HiddenInput)
    # Left empty by people, who don't see it.
    subject = forms.CharField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shown"].initial = new_form_token

    def clean_text(self) -> str:
        text = typography.fix_text(plaintext.clean_paragraphs(self.cleaned_data["text"]))
        if not text:
            raise ValidationError(_("Write your comment before sending it."))
        return text

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        try:
            key, shown_at = signing.loads(cleaned.get("shown", ""), salt="comment", max_age=86400)
        except signing.BadSignature as error:
            self.data = with_changed_value(self.data, "shown", new_form_token())
            raise ValidationError(_("This form has expired. Send your comment again.")) from error
        if cleaned.get("subject") or time.time() - shown_at < MIN_WRITING_SECONDS:
            raise ValidationError(_("That was very fast. Wait a moment, then send your comment again."))
        cleaned["idempotency_key"] = uuid.UUID(key)
        return cleaned


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
