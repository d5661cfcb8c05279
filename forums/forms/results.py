"""The page on which staff write the results of a forum, and the one where they follow them up."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from desk.forms import RichTextField
from desk.workflow import Action
from forums.forms.fields import CalendarDateField, set_languages
from forums.forms.row_formset import RowForm, RowFormSet, row_formset
from forums.models import Forum, Priority, PriorityUpdate, Results, Track
from forums.models.themes import MAX_THEMES, all_themes
from pole.forms import TypographyLineField, TypographyTextField
from pole.text.bilingual import ENGLISH
from pole.text.local_moments import LocalDateTimeField

MAX_PRIORITIES = 30

GROUPS: tuple[tuple[str | Promise, tuple[str, ...]], ...] = (
    (_("Introduction"), ("heading", "introduction")),
    (_("Quotation"), ("quotation", "quotation_author", "quotation_role")),
)


class ResultsForm(forms.Form):
    """The working copy of the texts. `version` is the one that the writer started from; 0 for none."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    heading = TypographyLineField(
        label=_("Heading"), max_length=200, required=False,
        help_text=_("One line under the title of the forum."),
    )  # fmt: skip
    introduction = RichTextField(label=_("Introduction"), required=False)
    quotation = TypographyTextField(
        label=_("Quotation"), max_length=1200, required=False,
        help_text=_("Without quotation marks: the page adds them."),
    )  # fmt: skip
    quotation_author = TypographyLineField(label=_("Who said it"), max_length=120, required=False)
    quotation_role = TypographyLineField(label=_("Role"), max_length=160, required=False)
    priorities_lead = TypographyTextField(
        label=_("Before the priorities"), max_length=600, required=False,
        help_text=_("One sentence that leads to the list: who chose these priorities, and what for."),
    )  # fmt: skip
    next_steps = RichTextField(label=_("Next steps"), required=False)
    heading_en = TypographyLineField(label=_("Heading in English"), max_length=200, required=False)
    introduction_en = RichTextField(label=_("Introduction in English"), required=False, language=ENGLISH)
    quotation_en = TypographyTextField(label=_("Quotation in English"), max_length=1200, required=False)
    quotation_role_en = TypographyLineField(label=_("Role in English"), max_length=160, required=False)
    priorities_lead_en = TypographyTextField(
        label=_("Before the priorities, in English"), max_length=600, required=False
    )
    next_steps_en = RichTextField(label=_("Next steps in English"), required=False, language=ENGLISH)
    publish_at = LocalDateTimeField(
        label=_("Date of publication"), required=False,
        help_text=_("To come: the text appears by itself at that moment. Empty: as soon as you publish."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_languages(self.fields)

    def groups(self) -> Iterator[tuple[str | Promise, list[BoundField]]]:
        for title, names in GROUPS:
            yield title, [self[name] for name in names]

    def english_fields(self) -> list[BoundField]:
        return [self[name] for name in Results.WORKING_FIELDS if name.endswith("_en")]

    def clean_quotation(self) -> str:
        return _strip_outer_quotation_marks(self.cleaned_data["quotation"])

    def clean_quotation_en(self) -> str:
        return _strip_outer_quotation_marks(self.cleaned_data["quotation_en"])


def _strip_outer_quotation_marks(text: str) -> str:
    """`text` without the pair of quotation marks around the whole of it."""
    for opening, closing in ("«»", "“”", '""'):
        inner = text[1:-1]
        if text[:1] == opening and text[-1:] == closing and len(text) > 1 and closing not in inner:
            return inner.strip(" \u00a0\u202f")
    return text


class PriorityForm(RowForm):
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    title = TypographyLineField(label=_("Title"), max_length=160)
    description = TypographyTextField(label=_("Description"), max_length=2000, required=False)
    track = forms.TypedChoiceField(label=_("Track"), required=False, coerce=int, empty_value=None)
    themes = forms.MultipleChoiceField(
        label=_("Themes"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("One or two, from the list that all hubs share: they are added up provincially."),
    )  # fmt: skip
    title_en = TypographyLineField(label=_("Title in English"), max_length=160, required=False)
    description_en = TypographyTextField(label=_("Description in English"), max_length=2000, required=False)

    def __init__(self, *args: Any, tracks: Sequence[Track] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["track"].choices = [("", _("No track")), *((track.pk, track.title) for track in tracks)]  # type: ignore[attr-defined]  # a choice field
        if not tracks:
            del self.fields["track"]
        self.fields["themes"].choices = [(theme.code, theme.shown) for theme in all_themes().values()]  # type: ignore[attr-defined]  # a choice field

    def clean_themes(self) -> list[str]:
        codes: list[str] = self.cleaned_data["themes"]
        if len(codes) > MAX_THEMES:
            raise forms.ValidationError(_("Choose two themes at most."))
        return codes


class BasePriorityFormSet(RowFormSet):
    min_rows = 5

    def rows(self) -> list[dict[str, Any]]:
        """The priorities, each with its unique key, new if it has none yet."""
        rows, seen = super().rows(), set()
        for row in rows:
            key = row["key"] if row["key"] and row["key"] not in seen else uuid.uuid4()
            seen.add(key)
            row["key"] = str(key)
            row.setdefault("track", None)
            row.setdefault("themes", [])
        return rows


PriorityFormSet = row_formset(PriorityForm, base=BasePriorityFormSet, can_order=True, max_rows=MAX_PRIORITIES)


class ResultsForms:
    """The texts and the priorities of a forum, which are one working copy."""

    def __init__(self, forum: Forum, results: Results | None, data: Any = None) -> None:
        tracks = list(forum.tracks.all())
        known = {track.pk for track in tracks}
        draft = results.draft if results else None
        content = draft.content if draft else {}
        # The votes that sealing added; this form does not change them.
        self.rounds: list[int] = content.get("rounds", [])
        rows = [
            {"themes": [], **row, "track": row["track"] if row["track"] in known else None}
            for row in content.get("priorities", [])
        ]
        self._stored: list[dict[str, Any]] = rows
        self._results = results
        initial = {
            **content,
            "version": draft.version if draft else 0,
            "publish_at": results.published_at if results else None,
        }
        self.texts = ResultsForm(data, initial=initial)
        self.priorities = PriorityFormSet(data, rows=rows, prefix="priorites", form_kwargs={"tracks": tracks})

    def priorities_shown(self) -> list[dict[str, Any]]:
        """Those of the page: as stored, or as they were just typed."""
        return self.priorities.rows() if self.priorities.is_bound else self._stored

    def is_valid(self) -> bool:
        # Both are validated, so that all errors are shown at once.
        answers = [self.texts.is_valid(), self.priorities.is_valid()]
        return all(answers)

    def can_perform(self, action: Action) -> bool:
        """Whether the results are complete enough for `action`; adds an error to the form otherwise."""
        if action.publishes and not self.priorities.rows():
            self.texts.add_error(None, _("Write at least one priority before you publish these results."))
        if action.publishes and self._results:
            for priority in self._results.priorities_lost_by(self.content()):
                self.texts.add_error(None, lost_priority_message(priority))
        return not self.texts.errors

    def content(self) -> dict[str, Any]:
        """The content to save as the working copy, without invalid values."""
        texts = {name: self.texts.cleaned_data.get(name, "") for name in Results.WORKING_FIELDS}
        return {**texts, "priorities": self.priorities.rows(), "rounds": self.rounds}

    def differences(self, stored: dict[str, Any]) -> list[tuple[str | Promise, str]]:
        """(label, stored text) wherever `stored` is not what was typed, prose as its words."""
        typed = self.content()
        found: list[tuple[str | Promise, str]] = [
            (self.texts[name].label, stored.get(name, ""))
            for name in Results.WORKING_FIELDS
            if stored.get(name, "") != typed[name]
        ]
        for position, theirs in enumerate(stored.get("priorities", []), start=1):
            if {"themes": [], **theirs} not in typed["priorities"][position - 1 : position]:
                texts = (theirs["title"], theirs["description"], theirs["title_en"], theirs["description_en"])
                label = _("Priority %(number)d") % {"number": position}
                found.append((label, "\n\n".join(text for text in texts if text)))
        return found

    def restart_from(self, version: int) -> None:
        """Makes the next save overwrite `version`, with what was typed."""
        data = cast("QueryDict", self.texts.data).copy()
        data["version"] = str(version)
        self.texts.data = data


def lost_priority_message(priority: Priority) -> str:
    message = _("“%(title)s” has published news or answers, which would be lost: put it back.")
    return str(message % {"title": priority.title})


class ProgressForm(forms.Form):
    """Where a priority stands and, perhaps, what has just happened to it."""

    state = forms.ChoiceField(label=_("Where it stands"), choices=Priority.State)
    dated_on = CalendarDateField(label=_("Date"), required=False)
    text = TypographyLineField(label=_("What happened"), max_length=400, required=False)
    text_en = TypographyLineField(label=_("What happened, in English"), max_length=400, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_languages(self.fields)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("text_en") and not cleaned.get("text"):
            self.add_error("text", _("Write it in French too."))
        if cleaned.get("text") and "dated_on" in cleaned and not cleaned["dated_on"]:
            self.add_error("dated_on", _("Say on which day it happened."))
        if cleaned.get("text") and cleaned.get("dated_on"):
            try:
                check_has_happened(cleaned["dated_on"])
            except ValidationError as error:
                self.add_error("dated_on", error)
        return cleaned


def check_has_happened(day: date) -> None:
    """Raises a ValidationError for a day that is to come in Montréal."""
    if day > timezone.localdate():
        raise ValidationError(_("This day is to come: write what happened once it has."), code="to_come")


class UpdateForm(forms.ModelForm[PriorityUpdate]):
    """What happened to a priority, written again."""

    class Meta:
        model = PriorityUpdate
        fields = ["dated_on", "text", "text_en"]
        field_classes = {
            "dated_on": CalendarDateField,
            **dict.fromkeys(("text", "text_en"), TypographyLineField),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_languages(self.fields)

    def clean_dated_on(self) -> date:
        day: date = self.cleaned_data["dated_on"]
        check_has_happened(day)
        return day
