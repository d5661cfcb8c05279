"""Retention of personal data in registrations. The worker runs these every night.

Locks: none; each statement takes the rows that it changes.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from forums.models import DayTeamMember, Registration, RegistrationAnswer
from forums.registration.identities import ANONYMOUS_NAME, anonymise_registration

NEEDS_RETENTION = timedelta(days=30)
UNCONFIRMED_RETENTION = timedelta(days=7)
PEOPLE_RETENTION = timedelta(days=730)
# Of volunteers, whose access ended the night after: while an arrival may still be contested.
DAY_TEAM_RETENTION = timedelta(days=90)


@transaction.atomic
def erase_needs(now: datetime) -> int:
    """Erases access needs and answers, NEEDS_RETENTION after the forum ended; returns how many registrations."""
    due = Registration.objects.filter(forum__ends_at__lte=now - NEEDS_RETENTION, needs_erased_at=None)
    due_ids = list(due.select_for_update(of=("self",)).values_list("pk", flat=True))
    RegistrationAnswer.objects.filter(registration__in=due_ids).delete()
    return Registration.objects.filter(pk__in=due_ids).update(access_needs="", needs_erased_at=now)


@transaction.atomic
def anonymise_past_registrations(now: datetime) -> int:
    """Anonymises registrations, PEOPLE_RETENTION after the forum ended; returns how many.

    Kind, state and dates are kept, for statistics.
    """
    due = Registration.objects.filter(forum__ends_at__lte=now - PEOPLE_RETENTION)
    due = due.exclude(name=ANONYMOUS_NAME, email="", user=None, organisation="")
    rows = list(due.select_for_update(of=("self",)))
    for row in rows:
        anonymise_registration(row, now)
    return len(rows)


def delete_day_team(now: datetime) -> int:
    """Deletes the volunteers of forums that ended DAY_TEAM_RETENTION ago; returns how many."""
    return DayTeamMember.objects.filter(forum__ends_at__lte=now - DAY_TEAM_RETENTION).delete()[0]


def delete_unconfirmed(now: datetime) -> int:
    """Deletes registrations that the owner of the address never confirmed; returns how many."""
    pending = Registration.objects.filter(state=Registration.State.PENDING)
    return (
        pending.filter(created_at__lte=now - UNCONFIRMED_RETENTION).delete()[1].get("forums.Registration", 0)
    )
