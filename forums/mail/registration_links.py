"""Signed links that mails carry: each names one registration, for one purpose.

A link for one purpose is refused for another. Confirming expires after CONFIRM_WITHIN; one's own
page, MANAGE_DAYS after the forum. The QR of the door holds the registration's key alone: it opens
nothing for whoever is not at the door.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.core import signing
from django.urls import reverse

from forums.models import Forum, Registration

CONFIRM_WITHIN = timedelta(days=3)
MANAGE_DAYS = 30


class Purpose(StrEnum):
    CONFIRM = "confirm"
    MANAGE = "manage"


class LinkRefused(Exception):
    """Forged, cut, or made for something else."""


class LinkExpired(LinkRefused):
    """It was good once."""


def token_for(registration: Registration, purpose: Purpose) -> str:
    return _signer(purpose).sign(registration.key.hex)


def find(*, slug: str, token: str, purpose: Purpose, now: datetime) -> Registration:
    """The registration that a link names, with its forum. Raises `LinkRefused` and `LinkExpired`."""
    max_age = CONFIRM_WITHIN if purpose is Purpose.CONFIRM else None
    try:
        key = uuid.UUID(_signer(purpose).unsign(token, max_age=max_age))
    except signing.SignatureExpired as error:
        raise LinkExpired from error
    except (signing.BadSignature, ValueError) as error:
        raise LinkRefused from error
    rows = Registration.objects.select_related("forum__municipality", "user")
    registration = rows.filter(key=key, forum__slug=slug).first()
    if registration is None:
        raise LinkExpired
    if purpose is Purpose.MANAGE and now >= manageable_until(registration.forum):
        raise LinkExpired
    return registration


def manageable_until(forum: Forum) -> datetime:
    return forum.ends_at + timedelta(days=MANAGE_DAYS)


def confirm_url(registration: Registration) -> str:
    """Absolute, in the current language."""
    arguments = [registration.forum.slug, token_for(registration, Purpose.CONFIRM)]
    return _absolute(reverse("forums:register_confirm", args=arguments))


def page_path(registration: Registration) -> str:
    arguments = [registration.forum.slug, token_for(registration, Purpose.MANAGE)]
    return reverse("forums:registration", args=arguments)


def page_url(registration: Registration) -> str:
    """One's own page, absolute, in the current language."""
    return _absolute(page_path(registration))


def qr_url(registration: Registration) -> str:
    """The picture of `door_url`, for a mail: absolute."""
    arguments = [registration.forum.slug, token_for(registration, Purpose.MANAGE)]
    return _absolute(reverse("forums:registration_code", args=arguments))


def door_url(registration: Registration) -> str:
    """What the person's QR holds: the page where the arrival is confirmed. Absolute, in French."""
    return f"{settings.BASE_URL}/gestion/forums/{registration.forum.slug}/presences/{registration.key}/"


def _absolute(path: str) -> str:
    return f"{settings.BASE_URL}{path}"


def _signer(purpose: Purpose) -> signing.TimestampSigner:
    # A full stop: a colon ends a link in some mail programs.
    return signing.TimestampSigner(sep=".", salt=f"forums.registration.{purpose}")
