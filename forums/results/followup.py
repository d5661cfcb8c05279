"""Every write to where a priority stands, once its results were published.

Locks: the priority row.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction

from forums.models import Priority, PriorityUpdate


@transaction.atomic
def record_progress(
    *, priority: Priority, state: str, dated_on: date | None, text: str, text_en: str
) -> PriorityUpdate | None:
    """Sets the state and, when there is a `text`, adds a dated update. The same one twice is one."""
    row = Priority.objects.select_for_update().get(pk=priority.pk)
    if row.state != state:
        row.state = state
        row.save(update_fields=["state"])
    if not text or dated_on is None:
        return None
    update, _created = PriorityUpdate.objects.get_or_create(
        priority=row, dated_on=dated_on, text=text, defaults={"text_en": text_en}
    )
    return update
