"""The small forms of the life of a round, and of its slips."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from forums.models import Registration
from forums.vote.tellers import MAX_PART, PartRefused
from pole.forms import SingleLineField, TypographyLineField
from pole.text.local_moments import LocalDateTimeField

MAX_PRINTED = 2000


class ReasonForm(forms.Form):
    reason = TypographyLineField(
        label=pgettext_lazy("of an act of the team", "Reason"),
        max_length=400,
        help_text=_("Public. Name nobody."),
    )


class ProlongForm(forms.Form):
    until = LocalDateTimeField(label=_("New closing time"))


class PartForm(forms.Form):
    """What the tellers add to the lottery, kept whole: too long a part is refused, not cut."""

    part = SingleLineField(
        label=_("What the tellers drew or said"),
        max_length=MAX_PART,
        error_messages={
            "required": PartRefused.messages["part_empty"],
            "max_length": PartRefused.messages["part_long"],
        },
    )


class DropPartForm(ReasonForm):
    """Why the lottery goes on without the tellers."""


class AnnulForm(ReasonForm):
    """Nobody annuls by accident: the word must be typed."""

    word = forms.CharField(max_length=40)

    def __init__(self, *args: Any, wanted: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wanted = wanted
        self.fields["word"].label = _("To confirm, type the word “%(word)s”") % {"word": wanted}

    def clean_word(self) -> str:
        word: str = self.cleaned_data["word"]
        if word.strip().casefold() != self.wanted.casefold():
            raise ValidationError(_("This is not the word asked for."), code="word")
        return word


class GiveSlipForm(forms.Form):
    """The slip given to one of the people found, named after their registration."""

    # Left empty, it is refused in the words of what is no slip.
    carton = SingleLineField(
        required=False,
        max_length=200,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "required": True}
        ),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, registration: Registration) -> None:
        super().__init__(data, auto_id=f"carton-{registration.pk}-%s")
        self.registration = registration
        label = gettext("Slip of %(name)s") % {"name": registration.name}
        self.fields["carton"].label = label
        self.fields["carton"].widget.attrs |= {"aria-label": label, "placeholder": gettext("Number or code")}


class PrintForm(forms.Form):
    """`seen`: the last number, or the count, that the page showed, so that a second click prints nothing."""

    count = forms.IntegerField(label=_("How many"), min_value=1, max_value=MAX_PRINTED)
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class PaperPrintForm(PrintForm):
    is_large_print = forms.BooleanField(label=_("Large print (18 points)"), required=False)


class PapersLostForm(forms.Form):
    count = forms.IntegerField(
        label=_("Papers lost, in all"), min_value=0, max_value=100_000, initial=0,
        help_text=_("0 takes back what was declared."),
    )  # fmt: skip
    reason = TypographyLineField(
        label=pgettext_lazy("of an act of the team", "Reason"),
        max_length=400,
        required=False,
        help_text=_("Public. Name nobody."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("count") and not cleaned.get("reason"):
            self.add_error("reason", _("Say why, publicly: for example, left with a person who went home."))
        return cleaned
