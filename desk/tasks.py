"""Background work of the writing desk."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from desk import trash


@app.periodic(cron="40 8 * * *")
@app.task(name="empty_trash", queueing_lock="empty_trash")
def empty_trash(timestamp: int) -> None:
    """Each night: what was thrown away a month ago."""
    trash.empty(now=timezone.now())
