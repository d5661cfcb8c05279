"""What a person has at hand to come in: a mailbox, an app, recovery codes."""

from __future__ import annotations

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value

from tests.factories import UserFactory

PASSWORD = "une phrase assez longue"


def shown_by_app(secret: str, periods: int = 0) -> str:
    """What an app that holds `secret` shows now, or in so many half-minutes."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + periods)))


@pytest.fixture
def mailed_code(mailoutbox):
    """`mailed_code()`: the code of the latest mail."""

    def read() -> str:
        return re.search(r"^\d{4}-\d{4}$", mailoutbox[-1].body, re.MULTILINE).group()

    return read


@pytest.fixture
def app_code():
    """`app_code(person)`: what the person's app shows now; `periods` later with a number."""

    def read(person, periods: int = 0) -> str:
        secret = Authenticator.objects.get(user=person, type="totp").data["secret"]
        return shown_by_app(secret, periods)

    return read


def link_app(person) -> Authenticator:
    factor = TOTP.activate(person, generate_totp_secret()).instance
    RecoveryCodes.activate(person)
    return factor


@pytest.fixture
def staff_with_app(db):
    person = UserFactory(name="Dominique Caron", email="dominique@exemple.example", is_staff=True)
    link_app(person)
    return person


@pytest.fixture
def password_sign_in():
    """`password_sign_in(client, person)`: the answer to the right password."""

    def do(client, person, address="/compte/connexion/", password=PASSWORD):
        return client.post(address, {"login": person.email, "password": password, "action": "password"})

    return do
