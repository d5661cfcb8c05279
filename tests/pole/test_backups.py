"""A backup by the real pg_dump, and the drill that restores it."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from pole.server import backups, restoring
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
    tables, files = restoring.drill(dump)
    assert (dump.exists(), media.exists(), files) == (True, True, 1)
    assert tables == len(connection.introspection.table_names())
    assert scratch_databases() == 0


def scratch_databases():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [restoring.scratch_database()])
        return cursor.fetchone()[0]


@pytest.mark.parametrize("portal", ["pole", "p" * 63, "é" * 31])
def test_scratch_database_is_never_the_portals_own(monkeypatch, portal):
    monkeypatch.setattr(restoring, "database_name", lambda: portal)
    scratch = restoring.scratch_database()
    assert scratch.startswith("restore_drill_")
    assert len(scratch.encode()) <= 63


def test_damaged_backup_is_refused(folder):
    dump, _media = backups.create_backup()
    dump.write_bytes(dump.read_bytes()[:-2000])
    with pytest.raises(backups.BackupError, match="pg_restore: "):
        restoring.drill(dump)


def test_rows_that_the_backup_lacks_are_said(folder):
    dump, _media = backups.create_backup()
    manifest = dump.with_suffix(".json")
    manifest.write_text(manifest.read_text().replace('"blog_post": 1', '"blog_post": 2'))
    with pytest.raises(
        backups.BackupError, match=r"Table blog_post.: 2 à la sauvegarde, 1 à la restauration"
    ):
        restoring.drill(dump)
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
            restoring.drill(dump)


def test_later_changes_do_not_count(folder, settings):
    dump, _media = backups.create_backup()
    PostFactory()
    (settings.MEDIA_ROOT / "pictures" / "a.webp").write_bytes(b"autre chose")
    assert restoring.drill(dump)[1] == 1


def test_damaged_media_are_said(folder):
    dump, media = backups.create_backup()
    media.write_bytes(media.read_bytes().replace(b"une image", b"une imagE"))
    with pytest.raises(backups.BackupError, match=r"media/pictures/a\.webp"):
        restoring.drill(dump)


@pytest.mark.parametrize("suffix", [".media.tar", ".json"])
def test_missing_part_is_said(folder, suffix):
    dump, _media = backups.create_backup()
    missing = dump.with_suffix(suffix)
    missing.unlink()
    with pytest.raises(backups.BackupError, match=missing.name):
        restoring.drill(dump)


def test_rows_are_counted_in_what_is_dumped(folder, monkeypatch):
    """Someone writes after the count and before pg_dump."""
    run = backups.run_program

    def run_late(program, *arguments):
        if program == "pg_dump":
            PostFactory()
        run(program, *arguments)

    monkeypatch.setattr(backups, "run_program", run_late)
    dump, _media = backups.create_backup()
    assert '"blog_post": 1' in dump.with_suffix(".json").read_text()
    restoring.drill(dump)


def test_disk_full_after_the_dump_leaves_nothing(folder, monkeypatch):
    def archive(path):
        path.write_bytes(b"x")
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(backups, "_archive", archive)
    with pytest.raises(backups.BackupError, match="il n’y a plus de place; les anciennes restent"):
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
    assert sorted(path.name for path in folder.glob("pole-*")) == [
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


def dumps(folder):
    return sorted(path.name for path in folder.glob("*.dump"))


def stamp(**from_now):
    return f"pole-{datetime.now(UTC) + timedelta(**from_now):%Y%m%dT%H%M%SZ}"


@pytest.mark.parametrize(
    ("others", "forgotten"),
    [
        pytest.param([{"days": 400}, {"days": -1}], {"days": 400}, id="made while the clock was ahead"),
        pytest.param([{"days": -20000}, {"days": -1}], {"days": -20000}, id="made in 1970"),
        pytest.param([{"days": 20000}, {"days": 20001}], {"days": 20000}, id="the clock says 1970 now"),
    ],
)
def test_clock_that_jumped_costs_no_true_backup(folder, monkeypatch, others, forgotten):
    monkeypatch.setattr(backups, "MAX_BACKUPS", 2)
    folder.mkdir(parents=True)
    names = [f"{stamp(**other)}.dump" for other in others]
    for name in names:
        (folder / name).write_bytes(b"x")
    first = names[others.index(forgotten)]
    dump, _media = backups.create_backup()
    assert dumps(folder) == sorted({*names, dump.name} - {first})
    assert backups.newest_dump() == dump


def test_what_a_killed_backup_left_is_deleted_by_the_next(folder):
    folder.mkdir(parents=True)
    for name in ("pole-1.dump.partial", "pole-2.media.tar", "pole-2.json", "of-someone-else.partial"):
        (folder / name).write_bytes(b"half")
    dump, media = backups.create_backup()
    parts = {dump.name, media.name, dump.with_suffix(".json").name, "of-someone-else.partial"}
    assert {path.name for path in folder.iterdir() if "erasures" not in path.name} == parts


@pytest.mark.parametrize("suffix", [".dump", ".media.tar", ".json"])
def test_part_that_is_missing_or_cut_is_seen_at_a_glance(folder, suffix):
    dump, _media = backups.create_backup()
    assert backups.what_is_wrong(dump) == ""
    part = dump.with_suffix(suffix)
    part.write_bytes(part.read_bytes()[:-10])
    assert backups.what_is_wrong(dump)
    part.unlink()
    assert backups.what_is_wrong(dump)


KILLED_BACKUP = """
import os, signal, django
django.setup()
from pole.server import backups, restoring
run, archive = backups.run_program, backups._archive
def killed_after(step, *arguments):
    step(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)
