"""What of forums a restore brings back, and that goes again (`accounts.privacy.replaying`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from accounts.privacy import kept
from accounts.privacy.replaying import Known, Replay
from forums.models import Registration
from forums.registration.identities import anonymise_registration
from forums.registration.registering import cancel_again

State = Registration.State


def _of_erased(known: Known) -> list[Registration]:
    """Made without an account, at an address of someone whose account was erased since."""
    rows = (
        Registration.objects.filter(user=None, email_is_contact_only=False).exclude(email="").order_by("pk")
    )
    return [row for row in rows if known.address_at(row.email, row.created_at)]


def _anonymise(rows: Sequence[Registration], now: datetime) -> None:
    cancel_again(rows, now)
    for row in rows:
        row.refresh_from_db()
        anonymise_registration(row, now)


def _cancelled(known: Known) -> list[Registration]:
    rows = Registration.objects.exclude(state=State.CANCELLED)
    rows = rows.filter(checked_in_at=None, forum__ends_at__gt=timezone.now()).order_by("pk")
    return [row for row in rows if _is_cancelled(row, known)]


def _is_cancelled(row: Registration, known: Known) -> bool:
    """Since the backup, and since they were given a place again."""
    cancelled_at = known.since_backup(kept.REGISTRATION, row.pk, row.created_at)
    return cancelled_at is not None and (row.confirmed_at is None or row.confirmed_at <= cancelled_at)


OF_ERASED = Replay("inscriptions de personnes effacées", _of_erased, _anonymise)
CANCELLED = Replay("inscriptions annulées", _cancelled, cancel_again)
