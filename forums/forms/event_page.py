"""The page on which staff prepare an activity: the event, its sessions, its tracks, its programme, who came."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django import forms
from django.db import IntegrityError, models, transaction
from django.forms import BoundField
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from forums.event.editing import announce, save_event
from forums.event.kinds import traits_of, usual_values
from forums.event.sessions import is_awaited
from forums.forms.event import ForumForm
from forums.forms.row_formset import Forgivable, RowForm, row_formset
from forums.forms.sessions import BaseSessionFormSet, SessionFormSet, summary_of
from forums.mail.sessions import tell_of_additions, tell_of_changes
from forums.models import Forum, Kind, ParticipantKind
from forums.registration.capacity import lock_forum, promote_from_waitlist
from pole.forms import TypographyLineField
from pole.models import Municipality

MAX_ATTENDANCE = 100_000


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


class AttendanceForm(Forgivable, forms.Form):
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

    def stored_text(self) -> str:
        counts = self.initial
        lines = (
            f"{kind.label}: {counts[kind.value] if counts[kind.value] is not None else '?'}"
            for kind in ParticipantKind
            if kind.value in counts
        )
        return "\n".join(lines)


class EventForms:
    """The forms of the page, validated and saved together. A kind goes without some: they are then None."""

    def __init__(self, forum: Forum, data: Any = None, *, publishes: bool = False) -> None:
        self.forum, self.traits, self.publishes = forum, traits_of(forum), publishes
        usual = {} if forum.pk else usual_values(Kind(forum.kind), timezone.now())
        span = (usual["starts_at"], usual["ends_at"]) if usual else None
        self.event = ForumForm(data, instance=forum, publishes=publishes, initial=usual)
        self.stored_tracks = _row_values(forum.tracks, "id", "title", "title_en") if forum.pk else []
        self.stored_programme = (
            _row_values(forum.programme, "starts_at", "title", "title_en") if forum.pk else []
        )
        self.sessions = None
        if "starts_at" not in self.event.fields:
            self.sessions = SessionFormSet(data, forum=forum, initial_span=span)
        self.tracks = None
        if self.traits.has_tracks:
            self.tracks = TrackFormSet(data, rows=self.stored_tracks, prefix="axes")
        self.programme = ProgrammeFormSet(data, rows=self.stored_programme, prefix="programme")
        self.attendance = _attendance_form(forum, data) if self.traits.has_attendance else None

    def parts(self) -> list[Any]:
        each = (self.event, self.sessions, self.tracks, self.programme, self.attendance)
        return [part for part in each if part is not None]

    def is_valid(self) -> bool:
        # All are validated, so that all errors are shown at once.
        answers = [part.is_valid() for part in self.parts()]
        if all(answers) and self.sessions:
            self._check_sessions(self.sessions)
        return all(answers) and self.event.is_valid()

    def _check_sessions(self, formset: BaseSessionFormSet) -> None:
        """Dates on which people count change knowingly, and they are told."""
        if not formset.known:
            self.event.check_postponement(*formset.span())
        elif formset.moved() and self.asks_to_tell and not self.event.cleaned_data["tells_moves"]:
            self.event.add_error(
                "tells_moves", _("People are registered: tick this box to change the dates.")
            )

    @property
    def asks_to_tell(self) -> bool:
        """Whether moving a session is a mail to someone."""
        forum = self.forum
        is_series = self.sessions is not None and bool(self.sessions.known)
        return is_series and forum.is_public(timezone.now()) and not forum.cancelled_at and is_awaited(forum)

    def forgive(self) -> None:
        """Nothing was to be saved yet: what lacks is not said."""
        for part in self.parts():
            part.forgive()

    def save(self, *, by: User | None = None) -> bool:
        """False, with an error beside the address, when another activity took it in between."""
        now = timezone.now()
        forum = self.event.save(commit=False)
        if self.sessions:
            forum.starts_at, forum.ends_at = self.sessions.span()
            # Of one date alone there is nothing to choose, and registration closes as it begins.
            forum.chooses_sessions = forum.chooses_sessions and self.sessions.is_series()
        try:
            with transaction.atomic():
                save_event(
                    forum=forum,
                    sessions=self._planned(),
                    tracks=self.tracks.rows() if self.tracks else None,
                    programme=self.programme.rows(),
                    attendance=self.attendance.counts() if self.attendance else None,
                    documents=self.event.cleaned_data["documents"],
                    by=by,
                )
                if self.sessions:
                    tell_of_changes(forum=forum, before=self.sessions.known.values(), now=now)
                    tell_of_additions(forum=forum, before=self.sessions.known.values(), now=now)
                if self.publishes:
                    announce(forum=forum, at=now, by=by)
        except IntegrityError:
            self.event.add_error("slug", _("Another activity already has this address."))
        return self.event.is_valid()

    def _planned(self) -> list[dict[str, Any]] | None:
        if self.sessions is None:
            return None
        return self.sessions.planned() if self.sessions.is_series() else []

    @property
    def is_conflict(self) -> bool:
        return self.event.is_conflict

    def differences(self) -> list[tuple[str | Promise, str]]:
        """(label, stored text) wherever what is stored is not what was typed."""
        form = self.event
        found: list[tuple[str | Promise, str]] = [
            (form[name].label, _stored_text(form, name))
            for name in form.changed_data
            if name not in {"version", "tells_moves"}
        ]
        if self.sessions and self.sessions.is_valid() and self.sessions.has_changed_stored():
            found.append((_("Sessions"), "\n".join(map(summary_of, self.sessions.known.values()))))
        lists = (
            (_("Tracks"), self.tracks, self.stored_tracks),
            (_("Programme"), self.programme, self.stored_programme),
        )
        for label, formset, stored in lists:
            if formset and formset.is_valid() and _sorted_by_time(formset.rows()) != _sorted_by_time(stored):
                found.append((label, "\n".join(_row_summary(row) for row in stored)))
        if self.attendance and self.attendance.has_changed():
            found.append((_("Participants by kind"), self.attendance.stored_text()))
        return found


@transaction.atomic
def save_typed_event(
    *, forum_id: int, data: Any, now: datetime, publishes: bool = False, by: User | None = None
) -> EventForms:
    """Saves what was typed of a forum, when it is valid beside the locked row; places that this frees go to the waitlist."""
    forms = EventForms(lock_forum(forum_id), data, publishes=publishes)
    if forms.is_valid() and forms.save(by=by):
        promote_from_waitlist(forms.event.instance, now)
    return forms


def _attendance_form(forum: Forum, data: Any) -> AttendanceForm:
    attendance = dict(forum.attendance.values_list("kind", "count")) if forum.pk else {}
    present = {f"{kind}_present": count is None for kind, count in attendance.items()}
    return AttendanceForm(data, initial={**attendance, **present}, prefix="presences")


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
