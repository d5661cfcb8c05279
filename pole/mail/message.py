"""What a mail of the portal holds, and how it is written for the relay: in ASCII, each line within the standard's limit."""

from __future__ import annotations

import email.policy
from datetime import timedelta
from email.headerregistry import Address
from email.utils import make_msgid, parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailAttachment, EmailMessage, EmailMultiAlternatives

from pole.models import Hub

# RFC 5322 allows no longer line. Python would fold a header that has no spaces by encoding it, and mail programs
# don't decode the address in List-Unsubscribe.
MAX_HEADER_LENGTH = 998
# RFC 2045.
MAX_QUOTED_PRINTABLE_LENGTH = 76


class PortalMessage(EmailMultiAlternatives):
    """A mail in plain text and HTML, with what decides whether it may still be sent."""

    # After so long, what it holds serves no more: it is not delivered.
    life: timedelta | None = None
    # A code that its reader is waiting for, or a link that does as much: tried before other mails, and even at an
    # address that refused them.
    is_code = False
    # To the team, about the portal itself: that it fails is told to nobody, since that would fail too.
    is_to_team = False

    def message(self, *, policy: Any = email.policy.default) -> Any:
        built = super().message(policy=policy.clone(max_line_length=MAX_HEADER_LENGTH))
        for part in built.walk():
            if part.get_content_maintype() == "text":
                _write_as_quoted_printable(part)
        return built


def _write_as_quoted_printable(part: Any) -> None:
    """Python would choose base64, which people and filters can't read, or lines as long as the text's own."""
    text = part.get_content()
    # As the method of a calendar.
    params = {name: value for name, value in part["Content-Type"].params.items() if name != "charset"}
    headers_policy = part.policy
    part.policy = headers_policy.clone(max_line_length=MAX_QUOTED_PRINTABLE_LENGTH)
    part.set_content(
        text,
        subtype=part.get_content_subtype(),
        charset="utf-8",
        cte="quoted-printable",
        params=params,
        # Of a file, which would else be read as one more text.
        disposition=part.get_content_disposition(),
        filename=part.get_filename(),
    )
    part.policy = headers_policy


def sender_domain() -> str:
    """The domain of `DEFAULT_FROM_EMAIL`, else the portal's own."""
    _name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return address.rpartition("@")[2] or urlsplit(settings.BASE_URL).hostname or "localhost"


def sign(message: EmailMessage) -> None:
    """Says whom the message comes from, to whom one answers, and that a machine wrote it."""
    hub = Hub.objects.first() or Hub(name="Pôle")
    if message.from_email == settings.DEFAULT_FROM_EMAIL:
        name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
        shown = " ".join((name or hub.shown_name).split())
        message.from_email = str(Address(display_name=shown, addr_spec=address))
    if not message.reply_to and hub.email:
        message.reply_to = [hub.email]
    headers = message.extra_headers
    headers.setdefault("Auto-Submitted", "auto-generated")
    headers.setdefault("Message-ID", make_msgid(domain=sender_domain()))


def as_json(message: EmailMessage) -> dict[str, Any]:
    """What is stored of a message: copies (cc, bcc) are not, and of attachments, those that are texts with a name."""
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
    } | ({"attachments": files} if (files := _text_files(message)) else {})


def _text_files(message: EmailMessage) -> list[tuple[str, str, str]]:
    """(name, text, type) of each, as `EmailMessage` takes them back."""
    return [
        (str(each.filename), each.content, str(each.mimetype))
        for each in message.attachments
        if isinstance(each, EmailAttachment) and isinstance(each.content, str) and each.filename
    ]


def from_json(data: dict[str, Any]) -> PortalMessage:
    """The message that `as_json` stored."""
    alternatives = data["alternatives"]
    message = PortalMessage(**{name: value for name, value in data.items() if name != "alternatives"})
    for alternative in alternatives:
        message.attach_alternative(alternative["content"], alternative["mimetype"])
    return message
