"""Passkeys, with Chromium's own authenticator in place of a fingerprint reader."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import expect

from tests.factories import UserFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_hour("shows no date"),
]


def test_passkey_is_added_then_opens_the_staff_pages_alone(open_page, sign_in):
    person = UserFactory(name="Dominique Caron", is_staff=True)
    person.set_unusable_password()
    person.save()
    page = open_page(width=360)
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    reader = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": reader})
    sign_in(page, person)
    page.goto("/compte/validation/cles/ajouter/")
    page.get_by_role("button", name="Ajouter une clé d’accès").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Codes de secours")
    assert Authenticator.objects.filter(user=person, type="webauthn").count() == 1
    page.goto("/compte/deconnexion/")
    # It erases what votes left on the device before it leaves.
    with page.expect_navigation():
        page.locator("main").get_by_role("button", name="Se déconnecter").click()
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("link", name="Se connecter").first).to_be_visible()
    page.goto("/compte/connexion/?next=/gestion/personnes/")
    page.get_by_role("button", name="Utiliser une clé d’accès").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Personnes")


def test_passkey_button_needs_the_browser_to_know_them(open_page):
    page = open_page(javascript=False)
    page.goto("/compte/connexion/")
    expect(page.get_by_role("button", name="Recevoir un code par courriel")).to_be_visible()
    expect(page.get_by_role("button", name="Utiliser une clé d’accès")).to_be_hidden()
