"""The register of privacy incidents that Québec’s law asks for: every write to it, what is missing, what is due.

Locks: the row of the incident, or, of a new one, that of its author.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from accounts import journal
from accounts.models import Incident, IncidentEntry, User
from accounts.team.incident_forms import GROUPS, IncidentForm
from pole.models import Hub
from pole.text.dates import date_in_words

YEARS_KEPT = 5
SENT_TWICE_WITHIN = timedelta(minutes=10)


def may_keep_register(user: User) -> bool:
    """The direction, and the privacy officer, who is the member of the team with the address that the hub publishes."""
    if user.has_role("direction"):
        return True
    officer = Hub.objects.values_list("privacy_email", flat=True).first() or ""
    return bool(officer) and officer.lower() == user.email.lower()


@transaction.atomic
def save_incident(
    build: Callable[[IncidentEntry], IncidentForm], *, key: int | None, by: User
) -> IncidentForm:
    """Adds a version made by the form that `build` makes of the newest one, when it is valid; that of a new incident
    without `key`. Raises `Incident.DoesNotExist`."""
    incident = Incident.objects.select_for_update().get(pk=key) if key is not None else None
    newest = incident.entries.first() if incident else None
    form = build(newest or IncidentEntry())
    if not form.is_valid():
        return form
    entry: IncidentEntry = form.save(commit=False)
    if incident is None and (sent := _sent_already(entry, by)):
        form.instance = sent
        return form
    # Another row: the former one is never changed.
    entry.pk, entry._state.adding = None, True
    entry.incident = incident or Incident.objects.create()
    entry.at, entry.by = timezone.now(), by
    entry.save(force_insert=True)
    journal.record(action="save" if incident else "add", kind="incident", key=entry.incident_id, by=by)
    return form


def _sent_already(entry: IncidentEntry, by: User) -> IncidentEntry | None:
    """The same incident, that the same person has just written: an impatient click, or a page sent again."""
    since = timezone.now() - SENT_TWICE_WITHIN
    # One at a time: the second waits for the first.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    for other in IncidentEntry.objects.filter(by=by, at__gt=since, version=1):
        if all(getattr(other, name) == getattr(entry, name) for _title, names in GROUPS for name in names):
            return other
    return None


def newest_entries() -> list[IncidentEntry]:
    """What the register holds now, the newest incident first."""
    found = IncidentEntry.objects.order_by("-incident_id", "-version").distinct("incident_id")
    return list(found.select_related("incident"))


def missing_of(entry: IncidentEntry) -> list[str | Promise]:
    """What the regulation asks for, and the entry lacks."""
    is_serious = entry.risk == IncidentEntry.Risk.SERIOUS
    asked = (
        (entry.circumstances, _("the circumstances")),
        (entry.happened_on, _("when it happened, or about when")),
        (
            entry.information or entry.information_unknown,
            _("the information concerned, or why it can’t be described"),
        ),
        (entry.people is not None, _("how many people, or an estimate")),
        (entry.sensitivity and entry.consequences and entry.likelihood, _("what the risk is judged by")),
        (entry.risk, _("whether there is a risk of serious injury")),
        (not is_serious or entry.commission_told_on, _("the date of the notice to the Commission")),
        (
            not is_serious or entry.people_told_on or entry.public_notice == IncidentEntry.PublicNotice.GIVEN,
            _("the date of the notice to the people concerned"),
        ),
        (not is_serious or entry.public_notice, _("whether a public notice was given")),
        (
            entry.public_notice != IncidentEntry.PublicNotice.GIVEN or entry.public_notice_because,
            _("why a public notice was given"),
        ),
        (entry.measures, _("the measures taken")),
    )
    return [name for is_there, name in asked if not is_there]


def notices_due(entry: IncidentEntry) -> bool:
    """Whether the Commission or the people concerned are still to be told."""
    told = entry.commission_told_on and (
        entry.people_told_on or entry.public_notice == IncidentEntry.PublicNotice.GIVEN
    )
    return entry.risk == IncidentEntry.Risk.SERIOUS and not told


def kept_until(entry: IncidentEntry) -> date:
    """The last day on which it can’t be erased, by the newest version; the database counts the former ones too."""
    known = max(filter(None, (entry.known_on, entry.known_until)))
    try:
        return known.replace(year=known.year + YEARS_KEPT)
    except ValueError:
        return known.replace(year=known.year + YEARS_KEPT, month=3, day=1)


def days_known(entry: IncidentEntry) -> int:
    return (timezone.localdate() - entry.known_on).days


@dataclass(frozen=True, slots=True)
class Change:
    """A version, who wrote it, and the fields that it changed: label, before, after."""

    entry: IncidentEntry
    by: str
    fields: list[tuple[str, str, str]]


def history_of(incident: Incident) -> list[Change]:
    """The newest version first."""
    versions = list(incident.entries.select_related("by"))
    return [
        Change(entry, journal.name_of(entry, "by"), _changed(entry, former))
        for entry, former in zip(versions, [*versions[1:], None], strict=True)
    ]


def _changed(entry: IncidentEntry, former: IncidentEntry | None) -> list[tuple[str, str, str]]:
    if former is None:
        return []
    pairs = zip(values_of(entry), values_of(former), strict=True)
    return [(label, before, after) for (label, after), (_label, before) in pairs if before != after]


def values_of(entry: IncidentEntry, *, in_words: bool = True) -> Iterator[tuple[str, str]]:
    """Each field of the register, in its order, as people read it; dates as figures for a spreadsheet."""
    for _title, names in GROUPS:
        for name in names:
            yield _value_of(entry, name, in_words=in_words)


def _value_of(entry: IncidentEntry, name: str, *, in_words: bool) -> tuple[str, str]:
    column = IncidentEntry._meta.get_field(name)
    value = getattr(entry, name)
    if isinstance(value, bool):
        text = str(_("yes") if value else _("no"))
    elif column.choices:  # type: ignore[union-attr]  # no relation here
        text = str(getattr(entry, f"get_{name}_display")())
    elif isinstance(value, date) and in_words:
        text = str(date_in_words(value))
    else:
        text = "" if value is None else str(value)
    return str(column.verbose_name), text  # type: ignore[union-attr]  # no relation here


def csv_rows() -> Iterator[list[object]]:
    """The whole register, a line an incident, for the Commission."""
    entries = newest_entries()
    sample = [label for label, _value in values_of(IncidentEntry(known_on=timezone.localdate()))]
    yield [pgettext("incident", "Number"), _("Version"), _("Written on"), *sample, _("What is missing")]
    for entry in entries:
        yield [
            entry.incident_id,
            entry.version,
            timezone.localtime(entry.at).strftime("%Y-%m-%d %H:%M"),
            *(value for _label, value in values_of(entry, in_words=False)),
            ", ".join(map(str, missing_of(entry))),
        ]
