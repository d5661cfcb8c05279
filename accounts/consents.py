"""Consents: one row for each, kept after it is withdrawn."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Consent, User


def give(*, user: User, purpose: str, about: str, wording: str, page: str, now: datetime) -> Consent:
    """The consent in force, created if there is none."""
    consent, _created = Consent.objects.get_or_create(
        user=user,
        purpose=purpose,
        about=about,
        withdrawn_at=None,
        defaults={"wording": wording[:400], "page": page[:300], "given_at": now},
    )
    return consent


def withdraw(*, user: User, purpose: str, about: str, now: datetime) -> None:
    Consent.objects.filter(user=user, purpose=purpose, about=about, withdrawn_at=None).update(
        withdrawn_at=now
    )
