"""Mail goes out through the queue: the page answers at once, and a relay that is down loses nothing.

A job carries the id of an `OutgoingMail` only, since jobs are stored and logged. The row is written
in the transaction of what caused the mail: no commit, no mail.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone

from pole.mail.message import PortalMessage, as_json, sign
from pole.models import OutgoingMail, SuspendedAddress
from pole.server import work_queue

# Of the task of a code, whose reader waits before the page that asks for it.
CODES_FIRST = 10


class QueueBackend(BaseEmailBackend):
    """The default mailer: stores each message for `pole.tasks.deliver_mail`.

    What `as_json` lists is stored: copies (cc, bcc) and files that are no texts are dropped without a word. Nothing is stored
    for an address that refuses mail (`SuspendedAddress`), but a code that its reader is waiting for.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        with transaction.atomic():
            for message in email_messages:
                row = store_message(message)
                if row is not None:
                    defer_delivery(row)
        return len(email_messages)


def defer_delivery(row: OutgoingMail) -> None:
    """Has the worker deliver it: a code before whatever else waits, were it thousands of announcements."""
    # By name: `pole.tasks.deliver_mail`, which imports this module.
    work_queue.defer("deliver_mail", priority=CODES_FIRST if row.is_code else 0, mail_id=row.pk)


def store_message(message: EmailMessage) -> OutgoingMail | None:
    """The row of a message, which a job of the worker names; None when its address is suspended."""
    is_code = isinstance(message, PortalMessage) and message.is_code
    if (
        not is_code
        and SuspendedAddress.objects.filter(address__in=[to.lower() for to in message.to]).exists()
    ):
        return None
    sign(message)
    # Built once for nothing: a header that can't be is refused here, not in the worker.
    message.message()
    life = message.life if isinstance(message, PortalMessage) else None
    return OutgoingMail.objects.create(
        message=as_json(message),
        is_code=is_code,
        is_to_team=isinstance(message, PortalMessage) and message.is_to_team,
        expires_at=timezone.now() + life if life else None,
    )


class ReadableConsoleBackend(BaseEmailBackend):
    """Mails as a person reads them, on the console of a demonstration."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            heading = f"À : {', '.join(message.to)}\nObjet : {message.subject}"
            print(f"\n{'─' * 72}\n{heading}\n\n{message.body}\n{'─' * 72}", flush=True)  # noqa: T201 - the point of it
        return len(email_messages)
