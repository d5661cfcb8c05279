"""The page on which staff prepare a forum: the event, its tracks, its programme, who came."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, cast

from django import forms
from django.db import IntegrityError, models, transaction
from django.forms import BoundField
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from desk.forms import RichTextField
from desk.models import Document
from forums.event.editing import save_event
from forums.forms.fields import LIKELY_DAYS, CalendarDateField, set_languages
from forums.forms.row_formset import RowForm, row_formset
from forums.mail.notices import CONFIRMED_OR_WAITLISTED
from forums.models import Forum, ParticipantKind, Registration
from forums.registration.capacity import lock_forum, promote_from_waitlist
from pole.forms import TypographyLineField, VersionedModelForm
from pole.geo.levels import current_levels, empty_territory_help
from pole.geo.town_choices import TownChoiceField
from pole.models import Municipality
from pole.text.bilingual import ENGLISH
from pole.text.local_moments import LocalDateTimeField
from pole.text.slugs import check_free

MAX_ATTENDANCE = 100_000
MAX_DOCUMENTS_SHOWN = 30

GROUPS: tuple[tuple[str | Promise, tuple[str, ...]], ...] = (
    (_("What it is"), ("title", "summary", "body")),
    (_("Documents"), ("documents",)),
    (_("When and where"), ("starts_at", "ends_at", "day", "venue", "venue_address", "municipality")),
    (_("Who invites, and whom"), ("hosts", "guests", "capacity")),
    (_("Registration"), ("registration_opens_at", "registration_closes_at")),
    (_("Recommendations and votes"), ("has_participation",)),
    (_("Address of the page"), ("slug",)),
)
ENGLISH_FIELDS = ("title_en", "summary_en", "body_en", "hosts_en", "guests_en", "attendance_note_en")


class ForumForm(VersionedModelForm):
    body = RichTextField(required=False, label=_("Text"))
    body_en = RichTextField(required=False, label=_("Text in English"), language=ENGLISH)

    day = CalendarDateField(
        required=False,
        validators=LIKELY_DAYS,
        label=_("Day, when nobody knows the hours"),
        help_text=_(
            "For a forum of the past: leave the beginning and the end empty, and the page shows the day alone."
        ),
    )
    documents = forms.ModelMultipleChoiceField(
        label=_("Documents to download"),
        queryset=Document.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The latest thirty PDF documents of the library. They go into the dossier, too."),
    )

    class Meta:
        model = Forum
        fields = [
            *(name for _title, names in GROUPS for name in names if name != "day"),
            *("attendance_note", *ENGLISH_FIELDS),
        ]  # fmt: skip
        field_classes = {
            **dict.fromkeys(("starts_at", "ends_at"), LocalDateTimeField),
            **dict.fromkeys(("registration_opens_at", "registration_closes_at"), LocalDateTimeField),
            **dict.fromkeys(("title", "summary", "hosts", "guests", "attendance_note"), TypographyLineField),
            **dict.fromkeys(("title_en", "summary_en", "hosts_en", "guests_en"), TypographyLineField),
            **dict.fromkeys(("attendance_note_en", "venue", "venue_address"), TypographyLineField),
            "municipality": TownChoiceField,
        }
        widgets = {
            "summary": forms.Textarea(attrs={"rows": 2}),
            "summary_en": forms.Textarea(attrs={"rows": 2}),
        }
        help_texts = {
            "summary": _("One or two sentences, for lists and search engines."),
            "slug": _("Empty: made from the title. Once announced, changing it breaks the links of others."),
            "registration_closes_at": _("Empty: when the forum begins."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("slug", "starts_at", "ends_at"):
            self.fields[name].required = False
        if self.instance.pk and self.instance.is_one_day and not self.instance.has_hours:
            day = timezone.localdate(self.instance.starts_at)
            self.initial.update(starts_at=None, ends_at=None, day=day)
        towns = Municipality.objects.in_territory(also=self.instance.municipality_id)
        cast("forms.ModelChoiceField[Municipality]", self.fields["municipality"]).queryset = towns
        self.fields["municipality"].label = current_levels().town_heading
        if not towns:
            self.fields["municipality"].help_text = empty_territory_help()
        latest = list(Document.objects.values_list("pk", flat=True)[:MAX_DOCUMENTS_SHOWN])
        held = list(self.instance.documents.values_list("pk", flat=True)) if self.instance.pk else []
        known = Document.objects.filter(pk__in={*latest, *held})
        cast("forms.ModelMultipleChoiceField[Document]", self.fields["documents"]).queryset = known
        set_languages(self.fields)

    def groups(self) -> Iterator[tuple[str | Promise, list[BoundField]]]:
        has_library = Document.objects.exists()
        for title, names in GROUPS:
            if "documents" not in names or has_library:
                yield title, [self[name] for name in names]

    def english_fields(self) -> list[BoundField]:
        return [self[name] for name in ENGLISH_FIELDS]

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        check_free(slug, Forum.objects.exclude(pk=self.instance.pk))
        return slug

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self._fill_hours(cleaned)
        self._check_order("starts_at", "ends_at", _("The forum must end after it begins."))
        self._check_order(
            "registration_opens_at", "registration_closes_at", _("Registration must close after it opens.")
        )
        self._check_postponement()
        return cleaned

    def _fill_hours(self, cleaned: dict[str, Any]) -> None:
        """A beginning and an end, or the day alone, which is stored from midnight to 23:59."""
        hours = ("starts_at", "ends_at")
        day: date | None = cleaned.get("day")
        if day is None:
            for name in hours:
                if name in cleaned and cleaned[name] is None and "day" in cleaned:
                    self.add_error(name, self.fields[name].error_messages["required"])
        elif any(cleaned.get(name) or name in self.errors for name in hours):
            self.add_error("day", _("Give the hours, or the day alone: not both."))
        else:
            cleaned["starts_at"] = timezone.make_aware(datetime.combine(day, time(0, 0)))
            cleaned["ends_at"] = timezone.make_aware(datetime.combine(day, time(23, 59)))

    def _check_postponement(self) -> None:
        """Dates of a public forum with registrations change by `postpone` alone, which mails everyone."""
        now, forum = timezone.now(), self.instance
        if not forum.pk or not forum.is_public(now) or forum.cancelled_at or now >= forum.starts_at:
            return
        starts, ends = self.cleaned_data.get("starts_at"), self.cleaned_data.get("ends_at")
        moved = starts and starts != forum.starts_at.replace(second=0, microsecond=0)
        # Ending later on the same day needs no mail.
        ends_another_day = ends and timezone.localdate(ends) != timezone.localdate(forum.ends_at)
        if (moved or ends_another_day) and Registration.objects.filter(
            forum=forum, state__in=CONFIRMED_OR_WAITLISTED
        ).exists():
            self.add_error(
                "starts_at" if moved else "ends_at",
                _("People are registered: “Postpone” changes the dates and tells them by mail."),
            )

    def _check_order(self, first: str, last: str, message: str | Promise) -> None:
        begins: datetime | None = self.cleaned_data.get(first)
        ends: datetime | None = self.cleaned_data.get(last)
        if begins and ends and ends <= begins:
            self.add_error(last, str(message))


class TrackForm(RowForm):
    id = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = TypographyLineField(max_length=160, label=_("Title"))
    title_en = TypographyLineField(max_length=160, label=_("Title in English"), required=False)


class ProgrammeForm(RowForm):
    starts_at = forms.TimeField(
        label=_("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    title = TypographyLineField(max_length=200, label=_("What happens"))
    title_en = TypographyLineField(max_length=200, label=_("What happens, in English"), required=False)


TrackFormSet = row_formset(TrackForm, can_order=True, max_rows=12)
ProgrammeFormSet = row_formset(ProgrammeForm, can_order=False, max_rows=40)


class AttendanceForm(forms.Form):
    """For each kind of participants, a number, or only that they were there."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in ParticipantKind:
            self.fields[kind.value] = forms.IntegerField(
                label=kind.label, min_value=0, max_value=MAX_ATTENDANCE, required=False
            )
            self.fields[f"{kind.value}_present"] = forms.BooleanField(
                label=_("Present, number unknown"), required=False
            )

    def lines(self) -> Iterator[tuple[BoundField, BoundField]]:
        for kind in ParticipantKind:
            yield self[kind.value], self[f"{kind.value}_present"]

    def counts(self) -> dict[str, int | None]:
        """For each kind that came, how many, or None when the number is unknown."""
        found: dict[str, int | None] = {}
        for kind in ParticipantKind:
            if count := self.cleaned_data[kind.value]:
                found[kind.value] = count
            elif self.cleaned_data[f"{kind.value}_present"]:
                found[kind.value] = None
        return found


