"""What the worker does for accounts."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from accounts import privacy


@app.periodic(cron="15 * * * *")
@app.task(name="erase_accounts", queueing_lock="erase_accounts")
def erase_accounts(timestamp: int) -> None:
    """Each hour: the accounts whose owners asked to go, and have not changed their minds."""
    privacy.erase_due_accounts(timezone.now())
