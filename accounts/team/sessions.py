"""The direction ends the sessions of someone who leaves, or who has lost a telephone. Locks: as `accounts.team.roles`."""

from __future__ import annotations

from django.db import transaction

from accounts import journal
from accounts.models import User
from accounts.sign_in import open_sessions
from accounts.team.roles import lock_for_direction


@transaction.atomic
def end_sessions(*, person_id: int, by: User) -> int:
    """How many were ended; the journal keeps that it was done. Raises `User.DoesNotExist` and `RoleRefused`."""
    person = lock_for_direction(person_id, by=by)
    ended = open_sessions.close_others(person, current=None)
    if ended:
        journal.record(action="sessions_ended", kind="account", key=person.pk, by=by, person_id=person.pk)
    return ended
