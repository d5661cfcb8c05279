"""Strict for one account by device or network, loose for one address."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from accounts.sign_in import limits
from tests.accounts.conftest import PASSWORD
from tests.factories import UserFactory

LOGIN = "/compte/connexion/"
NOON = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)


def refused(response):
    """Whether the answer says that there were too many tries."""
    errors = response.context["form"].errors.as_data() if response.status_code == 200 else {}
    return any(
        error.code in {"too_many_login_attempts", "too_many_codes"}
        for found in errors.values()
        for error in found
    )


def wrong(client, person, password_sign_in):
    return refused(password_sign_in(client, person, password="pas la bonne phrase"))


def from_address(address):
    return Client(REMOTE_ADDR=address)


def test_sixth_wrong_password_closes_the_account_to_that_network_alone(citizen, password_sign_in):
    stranger = "203.0.113.9"
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(5):
            assert not wrong(from_address(stranger), citizen, password_sign_in)
        for _ in range(20):
            # The right password too: the answer tells nothing of it.
            assert refused(password_sign_in(from_address(stranger), citizen))
        assert password_sign_in(from_address("192.0.2.1"), citizen).status_code == 302
        clock.shift(timedelta(seconds=301))
        assert password_sign_in(from_address(stranger), citizen).status_code == 302


def test_known_device_signs_in_whatever_many_networks_try(citizen, password_sign_in):
    owner = from_address("192.0.2.1")
    password_sign_in(owner, citizen)
    owner.post("/compte/deconnexion/")
    with time_machine.travel(NOON, tick=False):
        tried = sum(
            not wrong(from_address(f"203.0.113.{number // 5}"), citizen, password_sign_in)
            for number in range(100)
        )
        # Guessing is bounded over all networks together.
        assert tried == 60
        assert refused(password_sign_in(from_address("192.0.2.7"), citizen))
        # Even behind a network that has used its own allowance up.
        assert password_sign_in(owner, citizen).status_code == 302


def test_known_device_has_a_limit_too(citizen, password_sign_in):
    client = Client()
    password_sign_in(client, citizen)
    client.post("/compte/deconnexion/")
    for _ in range(5):
        assert not wrong(client, citizen, password_sign_in)
    assert refused(password_sign_in(client, citizen))


def test_device_known_to_one_account_is_unknown_to_another(citizen, password_sign_in):
    other, stranger = UserFactory(), Client()
    password_sign_in(stranger, other)
    stranger.post("/compte/deconnexion/")
    for _ in range(5):
        wrong(Client(), citizen, password_sign_in)
    assert refused(password_sign_in(stranger, citizen))


@pytest.mark.parametrize("value", ["", "x", "é" * 48, "0" * 48, "0" * 480, "f" * 4000])
def test_forged_device_is_unknown(citizen, password_sign_in, value):
    for _ in range(5):
        wrong(Client(), citizen, password_sign_in)
    client = Client()
    client.cookies["device"] = value
    assert refused(password_sign_in(client, citizen))


def test_device_cookie_holds_no_address_and_opens_nothing(citizen, password_sign_in):
    client = Client()
    password_sign_in(client, citizen)
    cookie = client.cookies["device"]
    assert re.fullmatch("[0-9a-f]{48}", cookie.value)
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    elsewhere = Client()
    elsewhere.cookies["device"] = cookie.value
    assert elsewhere.get("/compte/").status_code == 302


def test_shared_computer_remembers_the_last_ten_accounts(db, password_sign_in):
    client, people = Client(), UserFactory.create_batch(12)
    for person in [*people, people[-1]]:
        password_sign_in(client, person)
        client.post("/compte/deconnexion/")
    assert len(client.cookies["device"].value) == 10 * 48


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("2001:db8:1:ffff::", "2001:db8:1::/48"),
    ],
)
def test_networks(address, network):
    assert limits.network_of(address) == network


ASKING = {
    "code": ("/compte/code/", {}),
    "code, from the first page": (LOGIN, {"action": "code"}),
    "new password": ("/compte/mot-de-passe/oublie/", {}),
    "sign-up": (
        "/compte/inscription/",
        {"name": "Camille", "language": "fr", "is_14": "on"},
    ),
}


@pytest.mark.parametrize("way", ASKING)
def test_stranger_who_asks_for_codes_takes_none_from_the_owner(citizen, mailoutbox, way):
    page, fields = ASKING[way]
    fields = fields | {"email": citizen.email, "login": citizen.email}
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(20):
            from_address("203.0.113.9").post(page, fields)
            clock.shift(timedelta(minutes=2))
        # The mails to the owner are bounded.
        assert len(mailoutbox) == 5
        assert from_address("192.0.2.1").post(page, fields).status_code == 302
        assert len(mailoutbox) == 6
        # From many networks too.
        for number in range(40):
            from_address(f"198.51.100.{number}").post(page, fields)
        assert len(mailoutbox) <= 20 + 1


def test_good_password_does_not_give_tries_back(citizen, password_sign_in):
    for _ in range(4):
        password_sign_in(Client(), citizen, password="pas la bonne phrase")
    assert password_sign_in(Client(), citizen).status_code == 302
    assert not refused(password_sign_in(Client(), citizen, password="pas la bonne phrase"))
    assert refused(password_sign_in(Client(), citizen, password="pas la bonne phrase"))


def test_limit_of_one_account_leaves_the_others_alone(citizen, password_sign_in):
    for _ in range(6):
        password_sign_in(Client(), citizen, password="pas la bonne phrase")
    assert password_sign_in(Client(), UserFactory()).status_code == 302


def test_fourth_code_in_five_minutes_is_refused(citizen, mailoutbox):
    for _ in range(3):
        assert Client().post("/compte/code/", {"email": citizen.email}).status_code == 302
    assert refused(Client().post("/compte/code/", {"email": citizen.email.upper()}))
    assert len(mailoutbox) == 3


def test_sixth_wrong_app_code_is_refused(staff_with_app, password_sign_in, app_code):
    for _ in range(5):
        client = Client()
        password_sign_in(client, staff_with_app)
        client.post("/compte/connexion/validation/", {"code": "000000"})
    client = Client()
    password_sign_in(client, staff_with_app)
    assert refused(client.post("/compte/connexion/validation/", {"code": app_code(staff_with_app)}))


@pytest.mark.any_hour("five hundred people, for their number")
def test_five_hundred_people_behind_one_address_sign_in(db, settings):
    """In ten minutes, half with a password and half with a mailed code."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    password = make_password(PASSWORD)
    people = User.objects.bulk_create(
        User(email=f"wifi{number}@exemple.example", name=f"Personne {number}", password=password)
        for number in range(500)
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=person, email=person.email, verified=True, primary=True) for person in people
    )
    answers = Counter()
    with time_machine.travel(NOON, tick=False) as clock:
        for number, person in enumerate(people):
            form = {
                "login": person.email,
                "password": PASSWORD,
                "action": ("password", "code")[number % 2],
            }
            answer = Client(REMOTE_ADDR="192.0.2.1").post(LOGIN, form)
            answers[answer.status_code, answer.headers.get("Location")] += 1
            clock.shift(timedelta(seconds=1.2))
    assert answers == {(302, "/compte/"): 250, (302, "/compte/code/confirmer/"): 250}


