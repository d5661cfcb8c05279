"""Background tasks of this package."""

from __future__ import annotations

from django.core.mail import mailers
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from pole.mail import message_from_json
from pole.models import OutgoingMail


@app.task(name="deliver_mail", retry=RetryStrategy(max_attempts=12, exponential_wait=3))
def deliver_mail(*, mail_id: int) -> None:
    """Delivers one mail, then deletes it. When the relay is down, tried 12 more times over about nine days.

    Each wait is thrice the one before, from 3 seconds: ten tries fall within about eight hours, the others after
    one, three and nine days. A mail that fails them all keeps its row.
    A crash between delivery and deletion delivers twice: better than never.
    """
    row = OutgoingMail.objects.filter(pk=mail_id).first()
    if row is None:
        return
    mailers["delivery"].send_messages([message_from_json(row.message)])
    row.delete()
