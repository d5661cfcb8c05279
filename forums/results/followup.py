"""Follow-up of priorities after their results are published: recording progress, and reading it.

Locks: the priority row.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Prefetch

from accounts import journal
from accounts.models import User
from forums.models import Answer, Priority, PriorityUpdate
from forums.models.results import ResultsQuerySet


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


def prefetch_followup(results: ResultsQuerySet) -> ResultsQuerySet:
    """As `for_cards`, with priorities, their updates and the answers that the hub confirmed."""
    answers = Prefetch("answers", Answer.objects.confirmed())
    priorities = Priority.objects.for_lists().prefetch_related("updates", answers)
    return results.for_cards().prefetch_related(Prefetch("priorities", priorities))
