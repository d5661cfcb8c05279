"""The forms to claim a listing, propose changes of its identity, correct it, or report an error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from enterprises.forms.listing import IDENTITY, ListingForm, StaffListingForm
from enterprises.listing_fields import Group, fields_in, form_names
from enterprises.models import ListingRole
from pole.forms import EmailAddressField, HoneypotForm, ParagraphsField, SingleLineField

_CORRECTIONS = {each.name for each in fields_in("corrections")}
# What someone without an account may correct: no files, no rich text.
CORRECTABLE = tuple(name for name in form_names(*Group) if name in _CORRECTIONS)


class CodeForm(forms.Form):
    code = SingleLineField(
        label=_("The code that we mailed"), max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )  # fmt: skip


class DomainAddressForm(forms.Form):
    local = forms.RegexField(
        r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}$", label=_("Your address at this domain"), max_length=64,
        error_messages={"invalid": _("Write only what comes before the @.")},
    )  # fmt: skip


class AskStaffForm(forms.Form):
    message = ParagraphsField(
        label=_("Who you are, and how we can check it"), max_length=1000, min_length=10,
        help_text=_("Your function, a telephone number of the enterprise where we can reach you…"),
    )  # fmt: skip


class InviteForm(forms.Form):
    email = EmailAddressField(label=_("E-mail address"), max_length=254)
    role = forms.ChoiceField(
        label=_("Role"), choices=ListingRole.Role, initial=ListingRole.Role.EDITOR, widget=forms.RadioSelect,
        help_text=_("A co-editor changes the listing; an owner also signs, invites and removes people."),
    )  # fmt: skip


class IdentityForm(StaffListingForm):
    """The identity alone, as a manager proposes it: never saved, only compared."""

    is_exact = None  # type: ignore[assignment]  # how Django drops a field of the parent
    message = ParagraphsField(
        label=_("Why this change?"), required=False, max_length=1000,
        help_text=_("What helps the team to check: a decision of the general meeting, the register…"),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in set(self.fields) - {*IDENTITY, "message", "version"}:
            del self.fields[name]

    def identity(self) -> list[Any]:
        return [self[name] for name in IDENTITY]


class CorrectionForm(ListingForm):
    """What someone who got the yearly mail corrects without an account: staff decide."""

    is_exact = None  # type: ignore[assignment]  # how Django drops a field of the parent
    message = ParagraphsField(label=_("Anything else to correct?"), required=False, max_length=1000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in set(self.fields) - {*CORRECTABLE, "message", "version"}:
            del self.fields[name]


class ReportForm(HoneypotForm):
    message = ParagraphsField(
        label=_("What is wrong?"), min_length=5, max_length=1000,
        help_text=_("“The telephone number is no longer in service”, “They have moved to Mercier”…"),
    )  # fmt: skip
    email = EmailAddressField(
        label=_("Your e-mail address"), required=False, max_length=254,
        help_text=_("Only if you would like to know what we did. We erase it afterwards."),
    )  # fmt: skip


class QueueDecisionForm(forms.Form):
    """A decision in the list of what waits, named after its card: to refuse takes a reason."""

    reason = SingleLineField(
        label=_("Reason, told to the person"), required=False, max_length=400, widget=forms.TextInput()
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, key: str) -> None:
        super().__init__(data, auto_id=f"motif-{key}-%s")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.data.get("decision") != "accept" and not cleaned.get("reason") and not self.errors:
            self.add_error("reason", _("Say why: the person will read it."))
        return cleaned


class DecisionForm(forms.Form):
    reason = ParagraphsField(
        label=_("Reason, told to the person"),
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
