"""The journal of the team's decisions: append-only, but for anonymising those who erase their account.

`settings.JOURNAL` gives, by `AuditEntry.kind`, the dotted path of the `DecisionKind` that an application declares.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import FETCH_RAISE, Case, F, Model, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext

from accounts.models import AuditEntry, IncidentEntry, User
from pole.access import may_open
from pole.text.matching import matching_text

# A title and an address for the team.
type TitleAndUrl = tuple[str, str]
# The titles and addresses of the objects that still exist, by key: a constant number of queries.
type Finder = Callable[[Collection[int]], Mapping[int, TitleAndUrl]]


@dataclass(frozen=True, slots=True)
class DecisionKind:
    """How the decisions about one kind of object are described, and where these objects are."""

    # By action, what follows the name of whoever decided: "hid a comment".
    descriptions: Mapping[str, str | Promise]
    find: Finder = lambda _keys: {}
    # As the filter of the journal names it.
    name: str | Promise = ""
    # Whose room it is, beside the direction's: others read what was decided, and neither about whom nor why.
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DescribedDecision:
    """A decision, for people to read."""

    entry: AuditEntry
    by: str
    description: str
    # Whom it is about; empty when it is about nobody, or not for this reader.
    person: str
    reason: str
    # Of the object; empty when it no longer exists, the address too when the reader may not open it.
    title: str = ""
    url: str = ""


def rows_of(model: type[Model], title: str, view_name: str, *arguments: str) -> Finder:
    """Finds rows by the field `title`, at the address of `view_name` with the values of the fields `arguments`."""

    def find(keys: Collection[int]) -> dict[int, TitleAndUrl]:
        rows = model._default_manager.filter(pk__in=keys).values_list("pk", title, *arguments)
        return {pk: (str(name), reverse(view_name, args=values)) for pk, name, *values in rows}

    return find


def page_at(title: str | Promise, view_name: str) -> Finder:
    """Of what there is one of: whatever its key, its page."""
    return lambda keys: dict.fromkeys(keys, (str(title), reverse(view_name)))


def record(
    *,
    action: str,
    kind: str,
    key: int,
    by: User | None,
    person_id: int | None = None,
    reason: str = "",
    at: datetime | None = None,
) -> AuditEntry:
    """Adds a decision, in the transaction of what was decided: now, or `at`. `person_id` is whom it is about."""
    return AuditEntry.objects.create(
        at=at or timezone.now(),
        action=action,
        kind=kind,
        key=key,
        by=by,
        person_id=person_id,
        reason=reason[:400],
    )


def note(
    *, action: str, kind: str, key: int, by: User | None, person_id: int | None = None, reason: str = ""
) -> None:
    """As `record`, for what only a member of the team decides: nothing without `by`, as a command, the worker and
    people who change what is theirs have none."""
    if by is not None:
        record(action=action, kind=kind, key=key, by=by, person_id=person_id, reason=reason)


def last_decisions(kind: str, keys: Collection[int]) -> dict[int, tuple[str, datetime]]:
    """(the name of who decided, when) of the last decision about each key that has one: one query."""
    found = AuditEntry.objects.select_related("by").filter(kind=kind, key__in=keys)
    return {entry.key: (name_of(entry, "by"), entry.at) for entry in found.order_by("at", "id")}


def entries_about(person: User) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(person=person).order_by("at", "id")


def anonymise(person: User) -> None:
    """Erases a person from the decisions about them, with the reasons of these decisions."""
    entries_about(person).order_by().update(person=None, reason="")


def entries(
    *,
    reader: User | None = None,
    kind: str = "",
    words: str = "",
    person_id: int = 0,
    since: date | None = None,
    until: date | None = None,
) -> QuerySet[AuditEntry]:
    """Newest first, with the names of who decided and about whom.

    Of one `kind`; where the name of either has every one of `words`, or either is `person_id`; from the day `since`
    to the day `until`, both included. Of what is not of the rooms of `reader`, only who decided is looked at.
    """
    found = AuditEntry.objects.select_related("by", "person").fetch_mode(FETCH_RAISE)
    if kind:
        found = found.filter(kind=kind)
    told = Q() if reader is None else Q(kind__in=_kinds_of(reader))
    if person_id:
        found = found.filter(Q(by=person_id) | Q(told, person=person_id))
    if words:
        name_told = (
            F("person__name") if reader is None else Case(When(told, then="person__name"), default=Value(""))
        )
        found = matching_text(found, words, "by__name", name_told)
    if since:
        found = found.filter(at__gte=_midnight(since))
    if until:
        found = found.filter(at__lt=_midnight(until + timedelta(days=1)))
    return found


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def kinds() -> list[tuple[str, str]]:
    """(kind, its name) of all that the team decides about, by name."""
    named = [(kind, str(_get_kind(kind).name)) for kind in settings.JOURNAL]
    return sorted(named, key=lambda pair: pair[1])


def describe_all(entries: Iterable[AuditEntry], *, reader: User | None = None) -> list[DescribedDecision]:
    """Each decision as people read it, with what it was about: a constant number of queries a kind.

    A `reader` is told of whom and why in their own rooms alone, and led nowhere that is closed to them.
    """
    entries = list(entries)
    kinds = {entry.kind for entry in entries}
    told = kinds if reader is None else kinds & _kinds_of(reader)
    found = {
        kind: _get_kind(kind).find({entry.key for entry in entries if entry.kind == kind}) for kind in told
    }
    lines = []
    for entry in entries:
        is_told = entry.kind in told
        title, url = found[entry.kind].get(entry.key, ("", "")) if is_told else ("", "")
        lines.append(
            DescribedDecision(
                entry,
                by=name_of(entry, "by"),
                description=describe(entry),
                person=name_of(entry, "person") if is_told and entry.person_id else "",
                reason=entry.reason if is_told else "",
                title=title,
                url=url if reader is None or may_open(reader, url) else "",
            )
        )
    return lines


def _kinds_of(reader: User) -> set[str]:
    """What is decided in the rooms of this member of the team."""
    return {kind for kind in settings.JOURNAL if reader.has_role(*_get_kind(kind).roles)}


def describe(entry: AuditEntry) -> str:
    return str(_get_kind(entry.kind).descriptions.get(entry.action, f"{entry.action} {entry.kind}"))


def name_of(entry: AuditEntry | IncidentEntry, field: str) -> str:
    """The name of the person in `field`, "by" or "person"; a dash for an erased account, the portal for nobody."""
    if field == "by" and entry.by_id is None:
        return gettext("The portal")
    try:
        person = getattr(entry, field)
    except User.DoesNotExist:
        person = None
    return person.name if person else "—"


def _get_kind(name: str) -> DecisionKind:
    path = settings.JOURNAL.get(name)
    return import_string(path) if path else DecisionKind({})
