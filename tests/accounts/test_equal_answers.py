"""An address that has an account and one that has none: the same answer, for the same work."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.sign_in.hashers import PortalArgon2PasswordHasher
from tests.accounts.conftest import PASSWORD
from tests.factories import UserFactory

SIGN_UP = {"name": "Camille", "language": "fr", "is_14": "on"}
WAYS = {
    "sign-up with a password": ("/compte/inscription/", SIGN_UP | {"password1": PASSWORD}),
    "sign-up without a password": ("/compte/inscription/", SIGN_UP),
    "wrong password": ("/compte/connexion/", {"password": "pas la bonne phrase", "action": "password"}),
    "code": ("/compte/code/", {}),
    "code, from the first page": ("/compte/connexion/", {"action": "code"}),
    "new password": ("/compte/mot-de-passe/oublie/", {}),
}
PEOPLE = {
    "ordinary": {},
    "without a password": {"password": None},
    "closed": {"is_active": False},
    "staff": {"is_staff": True},
}


@pytest.fixture
def hashes(monkeypatch):
    """What was hashed so far."""
    done = []
    encode = PortalArgon2PasswordHasher.encode
    verify = PortalArgon2PasswordHasher.verify

    def counted_encode(self, password, salt):
        done.append("hash")
        return encode(self, password, salt)

    def counted_verify(self, password, encoded):
        done.append("hash")
        return verify(self, password, encoded)

    monkeypatch.setattr(PortalArgon2PasswordHasher, "encode", counted_encode)
    monkeypatch.setattr(PortalArgon2PasswordHasher, "verify", counted_verify)
    return done


@pytest.mark.parametrize("kind", PEOPLE)
@pytest.mark.parametrize("way", WAYS)
def test_known_and_unknown_addresses_cost_the_same(settings, db, hashes, mailoutbox, way, kind):
    settings.PASSWORD_HASHERS = ["accounts.sign_in.hashers.PortalArgon2PasswordHasher"]
    person = UserFactory(**PEOPLE[kind])
    page, fields = WAYS[way]
    seen = []
    for email in (person.email, "personne@exemple.example"):
        hashes.clear()
        mailoutbox.clear()
        answer = Client().post(page, fields | {"email": email, "login": email})
        seen.append((answer.status_code, answer.headers.get("Location"), len(hashes), len(mailoutbox)))
    assert seen[0] == seen[1]
