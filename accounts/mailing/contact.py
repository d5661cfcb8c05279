"""Writing to the hub by its contact page: a mail to its address, and nothing else.

The portal keeps no message: the mail is a row of the queue until the relay has taken it (`pole.mail`).
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from email.headerregistry import Address
from typing import Any

from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.mailing.sending import send
from pole.access import SignedToken
from pole.forms import EmailAddressField, ParagraphsField, SingleLineField, TimedForm
from pole.models import SuspendedAddress
from pole.refusals import Refusal

MAX_LENGTH = 4000
# A message sent again with the same form, by a double click or a page loaded anew, is the same one.
_SENT_ONCE = timedelta(days=1)


class ContactRefused(Refusal):
    messages = {
        "contact_crowded": _("Many messages come from your connection. Wait a little, or telephone us."),
        "contact_unreachable": _("The mailbox of the team refuses e-mail for now. Telephone us."),
    }


class ContactForm(TimedForm):
    token = SignedToken("accounts.contact", (str, int), _SENT_ONCE)

    name = SingleLineField(
        label=_("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = EmailAddressField(
        label=_("Your e-mail address"), max_length=254, lowers=False, help_text=_("The team answers you there."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )  # fmt: skip
    message = ParagraphsField(
        label=_("Your message"), max_length=MAX_LENGTH, widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": _("Write your message before sending it.")},
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "name" in cleaned and "email" in cleaned:
            try:
                cleaned["reply_to"] = str(Address(display_name=cleaned["name"], addr_spec=cleaned["email"]))
            except ValueError as error:
                fault = ValidationError(_("Write an address at which you receive e-mail."))
                self.add_error("email", fault)
                raise fault from error
        return cleaned


@transaction.atomic
def send_message(
    *, to: str, name: str, email: str, reply_to: str, message: str, idempotency_key: uuid.UUID
) -> None:
    """To the hub, whose answer goes to the writer; the same `idempotency_key` again sends nothing.

    Raises `ContactRefused("contact_unreachable")` when the hub's address has refused mail: it would be lost.
    """
    if not cache.add(f"contact:{idempotency_key.hex}", True, int(_SENT_ONCE.total_seconds())):
        return
    if SuspendedAddress.objects.filter(address=to.lower()).exists():
        raise ContactRefused("contact_unreachable")
    quoted = "\n".join(f"> {line}".rstrip() for line in message.splitlines())
    send(
        prefix="accounts/email/contact",
        to=to,
        context={"name": name, "email": email, "quoted": quoted},
        reply_to=reply_to,
    )
