"""Background work of comments."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from comments.following import send_digests


@app.periodic(cron="0 11 * * *")
@app.task(name="send_digests", queueing_lock="send_digests")
def send_digests_daily(timestamp: int) -> None:
    """Each morning: what is new in the threads that people follow."""
    send_digests(now=timezone.now())
