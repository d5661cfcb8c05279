from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import consents, journal
from comments.rules import MAX_LENGTH
from pole.access import SignedToken
from pole.forms import DaysBetween, SearchedTextField, SingleLineField, TimedForm, TypographyTextField


class CommentForm(TimedForm):
    """A comment, or an answer to one."""

    token = SignedToken("comment", (str, int), timedelta(days=1))
    text = TypographyTextField(
        label=_("Your comment"),
        max_length=MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Write your comment before sending it.")},
    )
    name_is_shown = forms.BooleanField(
        label=_(consents.NAME_WORDING),
        help_text=_("Asked once. You can withdraw it under “My account”."),
        error_messages={"required": _("Comments are signed: agree to show your name, or don’t send it.")},
    )

    def __init__(self, *args: Any, asks_name: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_name:
            del self.fields["name_is_shown"]

    @property
    def agreed_wording(self) -> str:
        """What the author has just agreed to, in the words of this form; nothing where it does not ask."""
        box = self.fields.get("name_is_shown")
        return str(box.label) if box else ""


class EditForm(forms.Form):
    text = CommentForm.base_fields["text"]


class FlagForm(forms.Form):
    reason = SingleLineField(
        label=_("What is the matter?"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say in a few words what is the matter.")},
    )


class HideForm(forms.Form):
    """Why the team hides a comment: one form for each item of the list, named after it."""

    reason = SingleLineField(
        label=_("Reason"),
        max_length=300,
        widget=forms.TextInput(),
        error_messages={"required": _("Give the reason: its author will read it.")},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, key: str, reason: str = "") -> None:
        super().__init__(data, auto_id=f"r-{key}-%s", initial={"reason": reason})
        self.key = key


class _DayField(forms.DateField):
    """A day of the calendar of a filter, within the years that a database and a time zone have."""

    def __init__(self, *, label: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        years = DaysBetween(date(1900, 1, 1), date(2999, 1, 1))
        super().__init__(label=label, required=False, widget=widget, validators=[years])


class JournalFilter(forms.Form):
    """What the team looks for in its journal; anything unknown counts as nothing."""

    quoi = forms.ChoiceField(
        label=_("About what"), required=False, choices=lambda: [("", _("Everything")), *journal.kinds()]
    )
    qui = SearchedTextField(label=_("Name of a person"))
    du = _DayField(label=_("From"))
    au = _DayField(label=_("Until"))
    personne = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)
