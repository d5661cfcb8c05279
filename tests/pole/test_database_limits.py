"""Whatever a page asks of the database is cut at the deadline; a long act has longer, and a closed connection is replaced."""

from __future__ import annotations

import time
from threading import Thread

import psycopg
import pytest
from django.db import OperationalError, close_old_connections, connection

from pole.server.database import limits
from tests.pole.test_database import in_a_thread
from tests.waiting import wait_for

# In a PostgreSQL whose clock is set ahead, statements that were left would go on: its own timers do not fire.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_hour("waits for deadlines")]
# Far longer than any wait that is cut here, on a machine however busy; shorter where it must come to its end.
SLEEP, NAP = "SELECT pg_sleep(60)", "SELECT pg_sleep(2)"
UNCUT_SECONDS = 30


@pytest.fixture(autouse=True)
def _pages(monkeypatch):
    """As in a process that serves pages, with a deadline of a second."""
    monkeypatch.setattr(limits, "_limits", limits.Limits(5))
    monkeypatch.setattr(limits, "DEADLINE", 1.0)
    monkeypatch.setattr(limits._Thread, "deadline", 1.0)


def executed(statement=SLEEP):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def iterated():
    with connection.chunked_cursor() as cursor:
        cursor.execute(SLEEP)
        cursor.fetchmany(1)


def copied():
    with connection.cursor() as cursor, cursor.copy(f"COPY ({SLEEP}) TO STDOUT") as rows:
        list(rows)


@pytest.mark.parametrize("act", [executed, iterated, copied], ids=lambda act: act.__name__)
def test_wait_is_cut_and_the_next_request_has_a_new_connection(act):
    def visit():
        start = time.monotonic()
        # As every caller of COPY must: Django wraps what a cursor raises, not what a COPY does.
        with pytest.raises(OperationalError) as cut, connection.wrap_database_errors:
            act()
        assert isinstance(cut.value.__cause__, limits.Unavailable)
        assert time.monotonic() - start < UNCUT_SECONDS
        close_old_connections()
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            return cursor.fetchone()

    assert in_a_thread(visit) == ("3s",)


def test_long_act_has_longer_and_gives_it_back():
    def limits_now():
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout'), current_setting('lock_timeout')")
            return cursor.fetchone()

    def act():
        with limits.longer(20):
            executed(NAP)
            within = limits_now()
        return within, limits_now(), limits._thread.deadline

    assert in_a_thread(act) == (("20s", "20s"), ("10s", "3s"), 1.0)


# Their waits have begun, not only their connections; those that another test left are not theirs.
SLOW = f"{SLEEP} AS of_a_stranger"
SLOW_NOW = f"SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query = '{SLOW}'"


def test_slow_statements_refuse_nobody_while_the_server_answers_others(monkeypatch):
    """Several strangers on the slowest page, at once: others are served as before."""
    # All three wait at once, on a machine that may be slow.
    monkeypatch.setattr(limits._Thread, "deadline", 5.0)

    def slow():
        with pytest.raises(OperationalError):
            executed(SLOW)

    def quick():
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    strangers = [Thread(target=in_a_thread, args=[slow]) for _ in range(3)]
    for stranger in strangers:
        stranger.start()
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.autocommit = True
        wait_for(lambda: other.execute(SLOW_NOW).fetchone()[0] == len(strangers))
    in_a_thread(quick)
    for stranger in strangers:
        stranger.join()
    assert limits._limits.breaker.failures == 0
    monkeypatch.setattr(limits._Thread, "deadline", 1.0)
    in_a_thread(slow)
    # Nobody else was answered: this one may be the server.
    assert limits._limits.breaker.failures == 1


def test_refused_after_two_failures_then_one_tries():
    breaker = limits.Breaker()
    breaker.failed("first")
    breaker.check()
    breaker.failed("second")
    with pytest.raises(limits.Unavailable):
        breaker.check()
    breaker._retry_at = time.monotonic()
    breaker.check()
    with pytest.raises(limits.Unavailable):
        breaker.check()
    breaker.answered()
    breaker.check()


def test_brief_wait_outside_of_a_request_is_cut_sooner_and_leaves_nothing_behind(monkeypatch):
    monkeypatch.setattr(limits, "DEADLINE", UNCUT_SECONDS)

    def visit():
        start = time.monotonic()
        with pytest.raises(limits.Unavailable), limits.brief(0.3):
            limits.connect(connection.get_connection_params()).execute(SLEEP)
        assert 0.3 <= time.monotonic() - start < UNCUT_SECONDS
        assert (limits._thread.deadline, limits._thread.was_cut) == (limits.DEADLINE, False)
        assert limits._limits.breaker.failures == 1

    in_a_thread(visit)


def test_brief_statement_takes_no_place_but_to_connect():
    def visit():
        places = limits._limits.places
        with limits.brief(0.5):
            kept = limits.connect(connection.get_connection_params())
        taken = [places.acquire(blocking=False) for _ in range(limits._limits.size + 1)]
        assert taken == [True] * limits._limits.size + [False]
        with limits.brief(0.5):
            kept.execute("SELECT 1")
        start = time.monotonic()
        with pytest.raises(limits.NoPlace), limits.brief(2 * UNCUT_SECONDS):
            limits.connect(connection.get_connection_params())
        assert time.monotonic() - start < UNCUT_SECONDS
        assert limits._limits.breaker.failures == 0
        kept.close()

    in_a_thread(visit)


def test_brief_asks_nothing_of_a_database_known_to_be_away():
    for _time in range(limits.FAILURES_TO_OPEN):
        limits._limits.breaker.failed("test")
    with pytest.raises(limits.Unavailable), limits.brief(0.5):
        pytest.fail("was tried")
