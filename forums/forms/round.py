"""The page on which staff prepare a round, its questions, and its times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from forums.forms.fields import set_languages
from forums.forms.row_formset import RowForm, RowFormSet, row_formset
from forums.models import Forum, Question, Round
from forums.vote.methods.base import MAX_OPTIONS, Method
from forums.vote.methods.registry import METHODS, method_of
from forums.vote.preparation import QUESTION_FIELDS, ROUND_FIELDS, TIME_FIELDS, round_fingerprint
from pole.forms import TypographyLineField, TypographyTextField
from pole.text.local_moments import LocalDateTimeField

MAX_QUESTIONS = 12
# As Option.title.
MAX_OPTION_LENGTH = 160


class RoundForm(forms.ModelForm):  # type: ignore[type-arg]  # of Round
    """`fingerprint` names the version of the round that this page shows, for optimistic concurrency."""

    fingerprint = forms.CharField(widget=forms.HiddenInput, required=False, max_length=24)

    class Meta:
        model = Round
        fields = ROUND_FIELDS
        field_classes = {
            **dict.fromkeys(TIME_FIELDS, LocalDateTimeField),
            **dict.fromkeys(("title", "title_en"), TypographyLineField),
        }
        help_texts = {
            "title": _("Empty: the vote is named after the forum."),
            "is_trial": _(
                "Everyone tries their phone and their slip on a light question, and nothing is retained. Type its options by hand; recommendations stay out of it."
            ),
            "public": _("They make up the roll, entered when the vote opens."),
            "reading": _(
                "Announced before the vote, it alone is official. The other one is mentioned after it. Points have one reading only."
            ),
            "tellers_add": _(
                "After the closing and before any paper is typed, tellers roll dice or say a sentence, which is entered once and projected: the portal then does not draw alone. Sealing waits for it."
            ),
            "opens_at": _("As planned: a member of the team opens the vote with a button."),
            "closes_at": _(
                "At that moment, ballots are refused by themselves. You may extend or close earlier."
            ),
        }

    def __init__(self, data: Any = None, *, instance: Round) -> None:
        super().__init__(data, instance=instance)
        self.fields["fingerprint"].initial = round_fingerprint(instance) if instance.pk else ""
        set_languages(self.fields)
        if instance.drawn_at:
            for name in ROUND_FIELDS:
                self.fields[name].disabled = name not in TIME_FIELDS

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        opens: datetime | None = cleaned.get("opens_at")
        closes: datetime | None = cleaned.get("closes_at")
        if opens and closes and closes <= opens:
            self.add_error("closes_at", _("The vote must close after it opens."))
        return cleaned

    def validate_constraints(self) -> None:
        """Left to `forums.vote.preparation`, which sees the other rounds and names the one in the way."""


class QuestionRow(RowForm):
    title = TypographyLineField(
        max_length=200,
        label=_("Question"),
        help_text=_("For example: “Which opportunities should be worked on first?”"),
    )
    title_en = TypographyLineField(max_length=200, label=_("Question in English"), required=False)
    track = forms.TypedChoiceField(
        label=_("Track"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("Recommendations of this track are copied. None: those that no other question takes."),
    )
    method = forms.ChoiceField(
        label=_("Method"),
        choices=[(name, method.label) for name, method in METHODS.items()],
        initial="approval",
    )
    to_retain = forms.IntegerField(
        label=_("Number to retain"), min_value=1, max_value=MAX_OPTIONS, initial=5, required=False
    )
    options = TypographyTextField(
        label=_("Options typed by hand"),
        required=False,
        max_length=MAX_OPTIONS * (MAX_OPTION_LENGTH + 2),
        help_text=_(
            "One a line, besides the recommendations. A draw will give the order of the ballot. For a decision: the proposal, alone."
        ),
    )
    options_en = TypographyTextField(
        label=_("The same options in English"),
        required=False,
        max_length=MAX_OPTIONS * (MAX_OPTION_LENGTH + 2),
        help_text=_("One a line, in the same order."),
    )

    def __init__(self, *args: Any, tracks: Iterable[tuple[int, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Beside the method, and before what follows it.
        limits = {}
        for method in METHODS.values():
            for name, field in method.limit_fields().items():
                # Read by the template: fields of other methods than the chosen one are hidden.
                field.of_method = method.name  # type: ignore[attr-defined]
                limits[name] = field
        place = list(self.fields).index("to_retain")
        fields = list(self.fields.items())
        self.fields = dict([*fields[:place], *limits.items(), *fields[place:]])
        self.fields["track"].choices = [("", _("All, or the others")), *tracks]  # type: ignore[attr-defined]  # a choice field

    def clean_options(self) -> list[str]:
        return self._lines("options")

    def clean_options_en(self) -> list[str]:
        return self._lines("options_en")

    def _lines(self, name: str) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data[name].splitlines() if line.strip()]
        if too_long := next((line for line in lines if len(line) > MAX_OPTION_LENGTH), ""):
            raise ValidationError(
                _("An option has at most %(count)d characters: “%(start)s…” is longer."),
                params={"count": MAX_OPTION_LENGTH, "start": too_long[:40]},
            )
        if len(lines) > MAX_OPTIONS:
            raise ValidationError(_("Type at most %(count)d options."), params={"count": MAX_OPTIONS})
        return lines

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if method := METHODS.get(cleaned.get("method", "")):
            self._clean_limits(method, cleaned)
        french, english = cleaned.get("options", []), cleaned.get("options_en", [])
        if english and len(english) != len(french):
            self.add_error("options_en", _("Type as many lines in English as in French, or none."))
        if len({line.casefold() for line in french}) != len(french):
            self.add_error("options", _("The same option is there twice."))
        return cleaned

    def _clean_limits(self, method: Method, cleaned: dict[str, Any]) -> None:
        """`cleaned["limits"]`: those of this method, whatever was typed for another, where no fault would be seen."""
        others = {name for each in METHODS.values() for name in each.limit_fields()} - set(
            method.limit_fields()
        )
        for name in others if method.retains else {*others, "to_retain"}:
            self.errors.pop(name, None)
        limits, faults = method.clean_limits({name: cleaned.get(name) for name in method.limit_fields()})
        for name, message in faults.items():
            if name not in self.errors:
                self.add_error(name, message)
        cleaned["limits"] = limits
        if not method.retains:
            cleaned["to_retain"] = 1
        elif not cleaned.get("to_retain") and "to_retain" not in self.errors:
            self.add_error("to_retain", _("Say how many options are to be retained."))


class _QuestionRows(RowFormSet):
    extra_rows, min_rows = 0, 1


QuestionRowFormSet = row_formset(QuestionRow, base=_QuestionRows, can_order=True, max_rows=MAX_QUESTIONS)


class RoundForms:
    """The forms of the page, valid and saved together."""

    def __init__(self, round: Round, forum: Forum, data: Any = None) -> None:
        rows = _initial_rows(round) if round.pk else []
        tracks = [(track.pk, str(track.shown_title)) for track in forum.tracks.all()]
        self.round = RoundForm(data, instance=round)
        # A drawn ballot keeps its questions, and the page does not send them.
        self.has_questions = round.drawn_at is None
        self.questions = QuestionRowFormSet(
            data if self.has_questions else None,
            rows=rows,
            prefix="questions",
            form_kwargs={"tracks": tracks},
        )

    def is_valid(self) -> bool:
        answers = [self.round.is_valid(), not self.has_questions or self.questions.is_valid()]
        return all(answers) and self._is_quorum_possible()

    def _is_quorum_possible(self) -> bool:
        """People join the roll of a consultation by voting: any quorum of it would be reached."""
        if not self.has_questions or self.round.cleaned_data["public"] != Round.Public.ACCOUNTS:
            return True
        kept = [row for row in self.questions if row not in self.questions.deleted_forms]
        rows = [row for row in kept if "quorum_numerator" in row.cleaned_data.get("limits", {})]
        for row in rows:
            row.add_error("quorum_numerator", _("A consultation has no roll beforehand, so no quorum."))
        return not rows

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.round.cleaned_data[name] for name in ROUND_FIELDS}

    def typed_questions(self) -> list[dict[str, Any]]:
        """As `forums.vote.preparation.create_round` takes them."""
        if not self.has_questions:
            return []
        return [
            {
                **{name: row[name] for name in QUESTION_FIELDS},
                "track_id": row["track"],
                "options": _pair_languages(row["options"], row["options_en"]),
            }
            for row in self.questions.rows()
        ]


def _pair_languages(french: list[str], english: list[str]) -> list[tuple[str, str]]:
    return list(zip(french, english or [""] * len(french), strict=True))


def _initial_rows(round: Round) -> list[Mapping[str, Any]]:
    questions = round.questions.order_by("position").prefetch_related("options")
    return [_initial_row(question) for question in questions]


def _initial_row(question: Question) -> dict[str, Any]:
    typed = [option for option in question.options.all() if not option.is_copied]
    # Line by line beside the French: where one lacks, its French stands for it.
    english = [option.title_en or option.title for option in typed if any(each.title_en for each in typed)]
    return {
        **{name: getattr(question, name) for name in QUESTION_FIELDS},
        **method_of(question).typed_limits(question.limits),
        "track": question.track_id,
        "options": "\n".join(option.title for option in typed),
        "options_en": "\n".join(english),
    }
