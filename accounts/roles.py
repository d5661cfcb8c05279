"""Granting and removing the staff role."""

from __future__ import annotations

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction

from accounts.models import User
from accounts.rules import may_change_role_of
from pole.refusals import Refusal


class RoleRefused(Refusal):
    """`by` may not change the role of this person."""

    messages = {"role_refused": ""}


@transaction.atomic
def change_staff_role(*, person_id: int, is_staff: bool, by: User) -> User:
    """Grants or removes the staff role and logs who did; a repeated request changes nothing more.

    Locks the person's row, and reads again under it whether the change is allowed.
    Raises `User.DoesNotExist` and `RoleRefused`.
    """
    person: User = User.objects.select_for_update().get(pk=person_id)
    if not may_change_role_of(by, person):
        raise RoleRefused
    if person.is_staff != is_staff:
        person.is_staff = is_staff
        person.save(update_fields=["is_staff"])
        LogEntry.objects.log_actions(
            user_id=by.pk,
            queryset=[person],
            action_flag=CHANGE,
            change_message="staff role given" if is_staff else "staff role taken",
            single_object=True,
        )
    return person
