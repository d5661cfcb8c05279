"""Mails to one person, in that person's language: one text, sent as plain text and as HTML.

`<prefix>_subject.txt` and `<prefix>_message.txt` hold the wording, without escaping; the frame with
the hub's name and postal address is in `templates/mail/`.
"""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.utils import timezone, translation

from accounts.mailing.lives import CODES, LIVES
from accounts.models import User
from pole.caching.public_pages import read_public_state
from pole.hub.identity import get_identity
from pole.mail.message import PortalMessage
from pole.text.bilingual import current_language


def send(
    *,
    prefix: str,
    to: str,
    context: dict[str, Any],
    unsubscribe_url: str = "",
    is_to_team: bool = False,
    reply_to: str = "",
) -> None:
    """Queues the mail `prefix` to `to`. `context["user"]`, when given, is the person written to.

    `unsubscribe_url` answers a POST without a session by ending such mails (RFC 8058), and a GET with
    a page that asks. With `is_to_team`, the team is not told if it fails. Answers go to `reply_to`, else to the hub.
    """
    person = context.get("user")
    language = person.language if isinstance(person, User) else language_of(to)
    with translation.override(language):
        mail = compose(prefix=prefix, to=to, context={**context, "unsubscribe_url": unsubscribe_url})
        mail.is_to_team = is_to_team
        mail.reply_to = [reply_to] if reply_to else []
        if unsubscribe_url:
            mail.extra_headers["List-Unsubscribe"] = f"<{unsubscribe_url}>"
            mail.extra_headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        # The default mailer is `pole.mail.queue.QueueBackend`: this queues.
        mail.send()


def language_of(address: str) -> str:
    """The language of whoever has this address, else that of the page being shown."""
    known = User.objects.filter(Q(email=address.lower()) | Q(emailaddress__email=address.lower()))
    return known.values_list("language", flat=True).first() or current_language()


def compose(*, prefix: str, to: str, context: dict[str, Any]) -> PortalMessage:
    """The mail `prefix` in the current language, with its life (`accounts.mailing.lives`)."""
    identity = get_identity(read_public_state(timezone.now()).version_of("hub"))
    everything = {
        "hub": identity.hub,
        "base_url": settings.BASE_URL,
        "language": current_language(),
        "has_account": False,
        **context,
    }
    subject = " ".join(_render_text(f"{prefix}_subject.txt", everything).split())
    paragraphs = re.split(r"\n\s*\n", _render_text(f"{prefix}_message.txt", everything).strip())
    links = [paragraph for paragraph in paragraphs if re.fullmatch(r"https?://\S+", paragraph)]
    everything |= {"subject": subject, "paragraphs": paragraphs, "links": links}
    mail = PortalMessage(subject, _render_text("mail/base.txt", everything), to=[to])
    mail.life, mail.is_code = LIVES.get(prefix), prefix in CODES
    mail.attach_alternative(render_to_string("mail/base.html", everything), "text/html")
    return mail


def _render_text(template_name: str, context: dict[str, Any]) -> str:
    """A template rendered for plain text: nothing is escaped."""
    template = get_template(template_name).template  # type: ignore[attr-defined]  # Django's own backend
    return str(template.render(Context(context, autoescape=False)))
