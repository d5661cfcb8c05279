"""The test message of the first steps: it goes the way of every other mail, and brings a code back.

The worker delivers it as it does the others, once, and notes what the relay answered. Whoever received it types its
code: only then is mail known to arrive. Locks: the row of `Setup`.
"""

from __future__ import annotations

import email.policy
import secrets
import smtplib
from typing import Any

from django.conf import settings
from django.core.mail import mailers
from django.core.mail.backends.smtp import EmailBackend
from django.db import transaction
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pole.mail.message import PortalMessage, from_json
from pole.mail.queue import CODES_FIRST, store_message
from pole.mail.relay import MAX_ANSWER_LENGTH
from pole.models import Hub, OutgoingMail, Setup
from pole.refusals import Refusal
from pole.server import work_queue


class CodeRefused(Refusal):
    messages = {
        "wrong_mail_code": gettext_lazy(
            "This is not the code of the latest message. Send another one if need be."
        )
    }


def relay_in_use() -> str:
    """The relay and the sender that mail goes by: when they change, mail has to be tried again."""
    delivery = settings.MAILERS["delivery"]
    options = delivery.get("OPTIONS", {})
    relay = f"{options['host']}:{options.get('port')}" if "host" in options else str(delivery["BACKEND"])
    return f"{relay}, {settings.DEFAULT_FROM_EMAIL}"[:300]


def goes_to_a_console() -> bool:
    """Whether there is no relay: messages are only printed, as in a demonstration."""
    return str(settings.MAILERS["delivery"]["BACKEND"]).endswith("ConsoleBackend")


@transaction.atomic
def send_test(*, to: str, language: str) -> None:
    """Queues a message to `to` in the current language, with a new code; the code of the one before no longer serves."""
    setup = locked_setup()
    setup.mail_code = f"{secrets.randbelow(10**6):06d}"
    row = store_message(_compose(to, setup.mail_code, language))
    assert row is not None  # noqa: S101 - a code goes to any address
    setup.mail_id, setup.mail_relay, setup.mail_sent_at = row.pk, relay_in_use(), timezone.now()
    setup.mail_answered_at, setup.mail_answer, setup.mail_accepted = None, "", False
    setup.save()
    work_queue.defer("deliver_test_mail", priority=CODES_FIRST, mail_id=row.pk)


def _compose(to: str, code: str, language: str) -> PortalMessage:
    hub = Hub.objects.select_related("municipality").first() or Hub(name="Pôle")
    link = f"{settings.BASE_URL}{reverse('staff:first_step_mail')}?code={code}"
    subject = _("Test message: code %(code)s") % {"code": code}
    paragraphs = [
        _(
            "This message was sent from the first steps of the portal of %(hub)s, to check that its mail arrives."
        )
        % {"hub": hub.shown_name},
        _("Type the code %(code)s there, or follow this link:") % {"code": code},
        link,
    ]
    context = {
        "hub": hub, "base_url": settings.BASE_URL, "language": language, "has_account": True, "subject": subject,
        "paragraphs": paragraphs, "links": [link],
    }  # fmt: skip
    plain = get_template("mail/base.txt").template  # type: ignore[attr-defined]  # Django's own backend
    mail = PortalMessage(subject, plain.render(Context(context, autoescape=False)), to=[to])
    mail.attach_alternative(render_to_string("mail/base.html", context), "text/html")
    mail.is_code = mail.is_to_team = True
    return mail


def deliver_test(mail_id: int) -> None:
    """What the worker does: one try, whose answer is noted, and nothing kept."""
    row = OutgoingMail.objects.filter(pk=mail_id).first()
    if row is None:
        return
    accepted, answer = _ask_relay(from_json(row.message))
    row.delete()
    Setup.objects.filter(mail_id=mail_id).update(
        mail_accepted=accepted,
        mail_answer=" ".join(answer.split())[:MAX_ANSWER_LENGTH],
        mail_answered_at=timezone.now(),
    )


def _ask_relay(message: PortalMessage) -> tuple[bool, str]:
    """(whether the relay took the message, what it answered)."""
    backend = mailers["delivery"]
    if not isinstance(backend, EmailBackend):
        backend.send_messages([message])
        return True, ""
    try:
        backend.open()
        return _converse(backend, message)
    except smtplib.SMTPResponseException as error:
        return False, f"{error.smtp_code} {_text(error.smtp_error)}"
    except (smtplib.SMTPException, OSError, ValueError) as error:
        return False, f"{type(error).__name__}: {error}"
    finally:
        backend.close()


def _converse(backend: EmailBackend, message: PortalMessage) -> tuple[bool, str]:
    """As `smtplib.SMTP.sendmail`, which keeps the last answer to itself."""
    relay: smtplib.SMTP = backend.connection  # type: ignore[assignment]  # open, or it raised
    relay.ehlo_or_helo_if_needed()
    sender = relay.mail(backend.prep_address(message.from_email))
    for code, text in (sender, *(relay.rcpt(backend.prep_address(to)) for to in message.to)):
        if code not in {250, 251}:
            relay.rset()
            return False, f"{code} {_text(text)}"
    code, text = relay.data(message.message(policy=email.policy.SMTP).as_bytes())
    return code == 250, f"{code} {_text(text)}"


def _text(answer: Any) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)


def hint(answer: str) -> str:
    """What to look at, for the usual refusals of a relay."""
    if not answer or answer.startswith("250"):
        return ""
    if answer[:3] in {"530", "534", "535"}:
        return _(
            "The name or the password in EMAIL_URL is refused. Check them with whoever provides the relay."
        )
    if answer[:2] == "55":
        return _(
            "The relay refuses the sender or the recipient. Check DEFAULT_FROM_EMAIL, and that it may send for it."
        )
    if answer[:1].isdigit():
        return _("The relay answered, but did not take the message. Show its answer to whoever provides it.")
    return _(
        "The relay does not answer at this name and port. Check EMAIL_URL, and the firewall of the server."
    )


@transaction.atomic
def confirm_received(*, code: str) -> None:
    """Notes that a message arrived, for whoever typed its code. Raises `CodeRefused`."""
    setup = locked_setup()
    if not setup.mail_code or not secrets.compare_digest(setup.mail_code.encode(), code.encode()):
        raise CodeRefused
    setup.mail_received_at, setup.mail_received_by_relay = timezone.now(), setup.mail_relay
    setup.mail_code = ""
    setup.save()


def locked_setup() -> Setup:
    Setup.objects.get_or_create(id=1)
    return Setup.objects.select_for_update().get(id=1)
