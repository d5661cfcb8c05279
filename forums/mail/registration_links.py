"""Signed links in mails: each is for one registration and one purpose.

A link for one purpose is refused for another. The link to confirm expires after CONFIRM_WITHIN; that of
the person's own page, MANAGEABLE after the forum. The QR for check-in holds the registration's key
alone: its address opens for staff and the day team only.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.core import signing
from django.urls import reverse

from forums.models import Registration
from pole.refusals import Refusal

CONFIRM_WITHIN = timedelta(days=3)
MANAGEABLE = timedelta(days=30)


class LinkPurpose(StrEnum):
    CONFIRM = "confirm"
    MANAGE = "manage"


class LinkRefused(Refusal):
    """Forged, truncated, or made for another purpose."""

    messages = {"link_refused": ""}


class LinkExpired(LinkRefused):
    """Valid once, and no longer."""

    messages = {"link_expired": ""}


def token_for(registration: Registration, purpose: LinkPurpose) -> str:
    return _signer(purpose).sign(registration.key.hex)


def find_registration(*, slug: str, token: str, purpose: LinkPurpose, now: datetime) -> Registration:
    """The registration of a link, with its forum. Raises `LinkRefused` and `LinkExpired`."""
    max_age = CONFIRM_WITHIN if purpose is LinkPurpose.CONFIRM else None
    try:
        key = uuid.UUID(_signer(purpose).unsign(token, max_age=max_age))
    except signing.SignatureExpired as error:
        raise LinkExpired from error
    except (signing.BadSignature, ValueError) as error:
        raise LinkRefused from error
    rows = Registration.objects.select_related("forum__municipality", "user")
    registration = rows.filter(key=key, forum__slug=slug).first()
    if registration is None or (
        purpose is LinkPurpose.MANAGE and now >= registration.forum.ends_at + MANAGEABLE
    ):
        raise LinkExpired
    return registration


def confirm_url(registration: Registration) -> str:
    """Absolute, in the current language."""
    return f"{settings.BASE_URL}{_path('register_confirm', registration, LinkPurpose.CONFIRM)}"


def page_path(registration: Registration) -> str:
    """That of the person's own page, in the current language."""
    return _path("registration", registration, LinkPurpose.MANAGE)


def qr_url(registration: Registration) -> str:
    """The absolute URL of the QR of `door_url` as a picture, for a mail."""
    return f"{settings.BASE_URL}{_path('registration_code', registration, LinkPurpose.MANAGE)}"


def door_url(registration: Registration) -> str:
    """What the person's QR holds: the absolute URL of the page that checks them in, in French."""
    return f"{settings.BASE_URL}/gestion/forums/{registration.forum.slug}/presences/{registration.key}/"


def _path(view: str, registration: Registration, purpose: LinkPurpose) -> str:
    return reverse(f"forums:{view}", args=[registration.forum.slug, token_for(registration, purpose)])


def _signer(purpose: LinkPurpose) -> signing.TimestampSigner:
    # A full stop: a colon ends a link in some mail programs.
    return signing.TimestampSigner(sep=".", salt=f"forums.registration.{purpose}")
