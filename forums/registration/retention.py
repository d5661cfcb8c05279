"""What is kept of registrations, and until when. Run by the worker, every night.

Locks: none; each statement takes the rows that it changes.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from forums.models import Registration, RegistrationAnswer
from forums.registration.identities import NOBODY, forget_person

NEEDS_KEPT = timedelta(days=30)
UNCONFIRMED_KEPT = timedelta(days=7)
PEOPLE_KEPT = timedelta(days=730)


@transaction.atomic
def erase_needs(now: datetime) -> int:
    """Erases access needs and answers NEEDS_KEPT after the end of their forum; says of how many people."""
    due = Registration.objects.filter(forum__ends_at__lte=now - NEEDS_KEPT, needs_erased_at=None)
    due_ids = list(due.select_for_update(of=("self",)).values_list("pk", flat=True))
    RegistrationAnswer.objects.filter(registration__in=due_ids).delete()
    return Registration.objects.filter(pk__in=due_ids).update(access_needs="", needs_erased_at=now)


@transaction.atomic
def forget_people(now: datetime) -> int:
    """Takes who they were out of registrations, PEOPLE_KEPT after the end of their forum; says of how many people.

    Kind, state and dates stay, for the figures.
    """
    due = Registration.objects.filter(forum__ends_at__lte=now - PEOPLE_KEPT)
    due = due.exclude(name=NOBODY, email="", user=None, organisation="")
    rows = list(due.select_for_update(of=("self",)))
    for row in rows:
        forget_person(row, now)
    return len(rows)


def delete_unconfirmed(now: datetime) -> int:
    """Deletes what was typed for an address whose owner never confirmed."""
    pending = Registration.objects.filter(state=Registration.State.PENDING)
    return pending.filter(created_at__lte=now - UNCONFIRMED_KEPT).delete()[1].get("forums.Registration", 0)
