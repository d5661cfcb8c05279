"""What staff send with a dossier, and what its recipient answers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from forums.forms.fields import CalendarDateField
from forums.models import Answer
from forums.models.dossier import LANGUAGES
from pole.forms import EmailAddressField, TypographyLineField, TypographyTextField
from pole.text.bilingual import ENGLISH, current_language


class DossierForm(forms.Form):
    organisation = TypographyLineField(label=_("Organisation"), max_length=140)
    person = TypographyLineField(label=_("Person"), max_length=120, required=False)
    email = EmailAddressField(label=_("E-mail address"), max_length=254)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    message = TypographyTextField(
        label=_("Message"), max_length=2000, required=False,
        help_text=_("A few words before the link. The rest of the message is written already."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.data.get("language") == ENGLISH:
            self.fields["message"].language = ENGLISH  # type: ignore[attr-defined]  # a TypographyTextField


class AcknowledgeForm(forms.Form):
    name = TypographyLineField(
        label=_("Your name"), max_length=120,
        help_text=_("Shown to the team that wrote to you, and to nobody else."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].language = current_language()  # type: ignore[attr-defined]  # a TypographyLineField


class AnswerForm(forms.Form):
    """What a recipient answers on one priority."""

    state = forms.ChoiceField(
        label=_("Your answer"), choices=[("", _("Choose…")), *Answer.State.choices],
    )  # fmt: skip
    body = TypographyLineField(label=_("Body responsible"), max_length=140, required=False)
    due_on = CalendarDateField(label=_("Due date"), required=False)
    text = TypographyTextField(
        label=_("Explanation"), max_length=2000, required=False,
        help_text=_("What is or will be done; for a refusal, why."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("body", "text"):
            self.fields[name].language = current_language()  # type: ignore[attr-defined]  # typed fields

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("state") == Answer.State.REFUSED and "text" in cleaned and not cleaned["text"]:
            self.add_error("text", _("Say why it is refused."))
        return cleaned
