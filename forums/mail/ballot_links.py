"""The signed link in mails that opens the ballot of one round for one registration, without a code."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core import signing
from django.urls import reverse

from forums.models import Registration, Round

_SALT = "forums.ballot"


def ballot_link(round: Round, registration: Registration) -> str:
    """An absolute URL, in the current language. It opens a ballot only while the registration is on the roll."""
    token = signing.Signer(sep=".", salt=_SALT).sign(f"{round.pk}.{registration.key.hex}")
    return f"{settings.BASE_URL}{reverse('forums:vote_link', args=[token])}"


def read_ballot_link(token: str) -> tuple[Round, Registration] | None:
    """The round, with its forum, and the registration of a link; None for a forged or truncated one."""
    try:
        round_id, key = signing.Signer(sep=".", salt=_SALT).unsign(token).split(".")
        registration = Registration.objects.filter(key=uuid.UUID(key)).first()
        round = Round.objects.select_related("forum").filter(pk=int(round_id)).first()
    except (signing.BadSignature, ValueError):
        return None
    if registration is None or round is None or registration.forum_id != round.forum_id:
        return None
    return round, registration
