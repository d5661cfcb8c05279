"""What the worker does for votes: close those whose time is over, and seal those without paper."""

from __future__ import annotations

import logging

from django.utils import timezone
from procrastinate.contrib.django import app

from forums.models import Round
from forums.rounds import RoundRefused, close_round
from forums.sealing import seal_round

log = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(name="end_rounds", queueing_lock="end_rounds")
def end_rounds(timestamp: int) -> None:
    """Each minute. A late run lets no late ballot in: casting reads the clock itself."""
    for round in Round.objects.overdue(timezone.now()):
        close_round(round_id=round.pk, by=None)
    unsealed = Round.objects.unsealed().filter(closed_at__isnull=False)
    for round in unsealed.exclude(papers__isnull=False).exclude(roll__is_on_paper=True):
        try:
            seal_round(round_id=round.pk, by=None)
        except RoundRefused:
            log.warning("round %s could not be sealed", round.pk)