class EventForms:
    """The forms of the page, validated and saved together."""

    def __init__(self, forum: Forum, data: Any = None) -> None:
        tracks = _row_values(forum.tracks, "id", "title", "title_en") if forum.pk else []
        programme = _row_values(forum.programme, "starts_at", "title", "title_en") if forum.pk else []
        attendance = dict(forum.attendance.values_list("kind", "count")) if forum.pk else {}
        present = {f"{kind}_present": count is None for kind, count in attendance.items()}
        self.event = ForumForm(data, instance=forum)
        self.tracks = TrackFormSet(data, rows=tracks, prefix="axes")
        self.programme = ProgrammeFormSet(data, rows=programme, prefix="programme")
        self.attendance = AttendanceForm(data, initial={**attendance, **present}, prefix="presences")
        self.stored_tracks, self.stored_programme = tracks, programme

    def is_valid(self) -> bool:
        # All are validated, so that all errors are shown at once.
        answers = [part.is_valid() for part in (self.event, self.tracks, self.programme, self.attendance)]
        return all(answers)

    def save(self, *, by: User | None = None) -> bool:
        """False, with an error beside the address, when another forum took it in between."""
        try:
            save_event(
                forum=self.event.save(commit=False),
                tracks=self.tracks.rows(),
                programme=self.programme.rows(),
                attendance=self.attendance.counts(),
                documents=self.event.cleaned_data["documents"],
                by=by,
            )
        except IntegrityError:
            self.event.add_error("slug", _("Another forum already has this address."))
        return self.event.is_valid()

    @property
    def is_conflict(self) -> bool:
        return self.event.is_conflict

    def differences(self) -> list[tuple[str | Promise, str]]:
        """(label, stored text) wherever what is stored is not what was typed."""
        form = self.event
        found: list[tuple[str | Promise, str]] = [
            (form[name].label, _stored_text(form, name)) for name in form.changed_data if name != "version"
        ]
        lists = (
            (_("Tracks"), self.tracks, self.stored_tracks),
            (_("Programme"), self.programme, self.stored_programme),
        )
        for label, formset, stored in lists:
            if formset.is_valid() and _sorted_by_time(formset.rows()) != _sorted_by_time(stored):
                found.append((label, "\n".join(_row_summary(row) for row in stored)))
        if self.attendance.has_changed():
            counts = self.attendance.initial
            lines = (
                f"{kind.label}: {counts[kind.value] if counts[kind.value] is not None else '?'}"
                for kind in ParticipantKind
                if kind.value in counts
            )
            found.append((_("Participants by kind"), "\n".join(lines)))
        return found


