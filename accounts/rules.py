"""Who someone is, and who may do what among people."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.models import Role, User


def signed_in_user(request: HttpRequest) -> User:
    """The person of this request. For views behind `login_required` or `staff_only` only."""
    assert isinstance(request.user, User)  # noqa: S101 - the decorator guarantees it
    return request.user


def may_change_roles(actor: User) -> bool:
    """Who gives and takes roles, closes accounts, invites and erases; never one's own."""
    return actor.is_active and actor.has_role(Role.DIRECTION)


def has_address(person: User, email: str) -> bool:
    """Whether this person has shown that the address is theirs. One query."""
    return bool(person.emailaddress_set.filter(email__iexact=email, verified=True).exists())  # type: ignore[attr-defined]  # allauth's
