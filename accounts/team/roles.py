"""Roles given and taken, accounts closed and reopened: each is noted in the journal and told to the person.

Locks: the rows of the person and of everyone who has the direction, by key, so that of two people who take each
other off it the second finds it gone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import journal, mailing
from accounts.models import Role, User
from accounts.privacy import kept
from accounts.rules import may_change_roles
from accounts.sign_in.open_sessions import close_others
from pole.hooks.moderation import seen_version
from pole.refusals import Refusal

# What the journal says of each thing taken, then given: a role, or a column of the account.
ACTIONS = {
    **{role.value: (f"{role}_taken", f"{role}_given") for role in Role},
    "is_superuser": ("superuser_taken", "superuser_given"),
    "is_active": ("close", "reopen"),
}


class RoleRefused(Refusal):
    """`by` may not change the roles of this person."""

    messages = {
        "role_refused": _("Only someone who has the direction may do this."),
        "own_role": _("Nobody changes their own roles, nor closes their own account: ask a colleague."),
        "roles_changed_meanwhile": _(
            "A colleague has changed these roles meanwhile. Here they are: choose again."
        ),
        "role_of_closed": _("This account is closed: reopen it first."),
        "role_of_suspended": _("This account is suspended: end the suspension first."),
    }


@transaction.atomic
def change_roles(*, person_id: int, roles: Collection[str], seen: str, by: User) -> User:
    """Gives a person these roles and no other; none takes them off the team. A repeated request changes nothing.

    `seen` is the `version_of` the roles that `by` saw. Raises `User.DoesNotExist`, `RoleRefused`.
    """
    person = lock_for_direction(person_id, by=by)
    if set(roles) == set(person.roles):
        return person
    if seen != version_of(person):
        raise RoleRefused("roles_changed_meanwhile")
    if not set(roles) <= set(person.roles):
        check_may_receive(person)
    before, was_leaving = role_columns(person), person.erasure_due_at is not None
    set_roles(person, roles)
    record_changes(person, before=before, by=by)
    context = {"user": person, "has_account": True, "by": by}
    if was_leaving and person.erasure_due_at is None:
        # Their own request is undone by somebody else: they must know, to ask again.
        journal.record(action="keep", kind="account", key=person.pk, by=by, person_id=person.pk)
        mailing.send(prefix="accounts/email/erasure_cancelled", to=person.email, context=context)
    mailing.send(prefix="accounts/email/roles_changed", to=person.email, context=context)
    return person


@transaction.atomic
def change_active(*, person_id: int, is_active: bool, by: User) -> User:
    """Closes an account, whose sessions end at once, or reopens it. Raises `User.DoesNotExist` and `RoleRefused`."""
    person = lock_for_direction(person_id, by=by)
    if person.is_active == is_active:
        return person
    before = role_columns(person)
    person.is_active = is_active
    person.save(update_fields=["is_active"])
    if not is_active:
        # Else the account, once reopened, would let in again whoever it was closed to.
        close_others(person, current=None)
    record_changes(person, before=before, by=by)
    prefix = "accounts/email/account_reopened" if is_active else "accounts/email/account_closed"
    mailing.send(prefix=prefix, to=person.email, context={"user": person, "has_account": is_active})
    return person


def lock_for_direction(person_id: int, *, by: User) -> User:
    """The locked row of someone about whom the direction decides. Raises `User.DoesNotExist` and `RoleRefused`."""
    rows = lock_people([person_id])
    if person_id not in rows:
        raise User.DoesNotExist
    actor, person = rows.get(by.pk), rows[person_id]
    if actor is None or not may_change_roles(actor):
        raise RoleRefused
    if actor == person:
        raise RoleRefused("own_role")
    return person


def lock_people(ids: Iterable[int]) -> dict[int, User]:
    """The rows of these people and of everyone who has the direction, by key; those that exist."""
    wanted = Q(pk__in=list(ids)) | Q(roles__contains=[Role.DIRECTION])
    return {row.pk: row for row in User.objects.select_for_update(no_key=True).filter(wanted).order_by("pk")}


def check_may_receive(person: User) -> None:
    if not person.is_active:
        raise RoleRefused("role_of_closed")
    if person.is_suspended(timezone.now()):
        raise RoleRefused("role_of_suspended")


def set_roles(person: User, roles: Collection[str]) -> None:
    """Stores the roles. Whoever has not the direction is no superuser, and whoever joins the team stays."""
    person.roles = [role for role in Role if role in roles]
    person.is_superuser = person.is_superuser and Role.DIRECTION in person.roles
    if person.roles and person.erasure_due_at is not None:
        person.erasure_due_at = None
        kept.keep(kept.ERASURE_TAKEN_BACK, person.pk, person.created_at, at=timezone.now())
    person.save(update_fields=["roles", "is_superuser", "erasure_due_at"])


def version_of(person: User) -> str:
    """What a form about the roles of a person has seen."""
    return seen_version(*sorted(person.roles))


def role_columns(person: User) -> dict[str, bool]:
    """Whether this person has each role, and each column of ACTIONS."""
    return {
        name: name in person.roles if name in Role.values else bool(getattr(person, name)) for name in ACTIONS
    }


def record_changes(person: User, *, before: dict[str, bool], by: User | None) -> None:
    """Notes each thing that this person has and had not, or the other way; `by` nobody: by a command."""
    for name, has_it in role_columns(person).items():
        if has_it != before[name]:
            journal.record(
                action=ACTIONS[name][has_it], kind="account", key=person.pk, by=by, person_id=person.pk
            )
