"""A backup by the real pg_dump, and the drill that restores it."""

from __future__ import annotations

import json

import pytest
from django.db import connection

from pole.server import backups
from tests.factories import PostFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def folder(monkeypatch, tmp_path, settings):
    monkeypatch.setenv("POLE_BACKUPS", str(tmp_path / "backups"))
    (settings.MEDIA_ROOT / "pictures").mkdir(parents=True)
    (settings.MEDIA_ROOT / "pictures" / "a.webp").write_bytes(b"une image")
    PostFactory()
    return tmp_path / "backups"


def test_backup_is_restored_whole(folder):
    dump, media = backups.create_backup()
    tables, files = backups.drill(dump)
    assert (dump.exists(), media.exists(), files) == (True, True, 1)
    assert tables == len(connection.introspection.table_names())
    assert scratch_databases() == 0


def scratch_databases():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [backups.scratch_database()])
        return cursor.fetchone()[0]


@pytest.mark.parametrize("portal", ["pole", "p" * 63, "é" * 31])
def test_scratch_database_is_never_the_portals_own(monkeypatch, portal):
    monkeypatch.setattr(backups, "_database_name", lambda: portal)
    scratch = backups.scratch_database()
    assert scratch.startswith("restore_drill_")
    assert len(scratch.encode()) <= 63


def test_damaged_backup_is_refused(folder):
    dump, _media = backups.create_backup()
    dump.write_bytes(dump.read_bytes()[:-2000])
    with pytest.raises(backups.BackupError, match="pg_restore: "):
        backups.drill(dump)


def test_rows_that_the_backup_lacks_are_said(folder):
    dump, _media = backups.create_backup()
    manifest = dump.with_suffix(".json")
    manifest.write_text(manifest.read_text().replace('"blog_post": 1', '"blog_post": 2'))
    with pytest.raises(
        backups.BackupError, match=r"Table blog_post.: 2 à la sauvegarde, 1 à la restauration"
    ):
        backups.drill(dump)
    assert scratch_databases() == 0


def test_table_and_file_that_the_manifest_does_not_name_are_said(folder):
    """What was added since the backup was made is as suspect as what was taken away."""
    dump, _media = backups.create_backup()
    manifest = dump.with_suffix(".json")
    said = json.loads(manifest.read_text())
    for part, name, refusal in (
        ("tables", "blog_post", r"Table blog_post.: rien à la sauvegarde, 1 à la restauration"),
        ("media", "media/pictures/a.webp", r"Fichier media/pictures/a\.webp.: rien à la sauvegarde"),
    ):
        less = {key: value for key, value in said[part].items() if key != name}
        manifest.write_text(json.dumps(said | {part: less}))
        with pytest.raises(backups.BackupError, match=refusal):
            backups.drill(dump)


def test_later_changes_do_not_count(folder, settings):
    dump, _media = backups.create_backup()
    PostFactory()
    (settings.MEDIA_ROOT / "pictures" / "a.webp").write_bytes(b"autre chose")
    assert backups.drill(dump)[1] == 1


def test_damaged_media_are_said(folder):
    dump, media = backups.create_backup()
    media.write_bytes(media.read_bytes().replace(b"une image", b"une imagE"))
    with pytest.raises(backups.BackupError, match=r"media/pictures/a\.webp"):
        backups.drill(dump)


@pytest.mark.parametrize("suffix", [".media.tar", ".json"])
def test_missing_part_is_said(folder, suffix):
    dump, _media = backups.create_backup()
    missing = dump.with_suffix(suffix)
    missing.unlink()
    with pytest.raises(backups.BackupError, match=missing.name):
        backups.drill(dump)


def test_rows_are_counted_in_what_is_dumped(folder, monkeypatch):
    """Someone writes after the count and before pg_dump."""
    run = backups._run_program

    def run_late(program, *arguments):
        if program == "pg_dump":
            PostFactory()
        run(program, *arguments)

    monkeypatch.setattr(backups, "_run_program", run_late)
    dump, _media = backups.create_backup()
    assert '"blog_post": 1' in dump.with_suffix(".json").read_text()
    backups.drill(dump)


def test_disk_full_after_the_dump_leaves_nothing(folder, monkeypatch):
    def archive(path):
        path.write_bytes(b"x")
        raise OSError("no space left")

    monkeypatch.setattr(backups, "_archive", archive)
    with pytest.raises(OSError, match="no space left"):
        backups.create_backup()
    assert list(folder.iterdir()) == []


def test_failed_backup_leaves_nothing(folder, monkeypatch):
    monkeypatch.setattr(backups, "_program_path", lambda program: "false")
    with pytest.raises(backups.BackupError, match="pg_dump: "):
        backups.create_backup()
    assert list(folder.iterdir()) == []


def test_old_backups_are_forgotten(folder, monkeypatch):
    monkeypatch.setattr(backups, "MAX_BACKUPS", 1)
    folder.mkdir(parents=True)
    for suffix in (".dump", ".media.tar", ".json"):
        (folder / f"pole-20200101T000000Z{suffix}").write_bytes(b"x")
    dump, media = backups.create_backup()
    assert sorted(path.name for path in folder.iterdir()) == [
        dump.name,
        dump.with_suffix(".json").name,
        media.name,
    ]


def test_programs_are_of_the_servers_version(tmp_path, monkeypatch):
    older = tmp_path / "pg_dump"
    older.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6'\n")
    older.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert backups._program_path("pg_dump") != str(older)
    assert backups._major_version(backups._program_path("pg_dump")) == connection.pg_version // 10_000


def test_no_backup_is_said(folder):
    with pytest.raises(backups.BackupError, match="Aucune sauvegarde"):
        backups.newest_dump()
