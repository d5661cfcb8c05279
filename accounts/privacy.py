"""One's own data: a file of everything that the portal holds of a person, and the erasure of the account.

Each application gives what it holds (`settings.PERSONAL_DATA`) and what it erases before the account is deleted
(`settings.ERASURES`). What stays carries no name. Ballots are in neither: nothing ties them to a person.

Locks: the account's row (FOR NO KEY UPDATE), then those of each application's erasure.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from accounts import journal, mailing
from accounts.models import TeamMails, User
from pole.refusals import Refusal
from pole.spreadsheets import csv_bytes

log = logging.getLogger(__name__)

# How long a person may cancel it.
ERASURE_DELAY = timedelta(days=7)

type Rows = Sequence[Mapping[str, object]]


class ErasureRefused(Refusal):
    messages = {"erasure_of_team": _("You are on the hub’s team: ask a colleague to take you off it first.")}


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
        "decisions": list(journal.entries_about(user).values("at", "action", "kind", "key", "reason")),
    }
    for path in settings.PERSONAL_DATA:
        sections |= import_string(path)(user)
    return sections


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
def schedule_erasure(*, user: User, now: datetime) -> datetime:
    """Sets when the account will be erased, returns it, and sends it by mail. Called again, changes nothing. Raises `ErasureRefused`."""
    row: User = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if row.is_staff:
        raise ErasureRefused
    if row.erasure_due_at is None:
        row.erasure_due_at = now + ERASURE_DELAY
        row.save(update_fields=["erasure_due_at"])
        context = {"user": row, "has_account": True, "due": row.erasure_due_at}
        mailing.send(prefix="accounts/email/erasure_asked", to=row.email, context=context)
    return row.erasure_due_at


def cancel_erasure(*, user: User) -> None:
    """Cancels the erasure that this person asked for."""
    User.objects.filter(pk=user.pk).update(erasure_due_at=None)


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
    journal.anonymise(user)
    for path in settings.ERASURES:
        import_string(path)(user)
    mailing.send(prefix="accounts/email/erased", to=user.email, context={"user": user})
    user.delete()
    return True
