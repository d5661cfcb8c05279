"""Who someone is, and who may do what among people."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.models import Role, User


def signed_in_user(request: HttpRequest) -> User:
    """The person of this request. For views behind `login_required` or `staff_only` only."""
    assert isinstance(request.user, User)  # noqa: S101 - the decorator guarantees it
    return request.user


def may_change_role_of(actor: User, person: User) -> bool:
    """The direction gives and takes roles, but not one's own nor those of a superuser."""
    return actor.has_role(Role.DIRECTION) and not person.is_superuser and actor.pk != person.pk
