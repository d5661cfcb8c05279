"""Background work of the writing desk."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from pole.hooks.retention import run_rules


@app.periodic(cron="40 8 * * *")
@app.task(name="empty_trash", queueing_lock="empty_trash")
def empty_trash(timestamp: int) -> None:
    """Each night: what was thrown away a month ago."""
    run_rules("empty_trash", timezone.now())


@app.periodic(cron="45 8 * * *")
@app.task(name="forget_readings", queueing_lock="forget_readings")
def forget_readings(timestamp: int) -> None:
    """Each night: who read the texts that were published a month ago, and what they said."""
    run_rules("forget_readings", timezone.now())
