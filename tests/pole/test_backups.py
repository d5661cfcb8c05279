"""A backup by the real pg_dump, and the drill that restores it."""

from __future__ import annotations

import pytest
from django.db import connection

from pole import backups
from tests.factories import PostFactory

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def folder(monkeypatch, tmp_path, settings):
    monkeypatch.setenv("POLE_BACKUPS", str(tmp_path / "backups"))
    (settings.MEDIA_ROOT / "pictures").mkdir(parents=True)
    (settings.MEDIA_ROOT / "pictures" / "a.webp").write_bytes(b"une image")
    PostFactory()
    return tmp_path / "backups"


def test_backup_is_restored_whole(folder):
    dump, media = backups.write()
    tables, files = backups.drill(dump)
    assert (dump.exists(), media.exists(), files) == (True, True, 1)
    assert tables == len(connection.introspection.table_names())
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [backups.SCRATCH])
        assert cursor.fetchone() == (0,)


def test_damaged_backup_is_refused(folder):
    dump, _media = backups.write()
    dump.write_bytes(dump.read_bytes()[:-2000])
    with pytest.raises(backups.BackupError):
        backups.drill(dump)


def test_changed_file_is_said(folder, settings):
    dump, _media = backups.write()
    (settings.MEDIA_ROOT / "pictures" / "a.webp").write_bytes(b"autre chose")
    with pytest.raises(backups.BackupError, match=r"a\.webp"):
        backups.drill(dump)


def test_old_backups_are_forgotten(folder, monkeypatch):
    monkeypatch.setattr(backups, "KEPT", 1)
    folder.mkdir(parents=True)
    for name in ("pole-20200101T000000Z.dump", "pole-20200101T000000Z.media.tar"):
        (folder / name).write_bytes(b"x")
    dump, media = backups.write()
    assert sorted(path.name for path in folder.iterdir()) == [dump.name, media.name]


def test_no_backup_is_said(folder):
    with pytest.raises(backups.BackupError, match="Aucune sauvegarde"):
        backups.newest()
