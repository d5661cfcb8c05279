"""The second factor: no staff page without it, whatever the way in."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as webauthn_forms
from django.test import Client

from tests.accounts.conftest import PASSWORD, link_app, shown_by_app
from tests.conftest import signed_in

STAFF_PAGE = "/gestion/personnes/"
SECOND_STEP = "/compte/connexion/validation/"
ACTIVATE = "/compte/validation/application/activer/"


def sign_in_by_password(client, person, mailed_code):
    return client.post("/compte/connexion/", {"login": person.email, "password": PASSWORD})


def sign_in_by_code(client, person, mailed_code):
    client.post("/compte/code/", {"email": person.email})
    return client.post("/compte/code/confirmer/", {"code": mailed_code()})


WAYS = pytest.mark.parametrize("sign_in", [sign_in_by_password, sign_in_by_code])


@WAYS
def test_staff_without_a_factor_is_asked_to_set_one_up(client, staff, mailed_code, sign_in):
    assert sign_in(client, staff, mailed_code).url == "/gestion/"
    assert client.get(STAFF_PAGE).url == ACTIVATE


@WAYS
def test_first_step_alone_opens_nothing(client, staff_with_app, mailed_code, sign_in):
    assert sign_in(client, staff_with_app, mailed_code).url == SECOND_STEP
    assert client.get("/compte/").url == "/compte/connexion/?next=/compte/"
    assert client.get(STAFF_PAGE).url == f"/compte/connexion/?next={STAFF_PAGE}"


@WAYS
def test_app_code_opens_the_staff_pages(client, staff_with_app, mailed_code, app_code, sign_in):
    sign_in(client, staff_with_app, mailed_code)
    assert client.post(SECOND_STEP, {"code": app_code(staff_with_app)}).url == "/gestion/"
    assert client.get(STAFF_PAGE).status_code == 200


@WAYS
def test_recovery_code_opens_the_staff_pages_once(client, staff_with_app, mailed_code, sign_in):
    codes = Authenticator.objects.get(user=staff_with_app, type="recovery_codes").wrap().get_unused_codes()
    sign_in(client, staff_with_app, mailed_code)
    assert client.post(SECOND_STEP, {"code": codes[0]}).url == "/gestion/"
    assert client.get(STAFF_PAGE).status_code == 200
    client.post("/compte/deconnexion/")
    sign_in(client, staff_with_app, mailed_code)
    assert client.post(SECOND_STEP, {"code": codes[0]}).status_code == 200


def test_passkey_opens_the_staff_pages_alone(client, staff, monkeypatch):
    key = Authenticator.objects.create(user=staff, type="webauthn", data={"name": "Clé"})
    monkeypatch.setattr(webauthn_forms.auth, "parse_authentication_response", lambda response: None)
    monkeypatch.setattr(webauthn_forms.auth, "extract_user_from_response", lambda response: staff)
    monkeypatch.setattr(webauthn_forms.auth, "complete_authentication", lambda user, response: key)
    address = "/compte/connexion/cle-acces/"
    going = "/billets/x/#commentaires"
    assert client.post(address, {"credential": '{"id": "x"}', "next": going}).url == going
    assert client.get(STAFF_PAGE).status_code == 200


# Whole by its names, but with no byte in its values.
TRUNCATED = (
    '{"id": "", "rawId": "", "response": {"clientDataJSON": "", "authenticatorData": "", "signature": "",'
)
TRUNCATED += ' "userHandle": "", "attestationObject": ""}}'


@pytest.mark.parametrize("sent", ["9" * 5000, "[" * 200_000, "{", '{"id": "\\u0000"}', "null", TRUNCATED])
def test_what_is_no_passkey_opens_nothing(client, staff_client, sent):
    assert client.post("/compte/connexion/cle-acces/", {"credential": sent}).url == "/compte/connexion/"
    for address in ("/compte/validation/cles/ajouter/", "/compte/reauthentification/cle-acces/"):
        assert staff_client.post(address, {"credential": sent}).status_code in {200, 302}, address


def test_wrong_app_code_opens_nothing(client, staff_with_app, mailed_code):
    sign_in_by_password(client, staff_with_app, mailed_code)
    assert client.post(SECOND_STEP, {"code": "000000"}).status_code == 200
    assert client.get(STAFF_PAGE).status_code == 302


def test_used_app_code_does_not_serve_again_while_it_could(staff_with_app, app_code, mailed_code):
    """The clock may drift by a period: a code is valid for three, and must not be usable twice."""
    with time_machine.travel(datetime(2026, 5, 3, 12, 0, 1, tzinfo=UTC), tick=False) as clock:
        code = app_code(staff_with_app, periods=1)
        for opens in (True, False):
            client = Client()
            sign_in_by_password(client, staff_with_app, mailed_code)
            assert client.post(SECOND_STEP, {"code": code}).status_code == (302 if opens else 200)
            clock.shift(timedelta(seconds=58))


def test_session_without_the_factor_is_asked_to_show_it(staff_with_app, app_code):
    client = signed_in(staff_with_app)
    shown = client.get(STAFF_PAGE)
    assert shown.url == f"/compte/reauthentification/validation/?next={STAFF_PAGE}"
    assert client.get(shown.url).status_code == 200
    assert client.post(shown.url, {"code": app_code(staff_with_app)}).url == STAFF_PAGE
    assert client.get(STAFF_PAGE).status_code == 200


def test_password_is_no_way_around_the_factor(staff_with_app):
    client = signed_in(staff_with_app)
    answer = client.post(f"/compte/reauthentification/?next={STAFF_PAGE}", {"password": PASSWORD})
    assert answer.url == "/compte/reauthentification/validation/?next=%2Fgestion%2Fpersonnes%2F"
    assert client.get(STAFF_PAGE).status_code == 302
    for address in ("application/desactiver/", "codes-de-secours/", "cles/ajouter/"):
        refused = client.get(f"/compte/validation/{address}")
        assert refused.url.startswith("/compte/reauthentification/validation/?next="), address


def test_factor_shown_by_someone_else_in_this_browser_does_not_count(staff, staff_with_app):
    client = signed_in(staff, second_factor=True)
    assert client.get(STAFF_PAGE).status_code == 200
    session = client.session
    session["account_authentication_methods_user"] = str(staff_with_app.pk)
    session.save()
    assert client.get(STAFF_PAGE).url == ACTIVATE


def test_person_without_a_password_sees_the_recovery_codes_at_once(client, citizen, mailed_code):
    citizen.set_unusable_password()
    citizen.save()
    sign_in_by_code(client, citizen, mailed_code)
    secret = client.get(ACTIVATE).context["form"].secret
    codes = client.post(ACTIVATE, {"code": shown_by_app(secret)}).url
    assert client.get(codes).status_code == 200


def test_linking_an_app_counts_as_showing_it(client, staff, mailed_code):
    sign_in_by_code(client, staff, mailed_code)
    asked = client.get(ACTIVATE)
    assert asked.url == f"/compte/reauthentification/?next={ACTIVATE.replace('/', '%2F')}"
    assert client.post(asked.url, {"password": PASSWORD}).url == ACTIVATE
    page = client.get(ACTIVATE)
    assert 'src="data:image/svg+xml;base64,' in page.text
    secret = page.context["form"].secret
    assert (
        re.search(r'<code class="secret">((?:[A-Z2-7]{4} ?){8})</code>', page.text).group(1)
        == page.context["form"].secret_in_fours
    )
    assert page.context["form"].secret_in_fours.replace(" ", "") == secret
    before = client.session.session_key
    assert client.post(ACTIVATE, {"code": shown_by_app(secret)}).url == "/compte/validation/codes-de-secours/"
    assert client.session.session_key != before
    assert client.get("/compte/validation/codes-de-secours/").status_code == 200
    assert client.get(STAFF_PAGE).status_code == 200


def test_adding_a_factor_does_not_replace_showing_the_first(rf, staff_with_app):
    from allauth.account.internal.flows.login import record_authentication

    from accounts.factors import record_new_factor
    from pole.access import has_shown_second_factor

    client = signed_in(staff_with_app)
    request = rf.get("/")
    request.user, request.session = staff_with_app, client.session
    added = Authenticator.objects.create(user=staff_with_app, type="webauthn", data={"name": "Clé"})
    record_new_factor(request, added)
    assert not has_shown_second_factor(request)
    record_authentication(request, staff_with_app, "mfa", type="totp")
    record_new_factor(request, added)
    assert request.session["account_authentication_methods"][-1]["id"] == added.pk


def confirmed(person):
    """A client that has just confirmed with the second factor."""
    import time

    client = signed_in(person, second_factor=True)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "mfa", "at": time.time(), "type": "totp", "reauthenticated": True}
    ]
    session.save()
    return client


def test_staff_keeps_the_last_factor(staff_with_app):
    client = confirmed(staff_with_app)
    address = "/compte/validation/application/desactiver/"
    assert "button--danger" not in client.get(address).text
    assert client.post(address).status_code == 200
    assert Authenticator.objects.filter(user=staff_with_app, type="totp").exists()
    Authenticator.objects.create(user=staff_with_app, type="webauthn", data={"name": "Clé"})
    assert "button--danger" in client.get(address).text
    assert client.post(address).url == "/compte/validation/"
    assert not Authenticator.objects.filter(user=staff_with_app, type="totp").exists()


def test_staff_keeps_the_last_passkey(staff):
    key = Authenticator.objects.create(user=staff, type="webauthn", data={"name": "Clé"})
    client = confirmed(staff)
    address = f"/compte/validation/cles/{key.pk}/retirer/"
    assert client.post(address).url == "/compte/validation/cles/"
    assert Authenticator.objects.filter(pk=key.pk).exists()
    link_app(staff)
    assert client.post(address).url == "/compte/validation/cles/"
    assert not Authenticator.objects.filter(pk=key.pk).exists()


def test_citizen_may_remove_the_last_factor(citizen):
    link_app(citizen)
    assert confirmed(citizen).post("/compte/validation/application/desactiver/").url == "/compte/validation/"
    assert not Authenticator.objects.filter(user=citizen).exists()


def test_recovery_codes_are_shown_grouped_and_downloaded(citizen):
    link_app(citizen)
    client = confirmed(citizen)
    codes = Authenticator.objects.get(user=citizen, type="recovery_codes").wrap().get_unused_codes()
    page = client.get("/compte/validation/codes-de-secours/")
    assert re.findall(r"<code>(\d{4} \d{4})</code>", page.text) == [
        f"{code[:4]} {code[4:]}" for code in codes
    ]
    file = client.get("/compte/validation/codes-de-secours/telecharger/")
    assert file.text.split() == codes
    assert file.headers["Content-Disposition"].startswith("attachment")
    client.post("/compte/validation/codes-de-secours/nouveaux/")
    again = client.get("/compte/validation/codes-de-secours/telecharger/").text.split()
    assert len(again) == len(codes)
    assert set(again).isdisjoint(codes)


# --- /admin/ ------------------------------------------------------------------------------------


def test_admin_sends_visitors_through_the_portal(client, db):
    asked = client.get("/admin/")
    assert asked.url == "/admin/login/?next=/admin/"
    assert client.get(asked.url).url == "/compte/connexion/?next=/admin/login/%3Fnext%3D/admin/"
    assert client.post("/admin/login/", {"username": "x", "password": "y"}).status_code == 302


def test_admin_opens_to_superusers_with_the_factor_alone(
    superuser, superuser_client, staff_client, citizen_client
):
    assert superuser_client.get("/admin/").status_code == 200
    assert superuser_client.get("/admin/login/?next=/admin/accounts/user/").url == "/admin/accounts/user/"
    assert superuser_client.get("/admin/login/?next=//evil.example").url == "/admin/"
    assert signed_in(superuser).get("/admin/login/").url == ACTIVATE
    for other in (staff_client, citizen_client):
        assert other.get("/admin/login/").status_code == 403
        assert other.get("/admin/accounts/user/").status_code == 302


def test_admin_never_opens_a_session_with_a_password(staff_with_app, staff_client):
    form = {"username": staff_with_app.email, "password": PASSWORD}
    assert staff_client.post("/admin/login/", form).status_code == 403
    assert int(staff_client.session["_auth_user_id"]) != staff_with_app.pk


def test_admin_shows_no_secret(superuser_client, staff_with_app):
    assert superuser_client.get("/admin/mfa/authenticator/").status_code == 404
    page = superuser_client.get(f"/admin/accounts/user/{staff_with_app.pk}/change/")
    assert page.status_code == 200
    assert "md5" not in page.text
