"""The trash: a text thrown away comes back whole for a month, then it is deleted for good.

Locks: those of `desk.publishing`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models, transaction

from accounts import journal
from accounts.models import User
from desk import publishing
from desk.models import Draft, Publishable

KEPT_FOR = timedelta(days=30)


@transaction.atomic
def throw_away(*, owner: Publishable, now: datetime, by: User | None) -> None:
    """Visitors no longer see it, nor do the lists of the desk."""
    publishing.archive(owner=owner, now=now, by=by)
    if Draft.objects.filter(pk=owner.draft_id, trashed_at=None).update(trashed_at=now):
        journal.note(action="trashed", kind="text", key=owner.draft_id, by=by)


@transaction.atomic
def take_back(*, owner: Publishable, by: User | None) -> None:
    """Among the drafts again, with its history, its pictures and its comments."""
    thrown = Draft.objects.filter(pk=owner.draft_id, trashed_at__isnull=False)
    if thrown.update(trashed_at=None, archived_at=None):
        journal.note(action="taken_back", kind="text", key=owner.draft_id, by=by)


def empty(now: datetime) -> int:
    """Deletes what was thrown away more than a month ago; how many texts. One that something still needs waits."""
    over = Draft.objects.filter(trashed_at__lte=now - KEPT_FOR).order_by("pk")
    return sum(_delete_for_good(key, now) for key in over.values_list("pk", flat=True))


def _delete_for_good(draft_id: int, now: datetime) -> bool:
    try:
        with transaction.atomic():
            draft = (
                Draft.objects.select_for_update().filter(pk=draft_id, trashed_at__lte=now - KEPT_FOR).first()
            )
            if draft is None or (owner := draft.owner) is None:
                return False
            owner.draft = draft
            owner.delete_for_good()
    except (models.ProtectedError, models.RestrictedError):
        return False
    return True
