"""Typing papers: a serial, then one line of numbers a question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from forums.models import Question
from forums.vote.codes import CodeMistyped, parse_serial
from forums.vote.methods.base import BallotFault, sentence
from forums.vote.paper_entry import Answer, parse_answer
from pole.forms import TypographyLineField

# The browser must neither store nor suggest what is typed: the next typist may sit at the same keyboard.
NO_BROWSER_HELP = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}


class AnswersForm(forms.Form):
    """One field a question, named q1, q2… by position. Each must be filled: 0 says blank, x rejected."""

    def __init__(self, data: Any = None, *, questions: Sequence[Question], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.questions = questions
        for question in questions:
            self.fields[f"q{question.position}"] = forms.CharField(
                label=question.title,
                error_messages={"required": sentence(question, "fault", code="empty", on_paper=True)},
                max_length=400,
                widget=forms.TextInput(attrs=NO_BROWSER_HELP | {"class": "typing__numbers"}),
            )

    def answer_fields(self) -> list[tuple[Question, BoundField]]:
        return [(question, self[f"q{question.position}"]) for question in self.questions]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.answers: dict[int, Answer] = {}
        for question in self.questions:
            name = f"q{question.position}"
            if name not in cleaned:
                continue
            try:
                self.answers[question.position] = parse_answer(question, cleaned[name])
            except BallotFault as fault:
                message = sentence(question, "fault", code=fault.code, on_paper=True, **fault.values)
                self.add_error(name, message)
        return cleaned

    def focus_first_wrong(self) -> None:
        """The keyboard goes where something is to be typed."""
        names = list(self.fields)
        wrong = next((name for name in names if name in self.errors), names[0])
        self.fields[wrong].widget.attrs["autofocus"] = True


class TypingForm(AnswersForm):
    serial = forms.CharField(
        label=gettext_lazy("Serial of the paper"),
        max_length=12,
        widget=forms.TextInput(attrs=NO_BROWSER_HELP | {"class": "typing__serial"}),
        help_text=gettext_lazy("The five characters at the foot. Capitals do not matter."),
    )

    field_order = ["serial"]

    def clean_serial(self) -> str:
        try:
            return parse_serial(self.cleaned_data["serial"])
        except CodeMistyped as error:
            raise ValidationError(
                _("A serial has five letters and digits. Read it again, at the foot of the paper.")
            ) from error


class DecisionForm(AnswersForm):
    reason = TypographyLineField(
        label=pgettext_lazy("of an act of the team", "Reason"),
        max_length=400,
        help_text=gettext_lazy("What the paper shows, and why one reading is right."),
    )
