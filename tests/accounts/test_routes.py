"""Every page about accounts answers, for everyone."""

from __future__ import annotations

import re

import pytest
from allauth.account import urls as account_urls
from allauth.mfa import urls as mfa_urls
from allauth.mfa.models import Authenticator
from django.urls import URLPattern, reverse

from accounts.urls import urlpatterns

ENTRANCE = [
    "account_login",
    "account_signup",
    "account_request_login_code",
    "account_reset_password",
]
# Steps that lead nowhere until something was begun.
LATER_STEPS = [
    "account_confirm_login_code",
    "account_email_verification_sent",
    "account_confirm_password_reset_code",
    "account_complete_password_reset",
    "mfa_authenticate",
]
OWN = [
    "account_profile",
    "account_data",
    "account_sessions",
    "account_email",
    "account_change_password",
    "mfa_index",
    "mfa_list_webauthn",
]


def names(patterns):
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern.name
        else:
            yield from names(pattern.url_patterns)


def test_every_route_of_allauth_has_its_french_path():
    expected = {*names(account_urls.urlpatterns), *names(mfa_urls.urlpatterns)}
    ours = {"account_profile", "account_data", "account_data_json", "account_data_csv", "team_invitation"}
    ours |= {"account_team_mails", "account_team_mails_stop"}
    ours |= {"account_sessions", "account_session_close", "account_sessions_close_others"}
    assert set(names(urlpatterns)) == expected | ours


@pytest.mark.parametrize("name", [*ENTRANCE, "account_password_reset_completed", "account_inactive"])
def test_way_in_is_open_to_visitors_and_never_stored(client, db, name):
    response = client.get(reverse(name))
    assert response.status_code == 200
    assert "no-store" in response.headers["Cache-Control"]
    assert response.content.count(b"<h1") == 1


@pytest.mark.parametrize("name", ["account_login", "account_signup", "account_request_login_code"])
def test_way_in_sends_the_signed_in_home(citizen_client, name):
    assert citizen_client.get(reverse(name)).url == "/compte/"


@pytest.mark.parametrize("name", LATER_STEPS)
def test_later_step_without_a_beginning_goes_back(client, db, name):
    response = client.get(reverse(name))
    assert response.status_code == 302
    assert response.url in {"/compte/connexion/", "/compte/code/", "/compte/mot-de-passe/oublie/"}


@pytest.mark.parametrize(
    "name", [*OWN, "account_set_password", "account_reauthenticate", "mfa_reauthenticate"]
)
def test_own_page_asks_visitors_to_sign_in(client, db, name):
    address = reverse(name)
    assert client.get(address).url == f"/compte/connexion/?next={address}"


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("who", ["citizen_client", "staff_client", "superuser_client"])
def test_own_page_opens_to_its_person(request, who, name):
    response = request.getfixturevalue(who).get(reverse(name))
    assert response.status_code == 200
    assert "no-store" in response.headers["Cache-Control"]
    assert response.content.count(b"<h1") == 1


@pytest.mark.parametrize("path", ["/compte/", "/compte/connexion/", "/compte/inscription/"])
def test_page_exists_in_english(citizen_client, client, path):
    who = citizen_client if path == "/compte/" else client
    assert b'<html lang="en-CA">' in who.get(f"/en{path}").content


@pytest.mark.parametrize("name", ENTRANCE)
def test_page_has_no_inline_style_or_script(client, db, name):
    body = client.get(reverse(name)).content.decode()
    assert " style=" not in body
    kinds = [tag for tag in re.findall(r"<script[^>]*>", body) if "src=" not in tag]
    assert all('type="application/json"' in tag for tag in kinds)


def test_sign_out_takes_a_post(citizen_client):
    assert citizen_client.get("/compte/deconnexion/").status_code == 200
    assert citizen_client.get("/compte/").status_code == 200
    assert citizen_client.post("/compte/deconnexion/").url == "/"
    assert citizen_client.get("/compte/").status_code == 302


@pytest.mark.parametrize("action", ["renommer", "retirer"])
def test_passkey_of_someone_else_does_not_exist(citizen_client, staff, citizen, action):
    key = Authenticator.objects.create(user=staff, type="webauthn", data={"name": "Clé"})
    citizen.set_unusable_password()
    citizen.save()
    citizen_client.force_login(citizen)
    assert citizen_client.get(f"/compte/validation/cles/{key.pk}/{action}/").status_code == 404
    assert citizen_client.post(f"/compte/validation/cles/{key.pk}/{action}/").status_code == 404
    assert Authenticator.objects.filter(pk=key.pk).exists()
