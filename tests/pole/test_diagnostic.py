"""One clear line for each check, and a failing exit when something must be mended."""

from __future__ import annotations

import io
import os
import time
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import User
from pole.files import disks
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
    assert list(found)[:18] == [
        "Base de données", "Versions", "Migrations", "File de travail", "Courriel", "Relais de courri", "Horloge", "Disque", "Fichiers",
        "Fichiers perdus", "Sauvegarde", "Essai de restaur", "Certificat", "Réglages", "Taille de la bas", "Connexions", "Répliques",
        "Le Pôle",
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


@pytest.fixture
def dump(monkeypatch, tmp_path):
    """The parts of a backup, as a glance sees them."""
    dump = tmp_path / "pole.dump"
    for suffix, content in ((".dump", b"x"), (".media.tar", b"x"), (".json", b"{}")):
        dump.with_suffix(suffix).write_bytes(content)
    # The system dates files by a clock that a run at another hour does not set.
    os.utime(dump, (time.time(),) * 2)
    monkeypatch.setenv("POLE_BACKUPS", str(tmp_path))
    return dump


@pytest.mark.parametrize(
    ("hours", "status"),
    [(1, "bien"), (25, "bien"), (72, "À VOIR"), (-24, "À VOIR"), (500_000, "À VOIR")],
)
def test_old_backup_is_said(hub, dump, hours, status):
    """Or one dated in the future or in 1970, by a clock that was wrong."""
    os.utime(dump, (time.time() - 3600 * hours,) * 2)
    assert lines()["Sauvegarde"].startswith(status)


def test_backup_dated_in_the_future_hides_no_old_one(hub, dump):
    os.utime(dump, (time.time() - 3 * 86400,) * 2)
    future = dump.with_name("pole-future.dump")
    future.write_bytes(b"x")
    os.utime(future, (time.time() + 86400,) * 2)
    assert "3 jours" in lines()["Sauvegarde"].replace("\xa0", " ")


@pytest.mark.parametrize("suffix", [".media.tar", ".json"])
def test_backup_that_lacks_a_part_is_said(hub, dump, suffix):
    dump.with_suffix(suffix).unlink()
    assert lines()["Sauvegarde"].startswith("À VOIR")
    assert f"pole{suffix}" in lines()["Sauvegarde"]


def test_media_that_take_no_file_are_said(hub, settings):
    media = Path(settings.MEDIA_ROOT)
    assert "écrit, relu et supprimé" in lines()["Fichiers"]
    assert not [path for path in media.rglob("*") if path.is_file()]
    for path in sorted(media.rglob("*"), reverse=True):
        path.rmdir()
    media.rmdir()
    media.write_bytes(b"")
    assert lines()["Fichiers"].startswith("À VOIR")


def test_full_disk_is_said(hub, monkeypatch):
    monkeypatch.setattr(disks, "MIN_FREE_BYTES", 2**80)
    assert lines()["Disque"].startswith("À VOIR")


@pytest.mark.parametrize("content", [None, b""])
def test_row_whose_file_is_missing_or_empty_is_said(hub, settings, content):
    Hub.objects.update(logo=default_storage.save("hub/a.webp", ContentFile(b"x")))
    assert lines()["Fichiers perdus"].endswith("Aucun sur 1.")
    path = Path(settings.MEDIA_ROOT) / "hub" / "a.webp"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    said = lines()["Fichiers perdus"]
    assert said.startswith("À VOIR")
    assert "hub/a.webp" in said


def test_hub_not_described_is_said():
    assert lines()["Le Pôle"].startswith("À VOIR")
