"""The journal of the team's decisions. It is added to, and forgets those who erase their account.

`settings.JOURNAL` names the `Kind` of each kind of thing that is decided about, which its room gives.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import FETCH_RAISE, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from accounts.models import AuditEntry, User

# A title and an address for the team.
type Found = tuple[str, str]


def _nowhere(_keys: Collection[int]) -> Mapping[int, Found]:
    return {}


@dataclass(frozen=True, slots=True)
class Kind:
    """What a room's decisions read like, and where what was decided about is."""

    # By action, what follows the name of whoever decided: "hid a comment".
    words: Mapping[str, str | Promise]
    # By key, of those that are still there. As many queries for fifty keys as for one.
    find: Callable[[Collection[int]], Mapping[int, Found]] = _nowhere


@dataclass(frozen=True, slots=True)
class Line:
    """A decision, for people to read. An erased account leaves a number that leads to nobody."""

    entry: AuditEntry
    by: str
    words: str
    # Whom it is about; empty when it is about nobody.
    person: str
    # Of the thing; empty when it is gone.
    title: str = ""
    url: str = ""


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


def about(person: User) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(person=person).order_by("at", "id")


def forget(person: User) -> None:
    """Takes a person out of the decisions about them, with the reasons that they were given."""
    about(person).order_by().update(person=None, reason="")


def entries() -> QuerySet[AuditEntry]:
    """Newest first, with the names of who decided and about whom."""
    return AuditEntry.objects.select_related("by", "person").fetch_mode(FETCH_RAISE)


def lines(entries: Iterable[AuditEntry]) -> list[Line]:
    """Each decision in words, with what it was about: a constant number of queries a kind."""
    entries = list(entries)
    found = {
        kind: _kind(kind).find({entry.key for entry in entries if entry.kind == kind})
        for kind in {entry.kind for entry in entries}
    }
    return [
        Line(
            entry, name_of(entry, "by"), in_words(entry), name_of(entry, "person") if entry.person_id else "",
            *found[entry.kind].get(entry.key, ()),
        )
        for entry in entries
    ]  # fmt: skip


def in_words(entry: AuditEntry) -> str:
    return str(_kind(entry.kind).words.get(entry.action, f"{entry.action} {entry.kind}"))


def name_of(entry: AuditEntry, field: str) -> str:
    """Of "by" or "person"."""
    try:
        person = getattr(entry, field)
    except User.DoesNotExist:
        person = None
    return person.name if person else "—"


def _kind(name: str) -> Kind:
    path = settings.JOURNAL.get(name)
    return import_string(path) if path else Kind({})
