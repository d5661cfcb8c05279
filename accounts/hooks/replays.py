"""What of accounts a restore brings back, and that goes again (`accounts.privacy.replaying`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from accounts import consents, privacy
from accounts.mailing import team_digest
from accounts.models import Consent, TeamInvitation, TeamMails, User
from accounts.privacy import kept, team_mails
from accounts.privacy.replaying import Known, Replay
from pole.models import OutgoingMail, SuspendedAddress

# A consent, when it was withdrawn, and when the same was given again.
type _Withdrawn = tuple[Consent, datetime, datetime | None]


def _accounts(known: Known) -> list[int]:
    people = User.objects.order_by("pk").values_list("pk", "created_at")
    return [pk for pk, created_at in people if known.at(kept.ACCOUNT, pk, created_at)]


def _erase_accounts(keys: Sequence[int], now: datetime) -> None:
    for key in keys:
        privacy.erase_again(key)


def _asked(known: Known) -> list[int]:
    """Whose owners asked for their erasure since, and still want it."""
    people = User.objects.filter(erasure_due_at=None).order_by("pk").values_list("pk", "created_at")
    asked, taken_back = kept.ERASURE_ASKED, kept.ERASURE_TAKEN_BACK
    return [pk for pk, made in people if known.since_backup(asked, pk, made, unless=taken_back)]


def _schedule(keys: Sequence[int], now: datetime) -> None:
    """They may have taken it back in what was lost: they have the whole delay again."""
    User.objects.filter(pk__in=keys).update(erasure_due_at=now + privacy.ERASURE_DELAY)


def _taken_back(known: Known) -> list[int]:
    people = User.objects.exclude(erasure_due_at=None).order_by("pk").values_list("pk", "created_at")
    asked, taken_back = kept.ERASURE_ASKED, kept.ERASURE_TAKEN_BACK
    return [pk for pk, made in people if known.since_backup(taken_back, pk, made, unless=asked)]


def _keep(keys: Sequence[int], now: datetime) -> None:
    User.objects.filter(pk__in=keys).update(erasure_due_at=None)


def _consents(known: Known) -> list[_Withdrawn]:
    rows = Consent.objects.filter(withdrawn_at=None).select_related("user").order_by("pk")
    found = [(row, known.at(kept.CONSENT, *consents.named(row))) for row in rows]
    return [(row, at, _given_again_at(row, known)) for row, at in found if at]


def _given_again_at(row: Consent, known: Known) -> datetime | None:
    """When whoever withdrew `row` agreed again to the same words, if they have not withdrawn that too."""
    given_at = known.at(kept.CONSENT_AGAIN, *consents.agreed(row))
    if given_at is None or given_at <= row.given_at:
        return None
    return None if known.at(kept.CONSENT, *consents.named(row)[:-1], given_at) else given_at


def _withdraw(rows: Sequence[_Withdrawn], now: datetime) -> None:
    for row, at, given_again_at in rows:
        consents.withdraw_again(row, at=at, given_again_at=given_again_at)


def _team_mails(known: Known) -> list[tuple[User, dict[str, object]]]:
    """Of whoever had made no choice yet, too: both kinds are sent by default."""
    found = []
    for user in User.objects.select_related("team_mails").order_by("pk"):
        choices = team_digest.choices_of(user)
        stopped: dict[str, object] = {
            field: False
            for field, (stop, again) in team_mails.KINDS.items()
            if getattr(choices, field) and known.since_backup(stop, user.pk, user.created_at, unless=again)
        }
        if stopped:
            found.append((user, stopped))
    return found


def _stop_team_mails(rows: Sequence[tuple[User, dict[str, object]]], now: datetime) -> None:
    for user, stopped in rows:
        TeamMails.objects.update_or_create(user=user, defaults=stopped)


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
ASKED = Replay("demandes d’effacement", _asked, _schedule)
TAKEN_BACK = Replay("demandes d’effacement reprises", _taken_back, _keep)
CONSENTS = Replay("consentements", _consents, _withdraw)
TEAM_MAILS = Replay("courriels de l’équipe", _team_mails, _stop_team_mails)
ADDRESSES = Replay("traces d’une adresse", _addresses, _delete)
