"""An activity as staff write it: what its kind has of it, and what lacks before it is published."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, cast

from django import forms
from django.forms import BoundField
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from desk.forms import RichTextField
from desk.models import Document
from forums.event.kinds import TRAITS, Group, traits_of
from forums.event.sessions import is_awaited
from forums.forms.fields import LIKELY_DAYS, CalendarDateField, LinkField, PriceField, set_languages
from forums.forms.row_formset import Forgivable
from forums.models import Forum, Kind, Mode
from pole.forms import TypographyLineField, VersionedModelForm
from pole.geo.levels import current_levels, empty_territory_help
from pole.geo.town_choices import TownChoiceField
from pole.models import Municipality
from pole.text.bilingual import ENGLISH
from pole.text.local_moments import LocalDateTimeField
from pole.text.slugs import check_free

MAX_DOCUMENTS_SHOWN = 30
# A page that was opened before they were there sends none of them: what is stored stays.
KEPT_UNLESS_SENT = ("kind", "mode", "spoken_language")
NOT_COLUMNS = frozenset({"day", "tells_moves"})
_COLUMNS = dict.fromkeys(
    name for traits in TRAITS.values() for name in (*traits.field_names(), *traits.english)
)


class ForumForm(Forgivable, VersionedModelForm):
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

    price = PriceField(
        required=False,
        label=_("Price"),
        help_text=_("For example 25, 25.50 or “free”. Empty: the page says nothing of it."),
    )
    tells_moves = forms.BooleanField(
        required=False, label=_("Tell the people registered, by mail, of the sessions that move")
    )

    class Meta:
        model = Forum
        fields = [*(name for name in _COLUMNS if name not in NOT_COLUMNS), "attendance_note"]
        field_classes = {
            **dict.fromkeys(("starts_at", "ends_at"), LocalDateTimeField),
            **dict.fromkeys(("registration_opens_at", "registration_closes_at"), LocalDateTimeField),
            **dict.fromkeys(("title", "summary", "hosts", "guests", "attendance_note"), TypographyLineField),
            **dict.fromkeys(("title_en", "summary_en", "hosts_en", "guests_en"), TypographyLineField),
            **dict.fromkeys(("attendance_note_en", "venue", "venue_address"), TypographyLineField),
            **dict.fromkeys(("price_note", "price_note_en", "trainer"), TypographyLineField),
            **dict.fromkeys(("to_bring", "to_bring_en"), TypographyLineField),
            **dict.fromkeys(("online_link", "registration_link"), LinkField),
            "municipality": TownChoiceField,
        }
        widgets = {
            "summary": forms.Textarea(attrs={"rows": 2}),
            "summary_en": forms.Textarea(attrs={"rows": 2}),
        }
        help_texts = {
            "summary": _("One or two sentences, for lists and search engines."),
            "slug": _("Empty: made from the title. Once announced, changing it breaks the links of others."),
            "registration_opens_at": _(
                "A moment that is past: as soon as it is published. Empty: nobody registers here."
            ),
            "registration_closes_at": _(
                "Empty: when the activity begins; where people choose their sessions, when the last one ends."
            ),
            "registration_link": _("When someone else takes the registrations. None is then taken here."),
            "price_note": _("For example: 15 $ for members, lunch included."),
            "attestation_share": _("In hundredths of the sessions. Empty: nobody gets an attestation."),
        }

    def __init__(self, *args: Any, publishes: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.publishes, self.traits = publishes, traits_of(self.instance)
        if not self.traits.has_tracks:
            self.instance.has_participation = False
        self._keep_fields_of_kind()
        for name in ("slug", "starts_at", "ends_at"):
            if name in self.fields:
                self.fields[name].required = False
        if "day" in self.fields and self.instance.pk and self._is_whole_day():
            day = timezone.localdate(self.instance.starts_at)
            self.initial.update(starts_at=None, ends_at=None, day=day)
        self._offer_choices()
        set_languages(self.fields)

    def _keep_fields_of_kind(self) -> None:
        has_sessions = self.traits.has_sessions or bool(self.instance.pk and self.instance.sessions.exists())
        wanted = {*self.traits.field_names(), *self.traits.english, "version", "tells_moves"}
        if self.traits.has_attendance:
            wanted.add("attendance_note")
        if has_sessions:
            wanted -= {"starts_at", "ends_at", "day"}
        for name in [*self.fields]:
            is_sent = not self.is_bound or name in self.data
            if name not in wanted or (name in KEPT_UNLESS_SENT and not is_sent):
                del self.fields[name]

    def _is_whole_day(self) -> bool:
        return self.instance.is_one_day and not self.instance.has_hours

    def _offer_choices(self) -> None:
        towns = Municipality.objects.in_territory(also=self.instance.municipality_id)
        cast("forms.ModelChoiceField[Municipality]", self.fields["municipality"]).queryset = towns
        self.fields["municipality"].label = current_levels().town_heading
        if not towns:
            self.fields["municipality"].help_text = empty_territory_help()
        latest = list(Document.objects.values_list("pk", flat=True)[:MAX_DOCUMENTS_SHOWN])
        held = list(self.instance.documents.values_list("pk", flat=True)) if self.instance.pk else []
        known = Document.objects.filter(pk__in={*latest, *held})
        cast("forms.ModelMultipleChoiceField[Document]", self.fields["documents"]).queryset = known

    def groups(self) -> Iterator[tuple[Group, list[BoundField], bool]]:
        """Each group, its fields, and whether it is shown folded: nothing of it is refused."""
        has_library = Document.objects.exists()
        for group in self.traits.groups:
            fields = [self[name] for name in group.fields if name in self.fields]
            if fields and ("documents" not in group.fields or has_library):
                yield group, fields, group.is_folded and not any(field.errors for field in fields)

    def english_fields(self) -> list[BoundField]:
        return [self[name] for name in self.traits.english]

    def has_english(self) -> bool:
        return any(field.value() or field.errors for field in self.english_fields())

    def clean_kind(self) -> str:
        kind: str = self.cleaned_data["kind"]
        forum = self.instance
        leaves_forums = bool(forum.pk) and forum.kind == Kind.FORUM and kind != Kind.FORUM
        if leaves_forums and (
            forum.rounds.exists() or forum.recommendations.exists() or hasattr(forum, "results")
        ):
            raise forms.ValidationError(
                _("It has recommendations, votes or results: it stays a forum."), code="has_votes"
            )
        return kind

    def clean_chooses_sessions(self) -> bool:
        chooses: bool = self.cleaned_data["chooses_sessions"]
        if self.instance.pk and chooses != self.initial["chooses_sessions"] and is_awaited(self.instance):
            raise forms.ValidationError(
                _("People are registered: how they choose can’t change any more."), code="awaited"
            )
        return chooses

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        check_free(slug, Forum.objects.exclude(pk=self.instance.pk))
        return slug

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("kind", self.instance.kind) != Kind.FORUM and "has_participation" in self.fields:
            cleaned["has_participation"] = False
        if "day" in self.fields or "starts_at" in self.fields:
            self._fill_hours(cleaned)
        self._check_order("starts_at", "ends_at", _("The activity must end after it begins."))
        self._check_order(
            "registration_opens_at", "registration_closes_at", _("Registration must close after it opens.")
        )
        if "starts_at" in self.fields:
            self.check_postponement(cleaned.get("starts_at"), cleaned.get("ends_at"))
        if self.publishes:
            self._check_publishable(cleaned)
        return cleaned

    def _check_publishable(self, cleaned: dict[str, Any]) -> None:
        """What visitors look for first."""
        if not cleaned.get("summary") and "summary" not in self.errors:
            self.add_error("summary", _("Before publishing, say in a sentence what it is: lists show it."))
        is_elsewhere = cleaned.get("mode", self.instance.mode) == Mode.ONLINE
        if not is_elsewhere and not cleaned.get("venue") and not cleaned.get("municipality"):
            self.add_error("venue", _("Before publishing, say where it takes place, or that it is online."))

    def _fill_hours(self, cleaned: dict[str, Any]) -> None:
        """A beginning and an end, or the day alone, which is stored from midnight to 23:59."""
        hours = ("starts_at", "ends_at")
        day: date | None = cleaned.get("day")
        if day is None:
            for name in hours:
                if name in cleaned and cleaned[name] is None and "day" not in self.errors:
                    self.add_error(name, self.fields[name].error_messages["required"])
        elif any(cleaned.get(name) or name in self.errors for name in hours):
            self.add_error("day", _("Give the hours, or the day alone: not both."))
        else:
            cleaned["starts_at"] = timezone.make_aware(datetime.combine(day, time(0, 0)))
            cleaned["ends_at"] = timezone.make_aware(datetime.combine(day, time(23, 59)))

    def check_postponement(self, starts: datetime | None, ends: datetime | None) -> None:
        """Dates of a public activity with registrations change by `postpone` alone, which mails everyone."""
        now, forum = timezone.now(), self.instance
        if not forum.pk or not forum.is_public(now) or forum.cancelled_at or now >= forum.starts_at:
            return
        moved = starts and starts not in {
            forum.starts_at,
            forum.starts_at.replace(second=0, microsecond=0),
        }
        # Ending later on the same day needs no mail.
        ends_another_day = ends and timezone.localdate(ends) != timezone.localdate(forum.ends_at)
        if (moved or ends_another_day) and is_awaited(forum):
            name = "starts_at" if moved else "ends_at"
            said = _("People are registered: “Postpone” changes the dates and tells them by mail.")
            self.add_error(name if name in self.fields else None, said)

    def _check_order(self, first: str, last: str, message: str | Promise) -> None:
        begins: datetime | None = self.cleaned_data.get(first)
        ends: datetime | None = self.cleaned_data.get(last)
        if begins and ends and ends <= begins:
            self.add_error(last, str(message))
