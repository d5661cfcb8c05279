"""The reader of content versions: how many reads are made, how old one may be, and what becomes of it when the database ends its session."""

from __future__ import annotations

import os
from threading import Event, Thread
from time import monotonic

import pytest
from django.db import connections

from pole.caching import version_reader
from pole.caching.version_reader import VersionReader
from tests.pole.kept_site import SCOPE, forget_version, own_connection, raise_version
from tests.waiting import PATIENCE_SECONDS, wait_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def make_reader():
    made = []

    def make(max_age: float) -> VersionReader:
        reader = VersionReader(max_age)
        made.append(reader)
        return reader

    yield make
    for reader in made:
        reader.close()
    forget_version()


@pytest.fixture
def counted(monkeypatch):
    """How many statements were sent."""
    sent = []
    ask = VersionReader._ask_on
    monkeypatch.setattr(
        VersionReader, "_ask_on", lambda self, connection: (sent.append(None), ask(self, connection))[1]
    )
    return sent


def test_reads_what_the_portal_reads(make_reader):
    from pole.caching.content_versions import read_versions

    reader = make_reader(0)
    for _time in range(3):
        raise_version()
        assert reader.read(monotonic()).numbers == dict(read_versions())
    # The statement is prepared once; unchanged numbers are not read again.
    first = reader.read(monotonic())
    again = reader.read(monotonic())
    assert again is not first
    assert again.numbers is first.numbers


def test_reading_serves_for_as_long_as_it_may_and_no_longer(make_reader, counted):
    reader = make_reader(0.2)
    first = reader.read(monotonic())
    assert reader.read(first.began_at + 0.2) is first
    assert len(counted) == 1
    assert reader.read(first.began_at + 0.2001) is not first
    assert len(counted) == 2


def test_without_an_age_each_question_has_a_read_begun_after_it(make_reader, counted):
    reader = make_reader(0)
    for _time in range(50):
        raise_version()
        asked_at = monotonic()
        reading = reader.read(asked_at)
        assert reading.began_at >= asked_at
        assert reading.numbers[SCOPE] == len(counted)


def test_those_who_wait_share_one_read_begun_after_they_asked(make_reader, counted, monkeypatch):
    reader = make_reader(0)
    reader.read(monotonic())
    counted.clear()
    ask, gate = VersionReader._ask, Event()
    monkeypatch.setattr(VersionReader, "_ask", lambda self: (gate.wait(PATIENCE_SECONDS), ask(self))[1])
    # Whoever waits for the lock may be late on a busy machine, and is not refused it.
    monkeypatch.setattr(version_reader, "LOCK_SECONDS", PATIENCE_SECONDS)
    seen, asked = [], []

    def visit():
        asked_at = monotonic()
        asked.append(asked_at)
        reading = reader.read(asked_at)
        seen.append((reading.began_at >= asked_at, reading))

    visitors = [Thread(target=visit) for _ in range(5)]
    for visitor in visitors:
        visitor.start()
    wait_for(lambda: len(asked) == 5)
    gate.set()
    for visitor in visitors:
        visitor.join()
    assert [is_after for is_after, _reading in seen] == [True] * 5
    # All had asked before the one that began was sent.
    assert len(counted) == 1


def test_nobody_waits_long_for_another(make_reader, monkeypatch):
    reader = make_reader(0)
    reader.read(monotonic())
    begun, gate = Event(), Event()
    ask = VersionReader._ask
    monkeypatch.setattr(
        VersionReader, "_ask", lambda self: (begun.set(), gate.wait(2 * PATIENCE_SECONDS), ask(self))[2]
    )
    slow = Thread(target=reader.read, args=[monotonic()])
    slow.start()
    assert begun.wait(PATIENCE_SECONDS)
    start = monotonic()
    assert reader.read(start) is None
    assert 0.9 * version_reader.LOCK_SECONDS <= monotonic() - start < PATIENCE_SECONDS
    assert reader.failed_at is None
    gate.set()
    slow.join()


def sessions() -> list[int]:
    """Processes of the sessions in which versions are read."""
    with own_connection() as own:
        rows = own.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query = %s",
            [version_reader.STATEMENT.decode()],
        ).fetchall()
    return [pid for (pid,) in rows]


def test_session_that_the_server_ended_is_made_again(make_reader):
    reader = make_reader(0)
    assert reader.read(monotonic())
    (before,) = sessions()
    with own_connection() as own:
        own.execute("SELECT pg_terminate_backend(%s, 5000)", [before])
    assert reader.read(monotonic())
    assert reader.failed_at is None
    (after,) = sessions()
    assert after != before


@pytest.mark.any_hour("PostgreSQL’s lock_timeout does not fire under another clock")
def test_lock_held_by_someone_is_no_absence(make_reader):
    reader = make_reader(0)
    assert reader.read(monotonic())
    with own_connection() as own, own.transaction():
        own.execute("LOCK TABLE pole_contentversion IN ACCESS EXCLUSIVE MODE")
        assert reader.read(monotonic()) is None
        assert reader.failed_at is None
    assert reader.read(monotonic())


def test_database_that_refuses_is_asked_again_after_a_moment_only(make_reader, monkeypatch, counted):
    reader = make_reader(0)
    mine = connections["default"]
    right = mine.get_connection_params()
    monkeypatch.setattr(mine, "get_connection_params", lambda: right | {"port": 1})
    start = monotonic()
    assert reader.read(start) is None
    assert reader.failed_at >= start
    failed_at = reader.failed_at
    monkeypatch.setattr(mine, "get_connection_params", lambda: right)
    assert reader.read(failed_at + 0.99 * version_reader.RETRY_SECONDS) is None
    assert not counted
    assert reader.failed_at == failed_at
    assert reader.read(failed_at + version_reader.RETRY_SECONDS)
    assert reader.failed_at is None


def test_child_of_a_process_shares_nothing_with_it():
    from pole.caching.kept_answers import KeptAnswers

    kept = KeptAnswers(lambda environ, start: [], budget=1000, freshness_seconds=0, threads=5)
    reader = kept.reader
    assert reader.read(monotonic())
    reader._lock.acquire()
    receiving, sending = os.pipe()
    if not (child := os.fork()):
        is_apart = kept.reader is not reader and kept.reader.read(monotonic()) is not None
        os.write(sending, b"1" if is_apart else b"0")
        os._exit(0)
    os.waitpid(child, 0)
    reader._lock.release()
    assert os.read(receiving, 1) == b"1"
    # Its session was not ended by the child.
    assert kept.reader is reader
    assert reader.read(monotonic())
    assert reader._connection is not None
    reader.close()
