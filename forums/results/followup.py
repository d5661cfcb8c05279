"""Follow-up of priorities after their results are published: recording progress, and reading it.

Locks: the priority row.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Prefetch

from forums.models import Answer, Priority, PriorityUpdate
from forums.models.results import ResultsQuerySet


@transaction.atomic
def record_progress(
    *, priority: Priority, state: str, dated_on: date | None, text: str, text_en: str
) -> PriorityUpdate | None:
    """Sets the state and, when there is a `text`, adds a dated update. Idempotent."""
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


def prefetch_followup(results: ResultsQuerySet) -> ResultsQuerySet:
    """As `for_cards`, with priorities, their updates and the answers that the hub confirmed."""
    answers = Prefetch("answers", Answer.objects.confirmed())
    priorities = Priority.objects.for_lists().prefetch_related("updates", answers)
    return results.for_cards().prefetch_related(Prefetch("priorities", priorities))
