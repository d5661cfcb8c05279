"""A disk, a mount or a server that never answers: the worker goes on, says so, and loses one thread, not one every ten minutes."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import contextmanager, suppress

import pytest
from django.utils import timezone, translation

from forums.hooks.diagnostics import check_vote_keys, check_votes
from forums.models import Round
from pole.files import disks
from pole.hooks.diagnostics import Level
from pole.hub.state import certificate, database, drill, looking, server, work
from pole.models import KeptFinding
from pole.server import drill_record, in_time
from tests.factories import RoundFactory

pytestmark = pytest.mark.django_db
# What is kept for another reason: it asks the database, or the code itself.
ASK_NO_DISK = {database.check_size, server.check_migrations, server.check_production_settings}
ASKED = [
    "open", "mkdir", "stat", "statvfs", "scandir", "listdir", "readlink", "lstat", "access", "fsync",
]  # fmt: skip


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(in_time, "SECONDS", 0.3)
    monkeypatch.setattr(in_time, "_waiting", {})
    monkeypatch.setattr(certificate, "SECONDS", 0.3)


@pytest.fixture
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("POLE_BACKUPS", str(tmp_path))
    return tmp_path


@contextmanager
def nothing_answers(monkeypatch, *folders):
    """Whatever asks these folders, or a server, waits until the end of the block; in the worker's own thread, it fails."""
    end, asking = threading.Event(), []

    def hang(asked):
        if threading.current_thread() is threading.main_thread():
            pytest.fail(f"The worker itself asked {asked}.")
        asking.append(asked)
        end.wait(60)
        raise OSError("too late")

    def hanging(function):
        def ask(path, *more, **named):
            within = not isinstance(path, int) and any(os.fspath(path).startswith(str(f)) for f in folders)
            return hang(path) if within else function(path, *more, **named)

        return ask

    with monkeypatch.context() as patched:
        for name in ASKED:
            patched.setattr(os, name, hanging(getattr(os, name)))
        patched.setattr("builtins.open", hanging(open))
        patched.setattr("io.open", hanging(open))
        patched.setattr(socket, "create_connection", lambda *a, **k: hang(a))
        yield asking
        end.set()
        for thread in in_time._waiting.values():
            thread.join(10)


def threads():
    return sum(thread.name.startswith("in_time") for thread in threading.enumerate())


@pytest.mark.parametrize(
    "check",
    [check for check in looking.CHECKS if check.is_kept and check not in ASK_NO_DISK] + [check_votes, check_vote_keys],
    ids=lambda check: check.key,
)  # fmt: skip
def test_what_never_answers_is_said_and_the_worker_goes_on(check, settings, folder, monkeypatch):
    settings.VAR_DIR = settings.MEDIA_ROOT = settings.KEYS_DIR = folder
    settings.BASE_URL = "https://portail.example"
    relay = {"BACKEND": "pole.mail.relay.RelayBackend", "OPTIONS": {"host": "relais.example", "port": 25}}
    settings.MAILERS = settings.MAILERS | {"delivery": relay}
    if check is check_votes:
        Round.objects.filter(pk=RoundFactory().pk).update(
            opened_at=timezone.now(), drawn_at=timezone.now(), seed_hash="0" * 64, key_hash="0" * 64
        )
        monkeypatch.setattr(Round, "secret", "x")
    (folder / "pole-20260101T000000Z.dump").write_bytes(b"x")
    if check is disks.check_stored_files:
        monkeypatch.setattr(disks, "_stored_files", lambda: iter([("x", folder / "x.webp")]))
    with nothing_answers(monkeypatch, folder) as asking:
        before = threads()
        found = [looking.look_at(check) for _turn in range(3)]
        assert threads() == before + 1
        assert len(asking) == 1
    assert {each.level for each in found} <= {Level.ACT, Level.UNKNOWN}
    assert str(found[0].to_do)


def test_every_kept_check_is_tried_here():
    """Or says why it asks no disk."""
    tried = {*looking.CHECKS, check_votes, check_vote_keys}
    first_steps = looking.first_step_checks()
    assert [
        check.key
        for check in looking.all_checks()
        if check.is_kept and check not in tried and check.key not in {step.key for step in first_steps}
    ] == []


def test_pipe_where_a_file_should_be_is_answered_once_it_is(folder):
    """As the file of a mount that comes back."""
    path = folder / drill_record.NAME
    os.mkfifo(path)
    found = looking.look_at(drill.check_drill)
    assert (found.level, found.command) == (Level.ACT, "findmnt")
    with translation.override("fr"):
        assert str(found.fact).startswith("Aucune réponse en")
    path.open("wb").close()
    in_time._waiting["drill"].join(10)
    path.unlink()
    assert looking.look_at(drill.check_drill).level == Level.WATCH


def test_what_hangs_is_kept_beside_what_is_well(folder, settings):
    os.mkfifo(folder / drill_record.NAME)
    looking.look_and_keep(timezone.now())
    levels = dict(KeptFinding.objects.values_list("key", "level"))
    assert levels[drill.check_drill.key] == Level.ACT
    assert levels[database.check_size.key] == Level.WELL
    with suppress(OSError):
        os.close(os.open(folder / drill_record.NAME, os.O_WRONLY | os.O_NONBLOCK))


def test_answer_error_and_language_come_through():
    assert in_time.in_time("one", lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        in_time.in_time("two", lambda: 1 / 0)
    with translation.override("en"):
        assert in_time.in_time("three", translation.get_language) == "en"


def test_relay_that_says_a_byte_a_second_is_left(settings):
    """Its own bound is that of each byte."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        end = threading.Event()

        def drip():
            accepted, _address = listening.accept()
            with accepted, suppress(OSError):
                while not end.wait(0.1):
                    accepted.sendall(b"2")

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        options = {"host": "127.0.0.1", "port": listening.getsockname()[1]}
        relay = {"BACKEND": "pole.mail.relay.RelayBackend", "OPTIONS": options}
        settings.MAILERS = settings.MAILERS | {"delivery": relay}
        found = looking.look_at(work.check_relay)
        assert found.level == Level.ACT
        end.set()
        thread.join(10)
