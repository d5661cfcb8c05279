"""Whatever the hour of a run of tests (`make hour`), its clocks agree, and tick."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.utils import timezone

from tests.hours import INSTANTS

AHEAD = timedelta(microseconds=int(os.environ.get("POLE_TEST_AHEAD_NS", "0")) / 1000)
ABOUT = timedelta(seconds=2)


def test_tests_are_run_at_the_hour_that_was_asked_for(tmp_path):
    file = tmp_path / "now"
    file.touch()
    true = datetime.fromtimestamp(file.stat().st_mtime, UTC)  # the kernel's, which nothing sets ahead
    assert abs(timezone.now() - true - AHEAD) < ABOUT


def test_database_tells_the_same_time(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (told,) = cursor.fetchone()
    assert abs(timezone.now() - told) < ABOUT


def test_processes_that_tests_start_tell_the_same_time():
    command = [sys.executable, "-c", "import time; print(time.time())"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert abs(time.time() - float(told)) < 10


def test_clocks_tick(db):
    before = time.time()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp(), pg_sleep(0.1), clock_timestamp()")
        first, _slept, last = cursor.fetchone()
    assert timedelta(seconds=0.1) <= last - first < ABOUT
    assert 0.1 <= time.time() - before < 2


def test_instants_are_where_a_day_a_month_a_year_or_an_offset_changes():
    def hours_of(name):
        begins = INSTANTS[name].replace(hour=0, minute=0)
        return ((begins + timedelta(days=1)).astimezone(UTC) - begins.astimezone(UTC)) / timedelta(hours=1)

    assert {name: hours_of(name) for name in INSTANTS} == dict.fromkeys(INSTANTS, 24) | {
        "march": 23,
        "november": 25,
    }
    november = INSTANTS["november"].astimezone(UTC)
    assert timezone.localtime(november + timedelta(hours=1)).hour == INSTANTS["november"].hour
    in_utc = {name: INSTANTS[name].astimezone(UTC) for name in ("23h55", "leap-day", "new-year")}
    assert {name: (at.year, at.month, at.day) for name, at in in_utc.items()} == {
        "23h55": (2027, 9, 16),
        "leap-day": (2028, 3, 1),
        "new-year": (2028, 1, 1),
    }


def test_unknown_instant_is_refused_with_the_names_of_the_others():
    command = [sys.executable, "-m", "tests.hours", "minuit"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr == f"Pas d’instant « minuit » ; il y a : {', '.join(INSTANTS)}.\n"
