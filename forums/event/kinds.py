"""What each kind of activity has: the groups of its form, its usual hours, and which parts of a forum it goes without."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from forums.agenda.kinds import KINDS
from forums.models import Forum, Kind, Mode

# Nobody meets on a Saturday or a Sunday unless they say so.
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Group:
    title: Promise
    fields: tuple[str, ...]
    is_folded: bool = False


@dataclass(frozen=True, slots=True)
class KindTraits:
    """`sentence` offers the kind to staff. `begins`, `lasts` and `mode` are what a new one starts from."""

    sentence: Promise
    groups: tuple[Group, ...]
    begins: time
    lasts: timedelta
    mode: Mode = Mode.IN_PERSON
    # The others have a beginning and an end.
    has_sessions: bool = True
    has_tracks: bool = False
    # The page tells how many came, by kinds.
    has_attendance: bool = False
    # Open to people as soon as it is published.
    takes_registrations: bool = True
    english: tuple[str, ...] = field(default=("title_en", "summary_en", "body_en"))

    def field_names(self) -> Iterator[str]:
        for group in self.groups:
            yield from group.fields


_WHAT = Group(_("What it is"), ("title", "summary", "body"))
_WHERE = Group(_("Where"), ("mode", "venue", "venue_address", "municipality", "online_link"))
_PLACES = (*("capacity", "registration_opens_at", "registration_closes_at"), "registration_link")
_REGISTRATION = Group(_("Registration"), _PLACES)
_SERIES_REGISTRATION = Group(_("Registration"), (*_PLACES, "chooses_sessions"))
_DOCUMENTS = Group(_("Documents"), ("documents",), is_folded=True)
_ADDRESS = Group(_("Kind, and address of the page"), ("kind", "slug"), is_folded=True)
_PRICE = ("price", "price_note")


def _more(*names: str) -> Group:
    return Group(_("More details"), ("spoken_language", *names), is_folded=True)


_ENGLISH = ("title_en", "summary_en", "body_en", "price_note_en", "to_bring_en", "hosts_en")
_ATTESTED = _more("to_bring", "hosts", "attestation_share")

TRAITS: dict[Kind, KindTraits] = {
    Kind.FORUM: KindTraits(
        _("People set the priorities of the region: tracks, recommendations, votes, results."),
        (
            _WHAT,
            Group(_("Documents"), ("documents",)),
            Group(
                _("When and where"),
                ("starts_at", "ends_at", "day", "venue", "venue_address", "municipality"),
            ),
            Group(_("Who invites, and whom"), ("hosts", "guests", "capacity")),
            Group(_("Registration"), ("registration_opens_at", "registration_closes_at")),
            Group(_("Recommendations and votes"), ("has_participation",)),
            Group(
                _("More details"),
                ("mode", "online_link", *_PRICE, "registration_link", "spoken_language", "to_bring"),
                is_folded=True,
            ),
            _ADDRESS,
        ),
        begins=time(9),
        lasts=timedelta(hours=7),
        has_sessions=False,
        has_tracks=True,
        has_attendance=True,
        takes_registrations=False,
        english=(
            *("title_en", "summary_en", "body_en", "hosts_en", "guests_en", "attendance_note_en"),
            *("price_note_en", "to_bring_en"),
        ),
    ),
    Kind.TRAINING: KindTraits(
        _("People learn from a trainer, in one session or in several."),
        (
            _WHAT,
            _WHERE,
            Group(_("For whom, and with whom"), ("trainer", "level", *_PRICE)),
            _SERIES_REGISTRATION,
            _ATTESTED,
            _DOCUMENTS,
            _ADDRESS,
        ),
        begins=time(9),
        lasts=timedelta(hours=3),
        english=_ENGLISH,
    ),
    Kind.WEBINAR: KindTraits(
        _("A talk or a demonstration that people follow from where they are, by a link."),
        (
            _WHAT,
            Group(_("Where"), ("mode", "online_link", "venue", "venue_address", "municipality")),
            Group(_("For whom, and with whom"), ("trainer", "level", *_PRICE)),
            _SERIES_REGISTRATION,
            _ATTESTED,
            _DOCUMENTS,
            _ADDRESS,
        ),
        begins=time(12),
        lasts=timedelta(hours=1),
        mode=Mode.ONLINE,
        english=_ENGLISH,
    ),
    Kind.VISIT: KindTraits(
        _("A collective enterprise shows its place and its work."),
        (
            _WHAT,
            _WHERE,
            Group(_("Who receives, and what it costs"), ("hosts", *_PRICE, "to_bring")),
            _SERIES_REGISTRATION,
            _more(),
            _DOCUMENTS,
            _ADDRESS,
        ),
        begins=time(13, 30),
        lasts=timedelta(hours=2),
        english=_ENGLISH,
    ),
    Kind.ASSEMBLY: KindTraits(
        _("Members meet: an annual or a special general meeting."),
        (
            _WHAT,
            Group(
                _("When and where"),
                ("starts_at", "ends_at", "mode", "venue", "venue_address", "municipality", "online_link"),
            ),
            Group(_("Who invites, and whom"), ("hosts", "guests")),
            _REGISTRATION,
            _more("to_bring"),
            _DOCUMENTS,
            _ADDRESS,
        ),
        begins=time(17),
        lasts=timedelta(hours=3),
        has_sessions=False,
        has_attendance=True,
        english=(*("title_en", "summary_en", "body_en", "hosts_en", "guests_en"), "attendance_note_en", "to_bring_en"),
    ),
    Kind.OPEN_DAY: KindTraits(
        _("People come when they please, and look around."),
        (
            _WHAT,
            _WHERE,
            Group(_("Who receives, and what it costs"), ("hosts", *_PRICE)),
            _REGISTRATION,
            _more("to_bring"),
            _DOCUMENTS,
            _ADDRESS,
        ),
        begins=time(10),
        lasts=timedelta(hours=6),
        has_attendance=True,
        takes_registrations=False,
        english=(*_ENGLISH, "attendance_note_en"),
    ),
    Kind.MEETING: KindTraits(
        _("A lunch, a breakfast, a working group: people get to know each other."),
        (
            _WHAT,
            _WHERE,
            Group(_("Who receives, and what it costs"), ("hosts", *_PRICE)),
            _SERIES_REGISTRATION,
            _more("to_bring"),
            _DOCUMENTS,
            _ADDRESS,
        ),
        begins=time(12),
        lasts=timedelta(hours=2),
        english=_ENGLISH,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OfferedKind:
    """A kind as staff choose it."""

    label: str
    sentence: Promise
    drawing: str
    word: str


def offered_kinds() -> list[OfferedKind]:
    """The kinds in the order in which a hub uses them most."""
    order = (Kind.TRAINING, Kind.WEBINAR, Kind.VISIT, Kind.MEETING, Kind.OPEN_DAY, Kind.ASSEMBLY, Kind.FORUM)
    return [
        OfferedKind(str(kind.label), TRAITS[kind].sentence, KINDS[kind].drawing, KINDS[kind].word)
        for kind in order
    ]


def traits_of(forum: Forum) -> KindTraits:
    return TRAITS[Kind(forum.kind)]


def usual_values(kind: Kind, now: datetime) -> dict[str, Any]:
    """What the form of a new activity proposes: a day of next week, and registration that opens when it is published.

    A forum proposes nothing: its date is what people decide first.
    """
    traits = TRAITS[kind]
    if kind is Kind.FORUM:
        return {}
    day = timezone.localdate(now) + timedelta(days=7)
    while day.weekday() >= _SATURDAY:
        day += timedelta(days=1)
    starts = timezone.make_aware(datetime.combine(day, traits.begins))
    values: dict[str, Any] = {"mode": traits.mode, "starts_at": starts, "ends_at": starts + traits.lasts}
    if traits.takes_registrations:
        values["registration_opens_at"] = timezone.make_aware(
            datetime.combine(timezone.localdate(now), time(0))
        )
    return values
