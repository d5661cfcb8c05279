"""Forms of staff: the questions at registration, the texts of mails, and the dates of a forum and of its copy."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from forums.event.wall_time import WEEK, YEAR, shifted_span, wall_difference
from forums.forms.fields import LIKELY_DAYS, CalendarDateField, set_languages
from forums.forms.row_formset import RowForm, RowFormSet, row_formset
from forums.mail.notices import text_for
from forums.mail.texts import MailText, unknown_placeholders
from forums.models import Forum, NoticeKind
from forums.registration.questions import MAX_QUESTIONS
from pole.forms import TypographyLineField, TypographyTextField
from pole.text.local_moments import LocalDateTimeField


class QuestionForm(RowForm):
    id = forms.IntegerField(widget=forms.HiddenInput, required=False)
    label = TypographyLineField(label=_("Question"), max_length=160)
    label_en = TypographyLineField(label=_("Question in English"), max_length=160, required=False)


class BaseQuestionFormSet(RowFormSet):
    extra_rows, min_rows = 0, MAX_QUESTIONS


QuestionFormSet = row_formset(QuestionForm, base=BaseQuestionFormSet, can_order=True, max_rows=MAX_QUESTIONS)


class NoticeTextForm(forms.Form):
    """The text of one kind of mail, in both languages. Both fields of a language empty: the default text."""

    subject = TypographyLineField(label=_("Subject"), max_length=140, required=False)
    body = TypographyTextField(
        label=_("Text"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 9})
    )
    subject_en = TypographyLineField(label=_("Subject in English"), max_length=140, required=False)
    body_en = TypographyTextField(
        label=_("Text in English"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 9})
    )

    def __init__(self, forum: Forum, kind: NoticeKind, data: Any = None) -> None:
        french, english = text_for(forum, kind, "fr"), text_for(forum, kind, "en")
        initial = {
            "subject": french.subject,
            "body": french.body,
            "subject_en": english.subject,
            "body_en": english.body,
        }
        super().__init__(data, initial=initial)
        set_languages(self.fields)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in self.fields:
            if unknown := unknown_placeholders(cleaned.get(name, "")):
                message = _("%(mark)s stands for nothing. Use the marks of the list, as they are written.")
                self.add_error(name, ValidationError(message, params={"mark": unknown[0]}))
        for subject, body in (("subject", "body"), ("subject_en", "body_en")):
            if cleaned.get(body) and subject in cleaned and not cleaned[subject]:
                self.add_error(subject, _("Write a subject too."))
            if cleaned.get(subject) and body in cleaned and not cleaned[body]:
                self.add_error(body, _("Write a text too."))
        return cleaned

    def texts(self) -> dict[str, MailText]:
        data = self.cleaned_data
        return {
            "fr": MailText(data["subject"], data["body"]),
            "en": MailText(data["subject_en"], data["body_en"]),
        }


class PostponeForm(forms.Form):
    starts_at = LocalDateTimeField(label=_("Begins"))
    ends_at = LocalDateTimeField(label=_("Ends"))
    registration_closes_at = LocalDateTimeField(
        label=_("Registration closes"), required=False, help_text=_("Empty: when the activity begins.")
    )

    def __init__(self, forum: Forum, data: Any = None) -> None:
        names = ("starts_at", "ends_at", "registration_closes_at")
        super().__init__(data, initial={name: getattr(forum, name) for name in names})
        self.forum = forum
        self.is_series = forum.sessions.exists()
        if self.is_series:
            del self.fields["ends_at"]
            self.fields["starts_at"].help_text = _(
                "Of the first session that is held. The others move by as much, and keep their hours."
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        starts: datetime | None = cleaned.get("starts_at")
        if self.is_series and starts:
            later = wall_difference(self.forum.starts_at, starts)
            cleaned["ends_at"] = shifted_span(self.forum.starts_at, self.forum.ends_at, later)[1]
        ends: datetime | None = cleaned.get("ends_at")
        closes: datetime | None = cleaned.get("registration_closes_at")
        opens = self.forum.registration_opens_at
        if starts and starts <= timezone.now():
            self.add_error("starts_at", _("Give a moment to come."))
        if starts and ends and ends <= starts:
            self.add_error("ends_at", _("The activity must end after it begins."))
        if starts and ends and (starts, ends) == (self.forum.starts_at, self.forum.ends_at):
            self.add_error("starts_at", _("These are the dates that it has."))
        if closes and opens and closes <= opens:
            self.add_error("registration_closes_at", _("Registration must close after it opens."))
        return cleaned


class AnnounceForm(forms.Form):
    at = LocalDateTimeField(
        label=_("At a date"),
        required=False,
        help_text=_("To come: the page appears by itself at that moment."),
    )


class DuplicateForm(forms.Form):
    """A day; without one, the button tells how much later."""

    on = CalendarDateField(
        required=False,
        validators=LIKELY_DAYS,
        label=_("Day of the next edition"),
        help_text=_(
            "Empty: as many times 52 weeks later as it takes. Registration and sessions move with it, and every hour stays."
        ),
    )
    week = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def step(self) -> timedelta:
        return WEEK if self.cleaned_data["week"] else YEAR
