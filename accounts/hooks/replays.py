"""What of accounts a restore brings back, and that goes again (`accounts.privacy.replaying`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from accounts import consents, privacy
from accounts.models import Consent, TeamInvitation, TeamMails, User
from accounts.privacy import kept
from accounts.privacy.replaying import Known, Replay
from pole.models import OutgoingMail, SuspendedAddress


def _accounts(known: Known) -> list[int]:
    people = User.objects.order_by("pk").values_list("pk", "created_at")
    return [pk for pk, created_at in people if known.at(kept.ACCOUNT, pk, created_at)]


def _erase_accounts(keys: Sequence[int], now: datetime) -> None:
    for key in keys:
        privacy.erase_again(key)


def _consents(known: Known) -> list[Consent]:
    rows = Consent.objects.filter(withdrawn_at=None).select_related("user").order_by("pk")
    return [row for row in rows if known.at(kept.CONSENT, *consents.named(row))]


def _withdraw(rows: Sequence[Consent], now: datetime) -> None:
    for row in rows:
        consents.withdraw_again(row, now)


def _team_mails(known: Known) -> list[TeamMails]:
    rows = TeamMails.objects.filter(is_daily=True).select_related("user").order_by("pk")
    return [row for row in rows if known.since_backup(kept.TEAM_MAILS, row.user.pk, row.user.created_at)]


def _stop_team_mails(rows: Sequence[TeamMails], now: datetime) -> None:
    TeamMails.objects.filter(pk__in=[row.pk for row in rows]).update(is_daily=False)


def _addresses(known: Known) -> list[Any]:
    """What is known by an address alone: an invitation, what its server answered, a mail that waits or failed."""
    invited = TeamInvitation.objects.order_by("pk")
    suspended = SuspendedAddress.objects.order_by("pk")
    mails = OutgoingMail.objects.order_by("pk")
    return [
        *(row for row in invited if known.address_at(row.email, row.sent_at)),
        *(row for row in suspended if known.address_at(row.address, row.since)),
        *(row for row in mails if any(known.address_at(to, row.created_at) for to in row.message["to"])),
    ]


def _delete(rows: Sequence[Any], now: datetime) -> None:
    for row in rows:
        row.delete()


ACCOUNTS = Replay("comptes", _accounts, _erase_accounts)
CONSENTS = Replay("consentements", _consents, _withdraw)
TEAM_MAILS = Replay("courriels de l’équipe", _team_mails, _stop_team_mails)
ADDRESSES = Replay("traces d’une adresse", _addresses, _delete)