@transaction.atomic
def save_typed_event(*, forum_id: int, data: Any, now: datetime, by: User | None = None) -> EventForms:
    """Saves what was typed of a forum, when it is valid beside the locked row; places that this frees go to the waitlist."""
    forms = EventForms(lock_forum(forum_id), data)
    if forms.is_valid() and forms.save(by=by):
        promote_from_waitlist(forms.event.instance, now)
    return forms


def _row_values(manager: models.Manager[Any], *fields: str) -> list[dict[str, Any]]:
    return [dict(row) for row in manager.values(*fields)]


def _stored_text(form: ForumForm, name: str) -> str:
    """A stored value as its own field would show it."""
    value = form.get_initial_for_field(form.fields[name], name)
    if name == "documents":
        return "\n".join(document.title for document in value)
    if name == "municipality" and value:
        return str(Municipality.objects.get(pk=value))
    return str(form.fields[name].widget.format_value(form.fields[name].prepare_value(value)) or "")


def _sorted_by_time(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A programme is compared by time, whatever the order of its lines."""
    return sorted(rows, key=lambda row: row.get("starts_at", 0))


def _row_summary(row: dict[str, Any]) -> str:
    texts = (row.get("starts_at"), row["title"], row["title_en"])
    return " · ".join(str(text) for text in texts if text)
