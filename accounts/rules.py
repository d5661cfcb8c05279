"""Who someone is, and who may do what among people."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.models import User


def signed_in_user(request: HttpRequest) -> User:
    """The person of this request. For views behind `login_required` or `staff_only` only."""
    assert isinstance(request.user, User)  # noqa: S101 - the decorator guarantees it
    return request.user


def may_change_role_of(actor: User, person: User) -> bool:
    """Superusers grant and remove the staff role, but not their own nor that of another superuser."""
    return actor.is_superuser and not person.is_superuser and actor.pk != person.pk
