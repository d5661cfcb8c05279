"""What forums do once someone has shown that an e-mail address is theirs."""

from __future__ import annotations

from accounts.models import User
from forums.registration import identities


def email_confirmed(user: User) -> None:
    """Links to the account the registrations made with that address."""
    identities.link_registrations_to_account(user)
