"""Suspending an account for a term, with a reason that its owner is told. Locks the account's row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import QuerySet
from django.forms import BaseForm
from django.utils.translation import gettext_lazy as _

from accounts import journal, mailing
from accounts.models import AuditEntry, User
from pole.refusals import Refusal
from pole.templatetags.typography import long_date


class SuspensionRefused(Refusal):
    messages = {"suspension_of_team": _("A member of the team can’t be suspended: take their role first.")}


class WritingSuspended(Refusal):
    messages = {
        "account_suspended": _("Your account can’t write until %(day)s: the reason was sent to you by mail.")
    }


def check_not_suspended(user: User | AnonymousUser, now: datetime) -> None:
    """Raises `WritingSuspended` for a suspended account: asked by every act that publishes or proposes something."""
    if user.is_authenticated and user.is_suspended(now):
        raise WritingSuspended("account_suspended", day=long_date(user.suspended_until))


def has_suspension_error(
    form: BaseForm, user: User | AnonymousUser, now: datetime, *, field: str | None = None
) -> bool:
    """Whether `user` is suspended, which becomes an error of the form, or of one `field`: what was typed stays."""
    try:
        check_not_suspended(user, now)
    except WritingSuspended as refusal:
        form.add_error(field, refusal.message)
        return True
    return False


@transaction.atomic
def suspend(*, person_id: int, days: int, reason: str, by: User, now: datetime) -> User:
    """From now on, for `days`; a new term replaces the one in force. Raises `SuspensionRefused`."""
    person: User = User.objects.select_for_update(no_key=True).get(pk=person_id)
    if person.is_staff or person.pk == by.pk:
        raise SuspensionRefused
    person.suspended_until = now + timedelta(days=days)
    person.save(update_fields=["suspended_until"])
    journal.record(action="suspend", kind="account", key=person.pk, by=by, person_id=person.pk, reason=reason)
    context = {"user": person, "has_account": True, "until": person.suspended_until, "reason": reason}
    mailing.send(prefix="accounts/email/suspended", to=person.email, context=context)
    return person


@transaction.atomic
def lift_suspension(*, person_id: int, by: User, now: datetime) -> bool:
    """Ends a suspension and mails it to the person; does nothing, and returns False, when none is in force."""
    person: User = User.objects.select_for_update(no_key=True).get(pk=person_id)
    if not person.is_suspended(now):
        return False
    person.suspended_until = now
    person.save(update_fields=["suspended_until"])
    journal.record(action="lift", kind="account", key=person.pk, by=by, person_id=person.pk)
    context = {"user": person, "has_account": True}
    mailing.send(prefix="accounts/email/suspension_lifted", to=person.email, context=context)
    return True


def decisions_about(person: User) -> QuerySet[AuditEntry]:
    """Each suspension and each end of one, newest first, with who decided it."""
    entries = AuditEntry.objects.filter(kind="account", key=person.pk, action__in=["suspend", "lift"])
    return entries.select_related("by")


def last_reasons(people: Iterable[User]) -> dict[int, str]:
    """By the key of each person, the reason of their latest suspension. One query."""
    keys = [person.pk for person in people]
    entries = AuditEntry.objects.filter(kind="account", action="suspend", key__in=keys).order_by("at", "pk")
    return dict(entries.values_list("key", "reason"))
