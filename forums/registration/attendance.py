"""Who came to which session, ticked in a table: online sessions have no door, and papers are read the day after.

Locks: those of `forums.registration.capacity`, then the registrations, in the order of their keys.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts import journal
from accounts.models import User
from forums.models import Forum, Registration, Session, SessionAttendance
from forums.registration.capacity import lock_forum
from forums.registration.check_in import ArrivalRefused, forget_arrival, mark_arrived

# Of an activity without sessions, the one column of the table.
WHOLE = 0


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A person (the key of a registration's row) at a session (its row's, or `WHOLE`)."""

    person: int
    session: int


def has_table(forum: Forum) -> bool:
    """Arrivals at a forum with votes are the door's alone, unless it has sessions: rolls count on them. One query at most."""
    return not forum.has_participation or forum.sessions.exists()


def marks_of(people: Collection[Registration], sessions: Collection[Session]) -> set[Mark]:
    """Those of these people. One query."""
    if not sessions:
        return {Mark(person.pk, WHOLE) for person in people if person.is_checked_in}
    rows = SessionAttendance.objects.filter(registration__in=people)
    return {Mark(*found) for found in rows.values_list("registration_id", "session_id")}


@transaction.atomic
def save_marks(
    *, forum: Forum, came: Collection[Mark], missed: Collection[Mark], now: datetime, by: User
) -> int:
    """Notes what changed in the table, and leaves the rest as others noted it meanwhile; returns how many.

    Of people who have a place, at sessions that began and were not cancelled; another is left out. Raises `ArrivalRefused`, and changes nothing, when a vote counts
    on an arrival that is taken away.
    """
    row = lock_forum(forum.pk)
    if row.cancelled_at:
        raise ArrivalRefused("arrivals_called_off")
    held = _columns(row, now)
    changes: defaultdict[int, list[tuple[Mark, bool]]] = defaultdict(list)
    for mark, is_there in [*((mark, True) for mark in came), *((mark, False) for mark in missed)]:
        if mark.session in held:
            changes[mark.person].append((mark, is_there))
    people = (
        Registration.objects.filter(forum=row, pk__in=changes).confirmed().select_related("forum", "user")
    )
    count = 0
    for person in people.select_for_update(of=("self",), no_key=True).order_by("pk"):
        count += _save_of_person(row, person, changes[person.pk], now, f"user:{by.pk}")
    if count:
        journal.note(action="attendance_table", kind="forum", key=row.pk, by=by)
    return count


def _columns(forum: Forum, now: datetime) -> set[int]:
    """Of which one may say who came. Two queries at most."""
    if not forum.sessions.exists():
        return {WHOLE} if forum.starts_at <= now and not forum.has_participation else set()
    begun = forum.sessions.filter(cancelled_at=None, starts_at__lte=now)
    return set(begun.values_list("pk", flat=True))


def _save_of_person(
    forum: Forum, person: Registration, changes: list[tuple[Mark, bool]], now: datetime, by: str
) -> int:
    count = 0
    for mark, is_there in changes:
        if mark.session == WHOLE:
            count += person.is_checked_in != is_there
        elif is_there:
            count += SessionAttendance.objects.get_or_create(
                registration=person,
                session_id=mark.session,
                defaults={"checked_in_at": now, "checked_in_by": by},
            )[1]
        else:
            count += person.attended_sessions.filter(session_id=mark.session).delete()[0]
    if any(is_there for _mark, is_there in changes):
        came = True
    else:
        came = changes[0][0].session != WHOLE and person.attended_sessions.exists()
    if came and not person.is_checked_in:
        mark_arrived(forum, person, now, by)
    elif not came:
        forget_arrival(forum, person, now)
    return count
