"""Who may do what among people."""

from __future__ import annotations

from accounts.models import User


def may_change_role_of(actor: User, person: User) -> bool:
    """Superusers grant and remove the staff role, but not their own nor that of another superuser."""
    return actor.is_superuser and not person.is_superuser and actor.pk != person.pk
