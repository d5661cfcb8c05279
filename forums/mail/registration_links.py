"""Signed links in mails: each is for one registration and one purpose.

A link for one purpose is refused for another. The link to confirm expires after CONFIRM_WITHIN; that of
the person's own page, MANAGEABLE_DAYS after the forum. The QR for check-in holds the registration's key
alone: its address opens for staff and the day team only.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.core import signing
from django.urls import reverse

from forums.models import Forum, Registration
from pole.refusals import Refusal

CONFIRM_WITHIN = timedelta(days=3)
MANAGEABLE_DAYS = 30


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
    if registration is None:
        raise LinkExpired
    if purpose is LinkPurpose.MANAGE and now >= manageable_until(registration.forum):
        raise LinkExpired
    return registration


def manageable_until(forum: Forum) -> datetime:
    return forum.ends_at + timedelta(days=MANAGEABLE_DAYS)


def confirm_url(registration: Registration) -> str:
    """Absolute, in the current language."""
    arguments = [registration.forum.slug, token_for(registration, LinkPurpose.CONFIRM)]
    return _absolute(reverse("forums:register_confirm", args=arguments))


def page_path(registration: Registration) -> str:
    arguments = [registration.forum.slug, token_for(registration, LinkPurpose.MANAGE)]
    return reverse("forums:registration", args=arguments)


def page_url(registration: Registration) -> str:
    """The person's own page: an absolute URL, in the current language."""
    return _absolute(page_path(registration))


def qr_url(registration: Registration) -> str:
    """The absolute URL of the QR of `door_url` as a picture, for a mail."""
    arguments = [registration.forum.slug, token_for(registration, LinkPurpose.MANAGE)]
    return _absolute(reverse("forums:registration_code", args=arguments))


def door_url(registration: Registration) -> str:
    """What the person's QR holds: the absolute URL of the page that checks them in, in French."""
    return f"{settings.BASE_URL}/gestion/forums/{registration.forum.slug}/presences/{registration.key}/"


def _absolute(path: str) -> str:
    return f"{settings.BASE_URL}{path}"


def _signer(purpose: LinkPurpose) -> signing.TimestampSigner:
    # A full stop: a colon ends a link in some mail programs.
    return signing.TimestampSigner(sep=".", salt=f"forums.registration.{purpose}")
