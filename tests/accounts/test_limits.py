"""Strict for one account, loose for one address."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from tests.accounts.conftest import PASSWORD
from tests.factories import UserFactory

LOGIN = "/compte/connexion/"
NOON = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)


def refused(response):
    """Whether the answer says that there were too many tries."""
    errors = response.context["form"].errors.as_data() if response.context else {}
    return any(error.code == "too_many_login_attempts" for found in errors.values() for error in found)


def test_sixth_wrong_password_closes_the_account_for_five_minutes(citizen, password_sign_in):
    with time_machine.travel(NOON, tick=False) as clock:
        for number in range(5):
            # From another address each time: the limit is the account's.
            client = Client(REMOTE_ADDR=f"192.0.2.{number}")
            assert not refused(password_sign_in(client, citizen, password="pas la bonne phrase"))
        assert refused(password_sign_in(Client(), citizen))
        clock.shift(timedelta(seconds=299))
        assert refused(password_sign_in(Client(), citizen))
        clock.shift(timedelta(seconds=2))
        assert password_sign_in(Client(), citizen).status_code == 302


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


def test_sixth_code_in_five_minutes_is_refused(citizen, mailoutbox):
    for _ in range(5):
        assert Client().post("/compte/code/", {"email": citizen.email}).status_code == 302
    assert refused(Client().post("/compte/code/", {"email": citizen.email.upper()}))
    assert len(mailoutbox) == 5


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
