"""How long what a mail holds serves: after that it is not delivered, however late the relay comes back."""

from __future__ import annotations

from datetime import timedelta

_CODE_LIFE = timedelta(minutes=10)
# What their reader waits for, before the page that asks for it.
CODES = frozenset(
    {
        "account/email/email_confirmation",
        "account/email/email_confirmation_signup",
        "account/email/login_code",
        "account/email/password_reset_code",
        "enterprises/mail/claim_code",
    }
)
# By prefix; a mail that is not listed says what stays true, and is tried for a day.
LIVES = dict.fromkeys(CODES, _CODE_LIFE)
