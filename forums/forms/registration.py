"""Forms of registration: by the person, by staff, and of walk-ins at the door."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from forums.models import Forum, ParticipantKind, Registration, RegistrationQuestion, Session
from forums.models.registration import PERSON_KINDS
from forums.registration.registering import Details
from forums.registration.sessions import choosable_sessions, own_sessions, session_line
from pole.forms import EmailAddressField, HoneypotForm, SingleLineField
from pole.text.bilingual import current_language


class DetailsForm(forms.Form):
    """The details of a person, the sessions that they choose, and the questions that staff ask."""

    name = SingleLineField(
        label=_("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    kind = forms.ChoiceField(label=_("You come as"), choices=PERSON_KINDS, widget=forms.RadioSelect)
    organisation = SingleLineField(
        label=_("Your organisation"),
        max_length=140,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    language = forms.ChoiceField(
        label=_("Language of our messages"), choices=User.Language, widget=forms.RadioSelect
    )
    access_needs = SingleLineField(
        label=_("What you need to take part"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("A ramp, an interpreter, a seat near the screen… The team alone reads this."),
    )

    def __init__(self, forum: Forum, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].initial = current_language
        self.fields["kind"].initial = ParticipantKind.CITIZEN
        self._offer_sessions(choosable_sessions(forum, timezone.now()))
        self.questions: list[RegistrationQuestion] = list(forum.questions.all())
        for question in self.questions:
            self.fields[_question_field_name(question)] = SingleLineField(
                label=question.shown_label, max_length=300, required=False
            )
        # Consent comes last, after what it is about.
        for name in ("is_14", "consent"):
            if name in self.fields:
                self.fields[name] = self.fields.pop(name)

    def _offer_sessions(self, sessions: Sequence[Session]) -> None:
        """Those that one may choose still. Whoever chose none before comes to all, and must choose no more."""
        if not sessions:
            return
        offered = {session.pk for session in sessions}
        chosen = set(self.initial.get("sessions", ()))
        self.initial["sessions"] = sorted(chosen & offered) if chosen or len(offered) > 1 else list(offered)
        self.fields["sessions"] = forms.TypedMultipleChoiceField(
            label=pgettext_lazy("of a series", "Sessions"),
            help_text=_("Those that you come to."),
            choices=[(session.pk, session_line(session)) for session in sessions],
            coerce=int,
            widget=forms.CheckboxSelectMultiple,
            required=not chosen - offered,
            error_messages={
                "required": _("Choose one session at least."),
                "invalid_choice": _("A session that you chose is over or cancelled meanwhile: choose again."),
            },
        )

    def details(self) -> Details:
        data = self.cleaned_data
        return Details(
            name=data["name"],
            language=data["language"],
            kind=data["kind"],
            organisation=data["organisation"],
            access_needs=data.get("access_needs", ""),
            answers={question.pk: data[_question_field_name(question)] for question in self.questions},
            sessions=data.get("sessions"),
        )

    def rows(self) -> Iterator[BoundField]:
        """What is shown, in order."""
        yield from self.visible_fields()


def _question_field_name(question: RegistrationQuestion) -> str:
    return f"question_{question.pk}"


def initial_values(registration: Registration) -> dict[str, Any]:
    """The initial values of a form about this registration. Two queries at most."""
    names = ("name", "email", "kind", "organisation", "language", "access_needs")
    answers = {f"question_{answer.question_id}": answer.text for answer in registration.answers.all()}
    chosen = (
        [session.pk for session in own_sessions(registration)] if registration.forum.chooses_sessions else []
    )
    return {name: getattr(registration, name) for name in names} | answers | {"sessions": chosen}


class RegistrationForm(HoneypotForm, DetailsForm):
    """For a visitor."""

    field_order = ["name", "email"]

    email = EmailAddressField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("A link to confirm, a reminder, and what concerns this activity. Nothing else."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    is_14 = forms.BooleanField(
        label=_("I am 14 years old or more"),
        error_messages={"required": _("Under 14, ask a parent to register you with the hub’s team.")},
    )
    consent = forms.BooleanField(
        label=_(
            "I agree that the hub keep this information to prepare this activity and to write to me about it."
            " Needs and answers are erased 30 days after it ends."
        ),
        error_messages={"required": _("Without this agreement, the team can’t keep a place for you.")},
    )

    def consent_wording(self) -> str:
        """The text that the person agreed to, as it was shown."""
        return f"{self.fields['is_14'].label}. {self.fields['consent'].label}"[:400]


class AccountRegistrationForm(RegistrationForm):
    """For an account, whose address is known."""

    def __init__(self, forum: Forum, *args: Any, **kwargs: Any) -> None:
        super().__init__(forum, *args, **kwargs)
        for name in ("email", "is_14"):
            del self.fields[name]

    def consent_wording(self) -> str:
        return str(self.fields["consent"].label)[:400]


class StaffRegistrationForm(DetailsForm):
    """Staff register someone, for example by telephone."""

    field_order = ["name", "email"]

    email = EmailAddressField(label=_("E-mail address"), max_length=254, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    even_if_full = forms.BooleanField(
        label=_("Give a place even if none is left"), required=False, initial=False
    )

    def __init__(self, forum: Forum, *args: Any, **kwargs: Any) -> None:
        super().__init__(forum, *args, **kwargs)
        self.fields["name"].label, self.fields["kind"].label = _("Name"), _("Comes as")
        self.fields["organisation"].label, self.fields["access_needs"].label = (
            _("Organisation"),
            _("Access needs"),
        )
        self.fields["access_needs"].help_text = ""
        if "sessions" in self.fields:
            self.fields["sessions"].help_text = ""


class StaffDetailsForm(StaffRegistrationForm):
    """Staff change the details of a registration, but not its address."""

    def __init__(self, forum: Forum, *args: Any, **kwargs: Any) -> None:
        super().__init__(forum, *args, **kwargs)
        for name in ("email", "key", "even_if_full"):
            del self.fields[name]


class WalkInForm(forms.Form):
    """At the door, on a phone: a name is enough."""

    name = SingleLineField(
        label=_("Name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    kind = forms.ChoiceField(label=_("Comes as"), choices=PERSON_KINDS, initial=ParticipantKind.CITIZEN)
    organisation = SingleLineField(label=_("Organisation"), max_length=140, required=False)
    email = EmailAddressField(
        label=_("E-mail address"),
        max_length=254,
        required=False,
        help_text=_("For the link to the results. The person may leave it out."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    carton = SingleLineField(
        label=_("Code slip"),
        max_length=200,
        required=False,
        help_text=_("Its number, printed on it."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def details(self) -> Details:
        data = self.cleaned_data
        return Details(name=data["name"], language="fr", kind=data["kind"], organisation=data["organisation"])
