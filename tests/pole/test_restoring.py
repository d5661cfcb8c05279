"""A restore by PostgreSQL's own programs, into a database of its own: whole, and nobody who was erased comes back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings as portal_settings
from django.db import connection
from django.utils import timezone

from accounts import privacy
from accounts.models import User
from accounts.privacy import kept_file
from pole.server import backups, restoring
from tests.conftest import signed_in
from tests.factories import CommentFactory, UserFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_hour("backups are dated by the true clock"),
]


@pytest.fixture
def folder(monkeypatch, tmp_path, settings):
    monkeypatch.setenv("POLE_BACKUPS", str(tmp_path / "backups"))
    (settings.MEDIA_ROOT / "pictures").mkdir(parents=True)
    (settings.MEDIA_ROOT / "pictures" / "a.webp").write_bytes(b"une image")
    return tmp_path / "backups"


@pytest.fixture
def person(db):
    person = UserFactory(name="Camille Roy", email="camille@exemple.example")
    CommentFactory(author=person, text="Mes mots")
    signed_in(person)
    return person


def erase(person):
    User.objects.filter(pk=person.pk).update(erasure_due_at=timezone.now())
    assert privacy.erase_due_accounts(timezone.now()) == 1
    kept_file.export()


@pytest.fixture
def empty_database():
    name = f"restored_{backups.database_name()}"[:63]
    backups.run_program("dropdb", "--if-exists", "--force", name)
    backups.run_program("createdb", "--template=template0", name)
    yield name
    backups.run_program("dropdb", "--if-exists", "--force", name)


def restore(database, dump, var, *more, code=""):
    """By the command, in a process of its own."""
    at = connection.settings_dict
    url = f"postgres://{at['USER']}:{at['PASSWORD']}@:{at['PORT']}/{database}?host={at['HOST']}"
    environment = os.environ | {
        "DATABASE_URL": url,
        "POLE_VAR": str(var),
        "SECRET_KEY": portal_settings.SECRET_KEY,
    }
    script = f"import sys, django; django.setup(); {code or 'pass'}\nfrom django.core.management import execute_from_command_line as do; do(['manage.py', 'restore', *sys.argv[1:]])"
    command = [sys.executable, "-c", script, str(dump), *more]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def rows(database, query):
    with backups.connect(database) as restored:
        return restored.execute(query).fetchall()


def test_restore_is_whole_and_whoever_was_erased_stays_so(folder, person, empty_database, tmp_path):
    neighbour = CommentFactory(text="Voisin").author
    dump, _media = backups.create_backup()
    versions = dict(rows(backups.database_name(), "SELECT scope, number FROM pole_contentversion"))
    privacy.schedule_erasure(user=neighbour, now=timezone.now())
    erase(person)
    done = restore(empty_database, dump, tmp_path / "var")
    assert done.returncode == 0, done.stderr
    assert "Effacements rejoués\u00a0: 1 comptes, 1 demandes d’effacement." in done.stdout
    found = rows(empty_database, "SELECT email, erasure_due_at IS NULL FROM accounts_user")
    assert found == [(neighbour.email, False)]
    assert rows(empty_database, "SELECT text FROM comments_comment ORDER BY id") == [("—",), ("Voisin",)]
    assert rows(empty_database, "SELECT count(*) FROM django_session") == [(0,)]
    jumped = dict(rows(empty_database, "SELECT scope, number FROM pole_contentversion"))
    assert all(jumped[scope] >= number + restoring.VERSIONS_JUMP for scope, number in versions.items())
    assert (tmp_path / "var" / "media" / "pictures" / "a.webp").read_bytes() == b"une image"
    assert not (folder / "restoring").exists()
    # Over what is there, never.
    again = restore(empty_database, dump, tmp_path / "var")
    assert again.returncode != 0
    assert "n’est pas vide" in again.stderr


def test_restore_that_is_killed_is_run_again(folder, person, empty_database, tmp_path):
    """After PostgreSQL's part: what follows is done from its beginning."""
    dump, _media = backups.create_backup()
    erase(person)
    kill = "from pole.server import restoring; import os; restoring._restore_media = lambda *a: os.kill(os.getpid(), 9)"
    killed = restore(empty_database, dump, tmp_path / "var", code=kill)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert rows(empty_database, "SELECT count(*) FROM accounts_user") == [(1,)]
    done = restore(empty_database, dump, tmp_path / "var")
    assert done.returncode == 0, done.stderr
    assert rows(empty_database, "SELECT count(*) FROM accounts_user") == [(0,)]


def test_restore_without_what_was_erased_is_refused_before_anything(folder, person, empty_database, tmp_path):
    dump, _media = backups.create_backup()
    kept_file.path().unlink()
    refused = restore(empty_database, dump, tmp_path / "var")
    assert "erasures.jsonl" in refused.stderr
    assert backups.row_counts(backups.connect(empty_database)) == {}