def test_too_many_requests_get_a_page(client, settings, citizen):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login": "1/m/ip"}
    client.post(LOGIN, {"login": citizen.email})
    client.cookies.clear()
    response = client.post(LOGIN, {"login": citizen.email})
    assert response.status_code == 429
    assert response.content.count(b"<h1") == 1


@pytest.mark.parametrize(("proxies", "counts_as"), [(0, "192.0.2.1"), (1, "198.51.100.7")])
def test_forwarded_address_is_believed_from_known_proxies_only(rf, settings, proxies, counts_as):
    from allauth.account.adapter import get_adapter

    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    request = rf.get("/", REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.7"})
    assert get_adapter().get_client_ip(request) == counts_as


def test_limits_survive_a_busy_evening(db):
    cache.set("limit", "kept", 300)
    for number in range(700):
        cache.set(f"other:{number}", number, 300)
    assert cache.get("limit") == "kept"


CODE_PAGES = [
    ("/compte/code/", "/compte/code/confirmer/"),
    ("/compte/mot-de-passe/oublie/", "/compte/mot-de-passe/oublie/code/"),
]


@pytest.mark.parametrize(("ask", "confirm"), CODE_PAGES)
def test_code_is_compared_three_times_however_many_are_sent_at_once(citizen, mailed_code, ask, confirm):
    """Each request read the session before another had written it."""
    client = Client()
    client.post(ask, {"email": citizen.email})
    client.get(confirm)
    as_read = dict(client.session.items())

    def try_at_once(code):
        session = client.session
        session.update(as_read)
        session.save()
        return client.post(confirm, {"code": code}).status_code

    assert [try_at_once(f"0000-000{number}") for number in range(3)] == [200, 200, 200]
    assert try_at_once(mailed_code()) == 200
    assert try_at_once(mailed_code()) == 200
