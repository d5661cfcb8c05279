"""Background tasks of this package."""

from __future__ import annotations

import logging

from django.core.mail import mailers
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from pole.hooks.team_alerts import tell_team
from pole.hub.mail_test import deliver_test
from pole.mail import message_from_json
from pole.models import OutgoingMail

log = logging.getLogger(__name__)

RETRIES = RetryStrategy(max_attempts=12, exponential_wait=3)


@app.task(name="deliver_mail", retry=RETRIES, pass_context=True)
def deliver_mail(context: JobContext, *, mail_id: int) -> None:
    """Delivers one mail, then deletes it. When the relay is down, tried 12 more times over about nine days.

    Each wait is thrice the one before, from 3 seconds: ten tries fall within about eight hours, the others after
    one, three and nine days. A mail that fails them all keeps its row, and the team is told.
    A crash between delivery and deletion delivers twice: better than never.
    """
    row = OutgoingMail.objects.filter(pk=mail_id).first()
    if row is None:
        return
    try:
        mailers["delivery"].send_messages([message_from_json(dict(row.message))])
    except Exception as error:
        if RETRIES.get_retry_decision(exception=error, job=context.job) is None:
            _tell_team(row, error)
        raise
    row.delete()


def _tell_team(row: OutgoingMail, error: Exception) -> None:
    """Of a mail that is given up; but not of one that the portal writes to the team, since it would fail again."""
    if "Auto-Submitted" in row.message["headers"]:
        return
    values = {
        "subject": row.message["subject"],
        "to": ", ".join(row.message["to"]),
        "answer": str(error)[:300],
    }
    try:
        tell_team("mail_failed", values=values)
    except Exception:
        log.exception("the team could not be told of mail %s", row.pk)


@app.task(name="deliver_test_mail")
def deliver_test_mail(*, mail_id: int) -> None:
    deliver_test(mail_id)
