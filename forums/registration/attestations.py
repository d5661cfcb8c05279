"""Who gets an attestation of participation: whoever came to the share of the sessions that staff asked for.

Of the sessions that took place: neither those that were cancelled, nor those that a person chose alone. An activity
without sessions counts as one, to which whoever was checked in came.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from forums.models import Forum, Registration, Session, SessionAttendance
from forums.models.registration import RegistrationQuerySet
from forums.registration.identities import ANONYMOUS_NAME


@dataclass(frozen=True, slots=True)
class Attested:
    registration: Registration
    # Those that the person came to, in order.
    sessions: tuple[Session, ...]

    @property
    def duration(self) -> timedelta | None:
        """Of all that they came to; None when the hours of one are not known."""
        lasted = [duration_of(session) for session in self.sessions]
        known = [each for each in lasted if each is not None]
        return sum(known, timedelta()) if len(known) == len(lasted) else None


def duration_of(session: Session) -> timedelta | None:
    """Within a day: nobody knows the hours of whole days, nor what nights are between two."""
    is_one_day = timezone.localdate(session.starts_at) == timezone.localdate(session.ends_at)
    return session.ends_at - session.starts_at if session.has_hours and is_one_day else None


def is_enough(attended: int, held: int, share: int) -> bool:
    """Whether `attended` of `held` sessions are `share` hundredths of them: in whole numbers, so that 2 of 3 are 66 and not 67."""
    return attended > 0 and attended * 100 >= share * held


def are_available(forum: Forum, now: datetime) -> bool:
    return forum.attestation_share is not None and forum.cancelled_at is None and now >= forum.ends_at


def attested_people(forum: Forum, now: datetime) -> list[Attested]:
    """By name; nobody before the end. Three queries."""
    return _attested(forum, now, Registration.objects.filter(forum=forum))


def attested(registration: Registration, now: datetime) -> Attested | None:
    """Their own, if they get one. Three queries, none before the end."""
    found = _attested(registration.forum, now, Registration.objects.filter(pk=registration.pk))
    return found[0] if found else None


def _attested(forum: Forum, now: datetime, rows: RegistrationQuerySet) -> list[Attested]:
    if not are_available(forum, now):
        return []
    share = forum.attestation_share or 0
    sessions = list(forum.sessions.filter(ends_at__lte=now))
    held = [session for session in sessions if session.cancelled_at is None]
    came = rows.checked_in().exclude(name=ANONYMOUS_NAME).order_by("name", "id").defer("access_needs")
    if not sessions and not forum.sessions.exists():
        # Not a row: it has the dates of the activity alone.
        whole = Session(forum=forum, position=1, starts_at=forum.starts_at, ends_at=forum.ends_at)
        return [Attested(row, (whole,)) for row in came]
    attended: defaultdict[int, set[int]] = defaultdict(set)
    for registration, session in SessionAttendance.objects.filter(
        session__in=held, registration__in=rows
    ).values_list("registration_id", "session_id"):
        attended[registration].add(session)
    return [
        Attested(row, tuple(session for session in held if session.pk in attended[row.pk]))
        for row in came
        if is_enough(len(attended[row.pk]), len(held), share)
    ]
