"""What forums do once someone has shown that an e-mail address is theirs."""

from __future__ import annotations

from accounts.models import User
from forums.registration import identities


def email_confirmed(user: User) -> None:
    """Registrations made with that address become those of the account."""
    identities.join_account(user)
