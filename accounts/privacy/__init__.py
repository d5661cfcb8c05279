"""One's own data: a file of everything that the portal holds of a person, and the erasure of the account.

Each application gives what it holds (`settings.PERSONAL_DATA`) and what it erases before the account is deleted
(`settings.ERASURES`). What stays carries no name. Ballots are in neither: while a vote is open, the database alone ties
them to a person, and once its box is sealed, nothing does.

Locks: the account's row (FOR NO KEY UPDATE), then those of each application's erasure.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from accounts import journal, mailing
from accounts.mailing import suspended
from accounts.models import Role, TeamInvitation, TeamMails, User
from accounts.privacy import kept
from accounts.rules import may_change_roles
from accounts.sign_in.open_sessions import open_sessions
from pole.refusals import Refusal
from pole.spreadsheets import csv_bytes

log = logging.getLogger(__name__)

# How long a person may cancel it.
ERASURE_DELAY = timedelta(days=7)

type Rows = Sequence[Mapping[str, object]]


class ErasureRefused(Refusal):
    messages = {
        "erasure_of_team": _("You are on the hub’s team: ask a colleague to take you off it first."),
        "erasure_of_last_direction": _(
            "Nobody else has the direction of the portal: give it to a colleague, who will then take you off the team."
        ),
        "erasure_of_colleague": _("This person is on the hub’s team: take their roles first."),
        "erasure_refused": _("Only someone who has the direction may do this."),
    }


def data_of(user: User) -> dict[str, Rows]:
    """What is held of a person, by section; values are text, numbers, dates, or lists of texts."""
    account = {
        "email": user.email,
        "other_addresses": list(
            user.emailaddress_set.exclude(email=user.email).values_list("email", flat=True)  # type: ignore[attr-defined]  # allauth's reverse relation
        ),
        "name": user.name,
        "language": user.language,
        "created_at": user.created_at,
        "last_login": user.last_login,
        "suspended_until": user.suspended_until,
    }
    fields = ("purpose", "about", "wording", "page", "given_at", "withdrawn_at")
    sections: dict[str, Rows] = {
        "account": [account],
        "consents": list(user.consents.order_by("given_at").values(*fields)),
        "team_mails": list(
            TeamMails.objects.filter(user=user).values("is_daily", "hour", "on_weekdays_only", "takes_alerts")
        ),
        "team_invitations": [
            {"email": row.email, "roles": list(row.roles), "sent_at": row.sent_at}
            for row in _invitations_of(user).order_by("sent_at")
        ],
        "refused_mail": list(suspended.of_user(user).values("address", "answer", "since")),
        # Neither the secret of an application nor that of a key.
        "second_factors": [
            {"kind": factor.type, "created_at": factor.created_at, "last_used_at": factor.last_used_at}
            for factor in Authenticator.objects.filter(user=user).order_by("pk")
        ],
        "sessions": [
            {
                "browser": session.browser,
                "system": session.system,
                "begun_at": session.begun_at,
                "last_used_on": session.last_used_on,
                "expires_at": session.expires_at,
                "signed_in_with": session.ways,
            }
            for session in open_sessions(user)
        ],
        "decisions": list(journal.entries_about(user).values("at", "action", "kind", "key", "reason")),
    }
    for path in settings.PERSONAL_DATA:
        sections |= import_string(path)(user)
    return sections


def _invitations_of(user: User) -> QuerySet[TeamInvitation]:
    """Those that were sent to an address of this account."""
    addresses = [user.email, *user.emailaddress_set.values_list("email", flat=True)]  # type: ignore[attr-defined]  # allauth's reverse relation
    return TeamInvitation.objects.filter(email__in=[address.lower() for address in addresses])


def as_json(sections: Mapping[str, Rows]) -> bytes:
    return json.dumps(sections, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1).encode()


def as_csv(sections: Mapping[str, Rows]) -> bytes:
    """A line for each value: section, number in the section, field, value."""
    return csv_bytes([("section", "number", "field", "value"), *_lines(sections)])


def _lines(sections: Mapping[str, Rows]) -> Iterator[tuple[object, ...]]:
    for section, rows in sections.items():
        for number, row in enumerate(rows, start=1):
            for field, value in row.items():
                yield section, number, field, _as_text(value)


def _as_text(value: object) -> object:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return ", ".join(map(str, value)) if isinstance(value, list) else value


@transaction.atomic
def schedule_erasure(*, user: User, now: datetime, by: User | None = None) -> datetime:
    """Sets when the account will be erased, returns it, and sends it by mail. Called again, changes nothing.

    `by` is the member of the team who does it for the owner, whose request came otherwise. Raises `ErasureRefused`.
    """
    row: User = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    _check_may_erase_for_another(by)
    if row.is_staff:
        raise ErasureRefused(_why_team_stays(row, by))
    if row.erasure_due_at is None:
        row.erasure_due_at = now + ERASURE_DELAY
        row.save(update_fields=["erasure_due_at"])
        kept.keep(kept.ERASURE_ASKED, row.pk, row.created_at, at=now)
        if by is not None:
            journal.record(action="erase", kind="account", key=row.pk, by=by, person_id=row.pk)
        context = {"user": row, "has_account": True, "due": row.erasure_due_at, "is_by_team": by is not None}
        mailing.send(prefix="accounts/email/erasure_asked", to=row.email, context=context)
    return row.erasure_due_at


@transaction.atomic
def cancel_erasure(*, user: User, by: User | None = None) -> None:
    """Cancels the erasure that this person asked for; `by` is the member of the team who does it for them."""
    _check_may_erase_for_another(by)
    was_due = User.objects.filter(pk=user.pk).exclude(erasure_due_at=None).update(erasure_due_at=None)
    if was_due:
        kept.keep(kept.ERASURE_TAKEN_BACK, user.pk, user.created_at, at=timezone.now())
    if was_due and by is not None:
        journal.record(action="keep", kind="account", key=user.pk, by=by, person_id=user.pk)
        context = {"user": user, "has_account": True}
        mailing.send(prefix="accounts/email/erasure_cancelled", to=user.email, context=context)


def _check_may_erase_for_another(by: User | None) -> None:
    if by is not None and not may_change_roles(User.objects.get(pk=by.pk)):
        raise ErasureRefused("erasure_refused")


def _why_team_stays(person: User, by: User | None) -> str:
    if by is not None and by != person:
        return "erasure_of_colleague"
    others = User.objects.filter(is_active=True, roles__contains=[Role.DIRECTION]).exclude(pk=person.pk)
    is_last = person.has_role(Role.DIRECTION) and not others.exists()
    return "erasure_of_last_direction" if is_last else "erasure_of_team"


def erase_due_accounts(now: datetime) -> int:
    """Erases the accounts whose delay is over, and returns how many; an account that fails delays none of the others."""
    erased = 0
    for pk in User.objects.filter(erasure_due_at__lte=now).order_by("pk").values_list("pk", flat=True):
        try:
            erased += _erase_account(pk, now)
        except Exception:
            log.exception("account %s could not be erased", pk)
    return erased


@transaction.atomic
def _erase_account(pk: int, now: datetime) -> bool:
    due = User.objects.select_for_update(no_key=True).filter(pk=pk, erasure_due_at__lte=now, is_staff=False)
    user: User | None = due.first()
    if user is None:
        return False
    kept.keep(kept.ACCOUNT, user.pk, user.created_at, at=now)
    verified = user.emailaddress_set.filter(verified=True).values_list("email", flat=True)  # type: ignore[attr-defined]  # allauth's reverse relation
    for address in sorted({each.lower() for each in verified}):
        kept.keep(kept.ADDRESS, address, at=now)
    _erase(user)
    mailing.send(prefix="accounts/email/erased", to=user.email, context={"user": user})
    return True


@transaction.atomic
def erase_again(pk: int) -> None:
    """Erases an account that a restore brought back, with the roles that it had then; its owner was told the first time."""
    user: User = User.objects.select_for_update(no_key=True).get(pk=pk)
    if user.roles:
        user.roles, user.is_superuser = [], False
        user.save(update_fields=["roles", "is_superuser"])
    _erase(user)


def _erase(user: User) -> None:
    """`user` is a locked row."""
    journal.anonymise(user)
    _invitations_of(user).delete()
    suspended.of_user(user).delete()
    for path in settings.ERASURES:
        import_string(path)(user)
    user.delete()
