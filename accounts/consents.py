"""Consents: one row for each, kept after it is withdrawn."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from accounts.models import Consent, User
from accounts.privacy import kept

# Asked with the first comment of an account, and recorded in the language in which it was read.
NAME_SHOWN = "name_shown"
NAME_WORDING = gettext_noop("I agree that my name be shown with the comments that I publish")


@transaction.atomic
def give(*, user: User, purpose: str, about: str, wording: str, page: str, now: datetime) -> Consent:
    """The consent in force, created if there is none."""
    consent, is_new = Consent.objects.get_or_create(
        user=user,
        purpose=purpose,
        about=about,
        withdrawn_at=None,
        defaults={"wording": wording[:400], "page": page[:300], "given_at": now},
    )
    if is_new and _former(consent).exists():
        kept.keep(kept.CONSENT_AGAIN, *agreed(consent), at=now)
    return consent


def _former(row: Consent) -> QuerySet[Consent]:
    return Consent.objects.filter(user=row.user_id, purpose=row.purpose, about=row.about).exclude(pk=row.pk)


def withdraw(*, user: User, purpose: str, about: str, now: datetime) -> None:
    for row in user.consents.filter(purpose=purpose, about=about, withdrawn_at=None):
        _withdraw(row, now)


@transaction.atomic
def _withdraw(row: Consent, now: datetime) -> None:
    if Consent.objects.filter(pk=row.pk, withdrawn_at=None).update(withdrawn_at=now):
        kept.keep(kept.CONSENT, *named(row), at=now)


def named(row: Consent) -> tuple[kept.Part, ...]:
    """What no other consent is named by, whatever keys a restore gives again."""
    return row.user.pk, row.user.created_at, row.purpose, row.about, row.given_at


def agreed(row: Consent) -> tuple[kept.Part, ...]:
    """To what, in which words: given again, these alone are known to have been agreed to."""
    return row.user.pk, row.user.created_at, row.purpose, row.about, row.wording


@transaction.atomic
def withdraw_again(row: Consent, *, at: datetime, given_again_at: datetime | None) -> None:
    """One that a restore brought back, withdrawn then, and what it allowed, unless the same was agreed to again since.

    Of the second, the page where it was given is not known.
    """
    Consent.objects.filter(pk=row.pk).update(withdrawn_at=max(at, row.given_at))
    if given_again_at:
        kept_fields = {"user_id": row.user_id, "purpose": row.purpose, "about": row.about}
        Consent.objects.create(**kept_fields, wording=row.wording, given_at=given_again_at)
    elif row.purpose == NAME_SHOWN:
        User.objects.filter(pk=row.user_id).update(is_name_withheld=True)


def in_force(*, user: User, purpose: str) -> Consent | None:
    return user.consents.filter(purpose=purpose, withdrawn_at=None).first()


def shows_name(user: User) -> bool:
    return in_force(user=user, purpose=NAME_SHOWN) is not None


@transaction.atomic
def show_name(*, user: User, wording: str, page: str, now: datetime) -> None:
    """From now on, others read the person's name beside their comments."""
    give(user=user, purpose=NAME_SHOWN, about="", wording=wording, page=page, now=now)
    User.objects.filter(pk=user.pk, is_name_withheld=True).update(is_name_withheld=False)


@transaction.atomic
def withhold_name(*, user: User, now: datetime) -> None:
    """The comments stay, without the name of who wrote them."""
    withdraw(user=user, purpose=NAME_SHOWN, about="", now=now)
    User.objects.filter(pk=user.pk).update(is_name_withheld=True)
