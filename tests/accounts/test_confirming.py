"""Whoever must confirm again is offered what they have, in words that fit it."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from tests.accounts.conftest import PASSWORD
from tests.conftest import signed_in
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
APP = "application"
BY_CODE, BY_KEY = "/compte/reauthentification/validation/", "/compte/reauthentification/cle-acces/"
# What a person has -> the page that is offered first.
COMBINATIONS = {
    ("totp",): BY_CODE,
    ("totp", "recovery_codes"): BY_CODE,
    ("webauthn",): BY_KEY,
    ("webauthn", "recovery_codes"): BY_KEY,
    ("totp", "webauthn"): BY_CODE,
    ("totp", "webauthn", "recovery_codes"): BY_CODE,
}


@pytest.fixture
def person_with():
    def make(kinds):
        person = UserFactory(is_staff=True)
        if "totp" in kinds:
            TOTP.activate(person, generate_totp_secret())
        if "recovery_codes" in kinds:
            RecoveryCodes.activate(person)
        if "webauthn" in kinds:
            data = {"name": "Clé", "credential": {}}
            Authenticator.objects.create(user=person, type="webauthn", data=data)
        return person

    return make


@pytest.fixture(autouse=True)
def browsers_options(monkeypatch):
    """What the browser is asked: the keys of these tests have none of their own."""
    options = {"publicKey": {"allowCredentials": [{"id": "x"}]}}
    for module in ("allauth.mfa.webauthn.views", "allauth.mfa.base.views"):
        auth = __import__(module, fromlist=["x"])
        name = "auth" if hasattr(auth, "auth") else "webauthn_auth"
        monkeypatch.setattr(getattr(auth, name), "begin_authentication", lambda user: options)


def main_of(page):
    return page.content.decode().split("<main")[1].split("</main>")[0]


@pytest.mark.parametrize("kinds", COMBINATIONS, ids="-".join)
@pytest.mark.parametrize("address", ["/gestion/personnes/", "/compte/validation/codes-de-secours/"])
def test_confirming_again_begins_with_what_the_person_has(person_with, kinds, address):
    if address.startswith("/compte/") and "recovery_codes" not in kinds:
        address = "/compte/validation/codes-de-secours/nouveaux/"
    client = signed_in(person_with(kinds))
    asked = client.get(address, follow=True)
    assert asked.request["PATH_INFO"] == COMBINATIONS[kinds]
    words = main_of(asked)
    assert (APP in words) is ("totp" in kinds)
    assert ("clé d’accès" in words) is ("webauthn" in kinds)
    assert ("de secours" in words) is ("recovery_codes" in kinds)


@pytest.mark.parametrize("kinds", COMBINATIONS, ids="-".join)
def test_code_page_asks_only_for_codes_that_exist(person_with, kinds):
    page = signed_in(person_with(kinds)).get(BY_CODE, follow=True)
    if "totp" not in kinds and "recovery_codes" not in kinds:
        assert page.request["PATH_INFO"] == BY_KEY
        return
    words = main_of(page)
    assert ("votre application" in words) is ("totp" in kinds)
    assert ("codes de secours" in words) is ("recovery_codes" in kinds)


@pytest.mark.parametrize("kinds", COMBINATIONS, ids="-".join)
def test_second_step_of_signing_in_begins_with_what_the_person_has(client, person_with, kinds):
    person = person_with(kinds)
    page = client.post("/compte/connexion/", {"login": person.email, "password": PASSWORD}, follow=True)
    words = main_of(page)
    assert ("votre application" in words) is ("totp" in kinds)
    assert ("codes de secours" in words) is ("recovery_codes" in kinds)
    if "totp" not in kinds:
        # Whatever asks for a code, if any, comes after the key.
        assert 'name="code"' not in words.split("Utiliser une clé d’accès")[0]
        assert ('name="code"' in words) is ("recovery_codes" in kinds)
    else:
        assert 'name="code"' in words.split("Utiliser une clé d’accès")[0]
