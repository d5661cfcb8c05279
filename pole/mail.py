"""Mail goes out through the queue: the page answers at once, and a relay that is down loses nothing.

A job carries the id of an `OutgoingMail` only, since jobs are stored and logged. The row is written
in the transaction of what caused the mail: no commit, no mail.
"""

from __future__ import annotations

import email.policy
from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from procrastinate.contrib.django import app

from pole.models import OutgoingMail


class QueueBackend(BaseEmailBackend):
    """The default mailer: stores each message for `pole.tasks.deliver_mail`.

    What `_as_json` lists is stored: copies (cc, bcc) and attachments are dropped without a word.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        with transaction.atomic():
            for message in email_messages:
                row = store_message(message)
                # By name: `pole.tasks.deliver_mail`, which imports this module.
                app.configure_task("deliver_mail", allow_unknown=False).defer(mail_id=row.pk)
        return len(email_messages)


def store_message(message: EmailMessage) -> OutgoingMail:
    """The row of a message, which a job of the worker names."""
    # Built once for nothing: a header that can't be is refused here, not in the worker.
    message.message()
    return OutgoingMail.objects.create(message=_as_json(message))


class ReadableConsoleBackend(BaseEmailBackend):
    """Mails as a person reads them, on the console of a demonstration."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            heading = f"À : {', '.join(message.to)}\nObjet : {message.subject}"
            print(f"\n{'─' * 72}\n{heading}\n\n{message.body}\n{'─' * 72}", flush=True)  # noqa: T201 - the point of it
        return len(email_messages)


def _as_json(message: EmailMessage) -> dict[str, Any]:
    alternatives = [
        {"content": str(alternative.content), "mimetype": alternative.mimetype}
        for alternative in getattr(message, "alternatives", [])
    ]
    return {
        "subject": str(message.subject),
        "body": str(message.body),
        "from_email": message.from_email,
        "to": list(message.to),
        "reply_to": list(message.reply_to),
        "headers": dict(message.extra_headers),
        "alternatives": alternatives,
    }


class UnfoldedHeadersMessage(EmailMultiAlternatives):
    """A mail whose long headers are not folded.

    Python folds a header without spaces at 78 characters by encoding it, and mail programs don't decode
    the address in List-Unsubscribe. The standard's own limit is 998.
    """

    def message(self, *, policy: Any = email.policy.default) -> Any:
        return super().message(policy=policy.clone(max_line_length=998))


def message_from_json(data: dict[str, Any]) -> EmailMultiAlternatives:
    """The message that `QueueBackend` stored."""
    alternatives = data.pop("alternatives")
    message = UnfoldedHeadersMessage(**data)
    for alternative in alternatives:
        message.attach_alternative(alternative["content"], alternative["mimetype"])
    return message