def test_drill_erases_again_and_leaves_the_portal_as_it_was(folder, person):
    dump, _media = backups.create_backup()
    UserFactory()
    erase(person)
    seen = {}
    replay = restoring._replay

    def looked_at(since):
        said = replay(since)
        seen[said] = (connection.settings_dict["NAME"], User.objects.count())
        return said

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(restoring, "_replay", looked_at)
        restoring.drill(dump)
    assert seen == {"Effacements rejoués\u00a0: 1 comptes.": (restoring.scratch_database(), 0)}
    assert User.objects.count() == 1


def test_drill_fails_when_someone_erased_would_come_back(folder, person, monkeypatch):
    dump, _media = backups.create_backup()
    erase(person)
    monkeypatch.setattr("accounts.privacy.erase_again", lambda pk: None)
    with pytest.raises(backups.BackupError, match="il reste de ce qui avait été effacé"):
        restoring.drill(dump)
    assert connection.settings_dict["NAME"] != restoring.scratch_database()


def test_erasure_while_the_backup_is_made_is_known_to_it(folder, person, monkeypatch):
    """Committed after the snapshot: the person is in the dump, and must go again."""
    run = backups.run_program

    def erased_first(program, *arguments):
        if program == "pg_dump":
            User.objects.filter(pk=person.pk).update(erasure_due_at=timezone.now() - timedelta(seconds=1))
            privacy.erase_due_accounts(timezone.now())
        run(program, *arguments)

    monkeypatch.setattr(backups, "run_program", erased_first)
    dump, _media = backups.create_backup()
    assert '"accounts_user": 1' in dump.with_suffix(".json").read_text()
    # Without the worker: the backup has written it.
    assert len(kept_file.read()) == 2
    restoring.drill(dump)


def test_backup_before_the_upgrade_that_makes_the_table(folder, person, monkeypatch):
    monkeypatch.setattr("accounts.privacy.kept_file._has_table", lambda: False)
    backups.create_backup()
    assert kept_file.read() == []


def test_restore_cut_short_elsewhere_opens_no_database_that_is_in_use(
    folder, person, empty_database, tmp_path
):
    """The mark of a restore names its database: another, which holds what was written since, is not taken for it."""
    dump, _media = backups.create_backup()
    # As a restore into the database of these tests would have left it.
    (folder / "restoring").write_bytes(restoring._under_way(dump))
    backups.run_program("pg_restore", "--no-owner", f"--dbname={empty_database}", str(dump))
    refused = restore(empty_database, dump, tmp_path / "var")
    assert "n’est pas vide" in refused.stderr
    assert rows(empty_database, "SELECT count(*) FROM accounts_user") == [(1,)]


def test_restore_that_found_a_row_missing_is_not_gone_on_with(folder, person, empty_database, tmp_path):
    dump, _media = backups.create_backup()
    manifest = dump.with_suffix(backups.MANIFEST)
    text = json.loads(manifest.read_text())
    text["tables"]["accounts_user"] = 99
    manifest.write_text(json.dumps(text))
    assert "99 à la sauvegarde" in restore(empty_database, dump, tmp_path / "var").stderr
    assert "n’est pas vide" in restore(empty_database, dump, tmp_path / "var").stderr


def test_what_can_be_read_is_erased_again_despite_what_cannot(folder, person, empty_database, tmp_path):
    dump, _media = backups.create_backup()
    erase(person)
    with kept_file.path().open("ab") as file:
        line = {"at": timezone.now().isoformat(), "kind": "account", "key": "d’une autre", "digest": "0" * 64}
        file.write(json.dumps(line).encode() + b"\n")
    assert "SECRET_KEY" in restore(empty_database, dump, tmp_path / "var").stderr
    done = restore(empty_database, dump, tmp_path / "var", "--despite-unknown-erasures")
    assert done.returncode == 0, done.stderr
    assert rows(empty_database, "SELECT count(*) FROM accounts_user WHERE email LIKE 'camille%'") == [(0,)]


def test_no_session_is_in_a_backup(folder, person, empty_database, tmp_path):
    """Its key would let in whoever reads the file."""
    dump, _media = backups.create_backup()
    backups.run_program("pg_restore", "--no-owner", f"--dbname={empty_database}", str(dump))
    assert rows(empty_database, "SELECT count(*) FROM django_session") == [(0,)]


def test_erasure_asked_before_the_backup_waits_again(folder, person, empty_database, tmp_path):
    """Its owner may have taken it back since."""
    User.objects.filter(pk=person.pk).update(erasure_due_at=timezone.now() - timedelta(days=1))
    dump, _media = backups.create_backup()
    User.objects.filter(pk=person.pk).update(erasure_due_at=None)
    assert restore(empty_database, dump, tmp_path / "var").returncode == 0
    (due,) = rows(empty_database, "SELECT erasure_due_at FROM accounts_user WHERE email LIKE 'camille%'")[0]
    assert due > timezone.now() + timedelta(days=6)