"""
# Where the command is killed, by what it adds to the one above.
KILLS = {
    "after pg_dump": "backups.run_program = lambda *a: killed_after(run, *a)",
    "after the archive": "backups._archive = lambda path: killed_after(archive, path)",
    "after the first name": "from pathlib import Path; Path.rename = lambda a, b: killed_after(os.rename, a, b)",
}


@pytest.mark.parametrize("moment", KILLS)
def test_killed_backup_passes_for_none_and_the_next_removes_it(folder, moment):
    killed = run_in_child(f"{KILLED_BACKUP}{KILLS[moment]}\nbackups.create_backup()")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert list(folder.iterdir())
    with pytest.raises(backups.BackupError, match="Aucune sauvegarde"):
        backups.newest_dump()
    dump, media = backups.create_backup()
    assert {path.name for path in folder.glob("pole-*")} == {
        dump.name,
        dump.with_suffix(".json").name,
        media.name,
    }
    restoring.drill(dump)


def test_killed_drill_is_begun_again(folder):
    dump, _media = backups.create_backup()
    killed = run_in_child(
        f"{KILLED_BACKUP}compare = restoring._compare\n"
        "restoring._compare = lambda *a: killed_after(compare, *a)\nrestoring.drill(backups.newest_dump())"
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert scratch_databases() == 1
    restoring.drill(dump)
    assert scratch_databases() == 0


def test_one_backup_at_a_time(folder):
    folder.mkdir()
    with backups.alone(), pytest.raises(backups.BackupError, match="est en cours"), backups.alone():
        pass
    backups.create_backup()


def test_program_that_a_killed_backup_left_running_counts_as_one(folder, tmp_path):
    """It reads a pipe, and so lasts as long as the pipe is open."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    folder.mkdir()
    code = f"""{KILLED_BACKUP}
backups._program_path = str
with backups.alone():
    backups.run_program("cat", {str(pipe)!r})
"""
    child = subprocess.Popen([sys.executable, "-c", code], env=environment())
    writing = None
    while writing is None:
        assert child.poll() is None
        # Refused until the program has opened it too.
        with suppress(OSError):
            writing = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    child.kill()
    child.wait()
    with pytest.raises(backups.BackupError, match="est en cours"):
        backups.create_backup()
    os.close(writing)
    ends = time.monotonic() + 60
    while True:
        try:
            backups.create_backup()
        except backups.BackupError:
            assert time.monotonic() < ends
            time.sleep(0.1)
        else:
            break


def environment():
    at = connection.settings_dict
    url = f"postgres://{at['USER']}:{at['PASSWORD']}@:{at['PORT']}/{at['NAME']}?host={at['HOST']}"
    return os.environ | {"DATABASE_URL": url}


def run_in_child(code):
    return subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, check=False)
