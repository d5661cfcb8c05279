"""Spreadsheets that were brought in are forgotten; what they made of the directory stays. The worker runs this every night.

Locks: the rows of imports.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models.functions import Coalesce

from enterprises.models import Import

# Once a year has shown what was wrong with a list, nobody undoes it as a whole.
RETENTION = timedelta(days=365)
_AT_WORK = [Import.State.TRYING, Import.State.QUEUED, Import.State.RUNNING, Import.State.UNDOING]


@transaction.atomic
def delete_old(now: datetime) -> int:
    """Deletes imports that ended RETENTION ago, or that were begun then and left; returns how many."""
    old = Import.objects.annotate(last=Coalesce("finished_at", "created_at")).filter(
        last__lte=now - RETENTION
    )
    keys = list(old.exclude(state__in=_AT_WORK).select_for_update().values_list("pk", flat=True))
    return Import.objects.filter(pk__in=keys).delete()[1].get("enterprises.Import", 0)
