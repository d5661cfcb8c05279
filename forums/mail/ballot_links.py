"""The link that mails give a registrant: it opens the ballot of one round, without a code, and nothing else."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core import signing
from django.urls import reverse

from forums.models import Registration, Round

_SALT = "forums.ballot"


def ballot_link(round: Round, registration: Registration) -> str:
    """Absolute, in the current language. Worth what the registration is worth: nothing off the roll."""
    token = signing.Signer(sep=".", salt=_SALT).sign(f"{round.pk}.{registration.key.hex}")
    return f"{settings.BASE_URL}{reverse('forums:vote_link', args=[token])}"


def find(token: str) -> tuple[Round, Registration] | None:
    """The round, with its forum, and the registration that a link names; None for a forged or cut one."""
    try:
        round_id, key = signing.Signer(sep=".", salt=_SALT).unsign(token).split(".")
        registration = Registration.objects.filter(key=uuid.UUID(key)).first()
        round = Round.objects.select_related("forum").filter(pk=int(round_id)).first()
    except (signing.BadSignature, ValueError):
        return None
    if registration is None or round is None or registration.forum_id != round.forum_id:
        return None
    return round, registration
