"""The portal's own forms about people.

allauth reads `SignupExtraForm` while its own forms are being loaded: nothing here may import them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, TeamMails, User
from pole.forms import EmailAddressField, SearchedTextField, SingleLineField, TypographyLineField
from pole.templatetags.typography import day_time
from pole.text.bilingual import current_language


class ShownNameField(SingleLineField):
    """A name that is public with every comment, and that nobody reads beforehand: without the address of a site."""

    def validate(self, value: str) -> None:
        super().validate(value)
        if "://" in value or "www." in value.lower():
            raise forms.ValidationError(_("Write your name alone, without the address of a site."))


class SignupExtraForm(forms.Form):
    """What the portal asks of a new person, beside the address and the password.

    The box must be ticked. Whether the name may be shown is asked with the first comment (`accounts.consents`).
    """

    field_order = ["email", "name", "language", "password1", "is_14"]

    name = ShownNameField(
        label=_("Your name"),
        help_text=_("It is shown only if you agree to it, with your first comment."),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(
        label=_("Language of our messages"), choices=User.Language, initial=current_language
    )
    is_14 = forms.BooleanField(
        label=_("I am 14 years old or more"),
        error_messages={"required": _("You must be at least 14 years old to have an account.")},
    )

    def signup(self, request: HttpRequest, user: User) -> None:
        """Asked for by allauth; the adapter's `save_user` has already taken what this form holds."""


class ErasureForm(forms.Form):
    """The word of whoever asks that an account be erased, `sure`: the sentence beside the box."""

    sure = forms.BooleanField(
        error_messages={"required": _("Nothing was erased: tick the box to say that you are sure.")}
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, sure: str) -> None:
        super().__init__(data)
        self.fields["sure"].label = sure


class ProfileForm(forms.ModelForm[User]):
    name = ShownNameField(
        label=_("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )

    class Meta:
        model = User
        fields = ("name", "language")
        labels = {"language": _("Language of our messages")}
        help_texts = {"language": ""}


class TeamMailsForm(forms.ModelForm[TeamMails]):
    """What a member of the team wants to be told by mail, and when."""

    hour = forms.TypedChoiceField(
        label=_("From what hour"),
        coerce=int,
        choices=lambda: [(hour, day_time(time(hour))) for hour in range(24)],
        help_text=_("In the time of the hub."),
    )

    class Meta:
        model = TeamMails
        fields = ("is_daily", "hour", "on_weekdays_only", "takes_alerts")
        labels = {
            "is_daily": _("Write to me each day about what waits in my rooms"),
            "on_weekdays_only": _("Monday to Friday only"),
            "takes_alerts": _("Write to me at once about what can’t wait"),
        }
        help_texts = {
            "takes_alerts": _(
                "A comment that is flagged, trouble with a vote, a mail or a backup that fails."
            )
        }


class PeopleSearchForm(forms.Form):
    """What the team looks for among people; anything unknown counts as nothing."""

    ROLES: ClassVar = [
        ("", _("Everyone")),
        ("equipe", _("The hub’s team")),
        *Role.choices,
        ("public", _("Other accounts")),
    ]

    q = SearchedTextField(label=_("Name or e-mail address"))
    role = forms.ChoiceField(label=_("Role in the portal"), required=False, choices=ROLES)
    suspendues = forms.BooleanField(label=_("Suspended accounts only"), required=False)


# What each role opens, for whoever gives it.
ROLES_EXPLAINED = [
    (Role.DIRECTION, _("Direction: everything, and the roles of colleagues")),
    (Role.EDITORIAL, _("Editorial work: posts, pages, menus, comments and suspensions")),
    (Role.DIRECTORY, _("Directory: listings, claims, imports")),
    (Role.FORUMS, _("Forums and votes: registrations, recommendations, rounds, results, follow-up")),
]


class RolesForm(forms.Form):
    """The roles that someone is to have; none takes them off the team. `seen`: those that the page showed."""

    roles = forms.MultipleChoiceField(
        label=_("Roles in the team"),
        choices=ROLES_EXPLAINED,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    seen = SingleLineField(widget=forms.HiddenInput, required=False, max_length=64)


class TeamInvitationForm(forms.Form):
    email = EmailAddressField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("The invitation goes there, and serves for this address alone."),
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles in the team"),
        choices=ROLES_EXPLAINED,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one role.")},
    )


class SuspendForm(forms.Form):
    days = forms.TypedChoiceField(
        label=_("For how long"),
        coerce=int,
        choices=[(1, _("One day")), (7, _("One week")), (30, _("Thirty days")), (365, _("One year"))],
        initial=7,
        widget=forms.RadioSelect,
    )
    reason = TypographyLineField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("This person will read it, word for word."),
        error_messages={"required": _("Give the reason: this person will read it.")},
    )
