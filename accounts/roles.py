"""Roles given and taken, each noted in the journal."""

from __future__ import annotations

from django.db import transaction

from accounts import journal
from accounts.models import Role, User
from accounts.rules import may_change_role_of
from pole.refusals import Refusal

# What the journal says of a role taken, then given, by the column that holds it.
ACTIONS = {
    "is_staff": ("staff_taken", "staff_given"),
    "is_superuser": ("superuser_taken", "superuser_given"),
    "is_active": ("close", "reopen"),
}


class RoleRefused(Refusal):
    """`by` may not change the role of this person."""

    messages = {"role_refused": ""}


@transaction.atomic
def change_staff_role(*, person_id: int, is_staff: bool, by: User) -> User:
    """Grants or removes the staff role; a repeated request changes nothing more.

    Locks the person's row, and reads again under it whether the change is allowed.
    Raises `User.DoesNotExist` and `RoleRefused`.
    """
    person: User = User.objects.select_for_update().get(pk=person_id)
    if not may_change_role_of(by, person):
        raise RoleRefused
    before = role_columns(person)
    person.roles = [role for role in Role if role != Role.DIRECTION] if is_staff else []
    person.save(update_fields=["roles"])
    record_changes(person, before=before, by=by)
    return person


def role_columns(person: User) -> dict[str, bool]:
    return {
        "is_staff": bool(person.roles),
        "is_superuser": person.is_superuser,
        "is_active": person.is_active,
    }


def record_changes(person: User, *, before: dict[str, bool], by: User | None) -> None:
    """Notes each role that this person has and had not, or the other way; `by` nobody: by a command."""
    for column, has_it in role_columns(person).items():
        if has_it != before[column]:
            journal.record(
                action=ACTIONS[column][has_it], kind="account", key=person.pk, by=by, person_id=person.pk
            )
