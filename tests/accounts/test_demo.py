"""The demonstration accounts, and the file that tells how to sign in."""

from __future__ import annotations

import json
import random
import stat

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts.demo import seed
from accounts.models import User
from tests.accounts.conftest import shown_by_app


@pytest.fixture
def folder(db, settings, tmp_path):
    settings.VAR_DIR = tmp_path / "nouveau"
    return settings.VAR_DIR


def told(folder):
    return json.loads((folder / "demo-accounts.json").read_text(encoding="utf-8"))


def sow():
    seed(scale=1, rng=random.Random(1))


def test_accounts_have_their_roles_and_a_private_file(folder):
    sow()
    entries = told(folder)
    assert [(entry["email"], entry["role"]) for entry in entries] == [
        ("citoyenne@pole.example", "citizen"),
        ("entreprise@pole.example", "owner"),
        ("direction@pole.example", "staff"),
        ("equipe@pole.example", "staff"),
        ("admin@pole.example", "superuser"),
    ]
    assert stat.S_IMODE((folder / "demo-accounts.json").stat().st_mode) == 0o600
    rows = {person.email: (person.is_staff, person.is_superuser) for person in User.objects.all()}
    assert rows == {
        "citoyenne@pole.example": (False, False),
        "entreprise@pole.example": (False, False),
        "direction@pole.example": (True, False),
        "equipe@pole.example": (True, False),
        "admin@pole.example": (True, True),
    }
    assert [entry["totp_secret"] is None for entry in entries] == [True, True, False, False, False]
    assert len({entry["password"] for entry in entries}) == 5


def test_told_ways_in_open_the_door(folder):
    sow()
    for entry in told(folder):
        client = Client()
        answer = client.post("/compte/connexion/", {"login": entry["email"], "password": entry["password"]})
        if entry["totp_secret"]:
            answer = client.post(answer.url, {"code": shown_by_app(entry["totp_secret"])})
            assert client.get("/gestion/personnes/").status_code == 200
        assert answer.url == ("/gestion/" if entry["totp_secret"] else "/compte/")


def test_seeding_again_changes_nothing(folder):
    sow()
    before = (folder / "demo-accounts.json").read_bytes()
    rows = list(User.objects.order_by("pk").values()), list(Authenticator.objects.order_by("pk").values())
    sow()
    assert (folder / "demo-accounts.json").read_bytes() == before
    assert rows == (
        list(User.objects.order_by("pk").values()),
        list(Authenticator.objects.order_by("pk").values()),
    )


@pytest.mark.parametrize("damage", [None, "", "{", "[{}]", "null", '[{"email": "admin@pole.example"}]'])
def test_lost_file_is_written_anew_with_passwords_that_work(folder, damage):
    sow()
    first = told(folder)
    path = folder / "demo-accounts.json"
    path.unlink() if damage is None else path.write_text(damage)
    sow()
    again = told(folder)
    assert [entry["totp_secret"] for entry in again] == [entry["totp_secret"] for entry in first]
    for entry, former in zip(again, first, strict=True):
        person = User.objects.get(email=entry["email"])
        assert person.check_password(entry["password"])
        assert entry["password"] != former["password"]


def test_file_of_another_database_is_not_believed(folder):
    sow()
    former = told(folder)
    User.objects.all().delete()
    sow()
    for entry, old in zip(told(folder), former, strict=True):
        assert entry["password"] != old["password"]
        assert User.objects.get(email=entry["email"]).check_password(entry["password"])


def test_two_installations_have_different_secrets(folder, settings, tmp_path):
    sow()
    first = told(folder)
    User.objects.all().delete()
    settings.VAR_DIR = tmp_path / "autre"
    sow()
    for one, other in zip(first, told(settings.VAR_DIR), strict=True):
        assert one["password"] != other["password"]
        assert one["totp_secret"] is None or one["totp_secret"] != other["totp_secret"]
