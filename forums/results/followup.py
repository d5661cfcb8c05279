"""Follow-up of priorities after their results are published. `forums.results.progress` reads it.

Locks: the priority row.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction

from accounts import journal
from accounts.models import User
from forums.models import Priority, PriorityUpdate


@transaction.atomic
def record_progress(
    *,
    priority: Priority,
    state: str,
    dated_on: date | None,
    text: str,
    text_en: str,
    by: User | None = None,
) -> PriorityUpdate | None:
    """Sets the state and, when there is a `text`, adds a dated update. Idempotent."""
    row = Priority.objects.select_for_update().get(pk=priority.pk)
    if row.state != state:
        row.state = state
        row.save(update_fields=["state"])
        journal.note(action=f"state_{state}", kind="priority", key=row.pk, by=by)
    if not text or dated_on is None:
        return None
    update, is_new = PriorityUpdate.objects.get_or_create(
        priority=row, dated_on=dated_on, text=text, defaults={"text_en": text_en}
    )
    if is_new:
        journal.note(action="news_added", kind="priority", key=row.pk, by=by, reason=text)
    return update


@transaction.atomic
def remove_update(*, update: PriorityUpdate, by: User | None = None) -> None:
    """Takes a dated update away; what it said stays in the journal."""
    PriorityUpdate.objects.filter(pk=update.pk).delete()
    journal.note(action="news_removed", kind="priority", key=update.priority_id, by=by, reason=update.text)


@transaction.atomic
def change_update(*, update_id: int, dated_on: date, text: str, text_en: str, by: User | None = None) -> bool:
    """Writes an update again. False when another one of the priority says the same of the same day, or when it was deleted."""
    found = PriorityUpdate.objects.filter(pk=update_id).first()
    if found is None:
        return False
    Priority.objects.select_for_update().get(pk=found.priority_id)
    siblings = PriorityUpdate.objects.filter(priority=found.priority_id).exclude(pk=update_id)
    if siblings.filter(dated_on=dated_on, text=text).exists():
        return False
    changed = PriorityUpdate.objects.filter(pk=update_id).update(
        dated_on=dated_on, text=text, text_en=text_en
    )
    if changed:
        journal.note(action="news_changed", kind="priority", key=found.priority_id, by=by, reason=found.text)
    return bool(changed)
