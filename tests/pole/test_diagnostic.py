"""One clear line for each check, and a failing exit when something must be mended."""

from __future__ import annotations

import io
import os
import time

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import User
from pole.models import Hub
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def lines():
    out = io.StringIO()
    try:
        call_command("diagnostic", stdout=out)
    except CommandError as error:
        out.write(f"CommandError {error}\n")
    return {line[8:24].strip(): line for line in out.getvalue().splitlines()}


@pytest.fixture
def hub():
    UserFactory(roles=["direction"])
    return Hub.objects.create(name="Pôle", short_name="Pôle", tagline="x", privacy_email="vp@exemple.example")


def test_healthy_demonstration_has_a_line_for_each_check(hub):
    found = lines()
    assert list(found)[:9] == [
        "Base de données", "Migrations", "File de travail", "Courriel", "Horloge", "Disque", "Sauvegarde", "Réglages", "Pôle",
    ]  # fmt: skip
    assert not any(line.startswith("À VOIR") for line in found.values())


def test_nobody_at_the_direction_is_said(hub):
    assert "1 personne" in lines()["Direction"]
    # As what upgraded a hub that had no superuser.
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_user DISABLE TRIGGER USER")
        User.objects.update(roles=["editorial"])
        cursor.execute("ALTER TABLE accounts_user ENABLE TRIGGER USER")
    assert lines()["Direction"].startswith("À VOIR")


def test_missing_migration_is_said(hub):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'forums'")
    assert lines()["Migrations"].startswith("À VOIR")


def test_sql_file_that_was_not_applied_is_said(hub):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pole_sql_file SET sha256 = '' WHERE path = 'forums/sql/07_ballots.sql'")
    assert lines()["Migrations"].startswith("À VOIR")
    assert "forums/sql/07_ballots.sql" in lines()["Migrations"]


def test_function_that_nothing_makes_is_said(hub):
    with connection.cursor() as cursor:
        cursor.execute("CREATE FUNCTION forums_of_yesterday() RETURNS int LANGUAGE sql RETURN 1")
    assert "forums_of_yesterday" in lines()["Migrations"]


def test_old_backup_is_said(hub, monkeypatch, tmp_path):
    dump = tmp_path / "pole.dump"
    dump.write_bytes(b"x")
    monkeypatch.setenv("POLE_BACKUPS", str(tmp_path))
    os.utime(dump, (time.time() - 3600,) * 2)
    assert lines()["Sauvegarde"].startswith("bien")
    os.utime(dump, (time.time() - 3 * 86400,) * 2)
    assert lines()["Sauvegarde"].startswith("À VOIR")


def test_hub_not_described_is_said():
    assert lines()["Pôle"].startswith("À VOIR")
