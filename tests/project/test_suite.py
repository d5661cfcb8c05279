"""The suite itself: any file alone, from anywhere, beside anything; and what a killed run leaves."""

from __future__ import annotations

import ast
import json
import os
import re
import signal
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest
from django.db import connection
from hypothesis import settings as hypothesis_settings

from pole.server import embedded_postgres
from tests import databases, hours, touched
from tests.shared import copy_of
from tests.waiting import wait_for

ROOT = databases.ROOT
# Django's settings, a database of its own, then until it is killed.
HOLDER = """
import sys, django
django.setup()
from tests.databases import own_database
with own_database() as name:
    print(name, flush=True)
    sys.stdin.read()
"""


def run_pytest(*arguments, cwd=ROOT, **variables):
    """As someone whose shell says nothing of Django nor of this run."""
    ours = ("POLE_", "DJANGO_", "PYTEST_", "DATABASE_URL", "PG_BINDIR")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=cwd, env=environment | variables, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def test_one_file_alone_needs_nothing_set():
    done = run_pytest("test_threads.py", cwd=ROOT / "tests" / "pole")
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout


def test_server_that_cannot_be_used_is_said_in_a_sentence(tmp_path):
    (tmp_path / "postgres").mkdir()
    done = run_pytest("tests/pole/test_addresses.py", POLE_VAR=str(tmp_path))
    said = done.stdout + done.stderr
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "ce n’est pas une base PostgreSQL" in said
    assert "Traceback" not in said
    assert len(said.splitlines()) < 10, said


def test_template_is_made_anew_when_what_makes_it_changes(tmp_path, monkeypatch):
    migration = tmp_path / "pole" / "migrations" / "0001_initial.py"
    migration.parent.mkdir(parents=True)
    migration.write_text("one")
    monkeypatch.setattr(databases, "ROOT", tmp_path)
    first = databases.template_name()
    assert databases.template_name() == first
    migration.write_text("other")
    second = databases.template_name()
    migration.rename(migration.with_name("0002_initial.py"))
    third = databases.template_name()
    monkeypatch.setattr(databases, "distributions", list)
    assert len({first, second, third, databases.template_name()}) == 4


def test_migrations_import_nothing_of_the_house():
    """What they do must not change with the code, and the template of the tests is named after them."""
    imported = set()
    for migration in ROOT.glob("*/migrations/*.py"):
        for node in ast.walk(ast.parse(migration.read_text(encoding="utf-8"))):
            names = [node.module or "."] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            imported |= {name.partition(".")[0] for name in names}
    assert "django" in imported
    assert not {name for name in imported if not name or (ROOT / name).exists()}


@pytest.mark.parametrize("file", ["pole/sql/01_one.sql", "pole/data/rows.csv", "tests/rows.py"])
def test_template_is_named_after_all_that_shapes_it(tmp_path, monkeypatch, file):
    monkeypatch.setattr(databases, "ROOT", tmp_path)
    without = databases.template_name()
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text("one")
    assert databases.template_name() != without


def on_this_server(folder):
    """For a run beside this one, whose files lie elsewhere."""
    at = embedded_postgres.address(Path(os.environ["POLE_VAR"], "postgres"))
    return {"POLE_VAR": str(folder), "DATABASE_URL": os.environ.get("DATABASE_URL", at.url)}


def test_functions_and_templates_of_a_run_are_recorded(tmp_path):
    record, file = tmp_path / "touched.json", "tests/blog/test_lists.py"
    # By the other part of the run.
    record.write_text(json.dumps({file: {"seconds": 60, "touched": ["blog/models.py:before"]}}))
    done = run_pytest("-n", "2", f"--record={record}", file, **on_this_server(tmp_path))
    assert done.returncode == 0, done.stdout
    recorded = touched.read(record)
    assert set(recorded) == {file}
    expected = {"blog/models.py:before", "blog/views/public.py:post_list", "templates/blog/list.html"}
    assert expected <= set(recorded[file]["touched"])
    assert not any(mark.endswith((":<module>", ":Post")) for mark in recorded[file]["touched"])
    assert recorded[file]["seconds"] > 60


def test_each_test_is_run_in_one_of_the_three_parts(tmp_path):
    recipe = (
        (ROOT / "Makefile").read_text(encoding="utf-8").partition("\ntest cover: ")[2].partition("\nendif")[0]
    )
    chosen = re.findall(r' -m "?((?:not )?[a-z_]+(?: and not [a-z_]+)*)"? --record', recipe)
    assert len(chosen) == 3, recipe
    # One of them holds tests of both kinds.
    files = [
        "tests/project/test_suite.py",
        "tests/project/test_clocks.py",
        "tests/project/test_calls.py",
        "tests/pole/test_kept_served.py",
    ]

    def collected(*options):
        done = run_pytest("--collect-only", *options, *files, **on_this_server(tmp_path))
        return sorted(line for line in done.stdout.splitlines() if "::" in line)

    parts = [collected("-m", expression) for expression in chosen]
    assert sorted(chain.from_iterable(parts)) == collected()
    assert all(parts)


def test_properties_repeat_their_examples():
    assert (hypothesis_settings.default.derandomize, hypothesis_settings.default.database) == (True, None)


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("blog/test_slugs.py", "assert slug('a') == 'a'", False),
        ("blog/test_times.py", "the sometimes timed overtime", False),
        ("blog/test_dates.py", "from datetime import date", True),
        ("blog/test_pages.py", "def test_page(client): ...", True),
        ("blog/test_pages.py", "def test_page(staff_client): ...", True),
        ("blog/test_rows.py", "from tests.factories import PostFactory", True),
        ("browser/test_pages.py", "def test_page(live_server): ...", True),
        ("forums/tally/test_counts.py", "from datetime import date", False),
        ("bench/test_speed.py", "import time", False),
    ],
)
def test_module_that_names_a_time_a_row_or_a_request_reads_the_clock(
    tmp_path, monkeypatch, file, text, expected
):
    monkeypatch.setattr(hours, "ROOT", tmp_path)
    path = tmp_path / "tests" / file
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    assert hours.reads_the_clock(path) is expected


def names_on_server(pattern):
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname ~ %s", [pattern])
        return {name for (name,) in cursor.fetchall()}


@pytest.mark.django_db(transaction=True)
def test_database_of_a_killed_process_is_dropped_by_the_next_one():
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER], cwd=ROOT, env=environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        name = process.stdout.readline().strip()
        try:
            with databases._connect() as holder:
                databases._drop_leftovers(holder)
            assert names_on_server(name) == {name}
            with databases._connect() as holder:
                # What a test of the process made, and someone who stays connected.
                holder.execute(f"CREATE DATABASE restore_drill_{name}")
            parameters = connection.get_connection_params() | {"dbname": name}
            with databases.psycopg.connect(**parameters):
                process.send_signal(signal.SIGKILL)
                process.wait()
                with databases._connect() as holder:
                    # PostgreSQL notices the death in its own time, and only then gives the lock back.
                    wait_for(lambda: databases._drop_leftovers(holder) or not names_on_server(name))
        finally:
            process.kill()
    assert names_on_server(connection.settings_dict["NAME"]) == {connection.settings_dict["NAME"]}


def test_what_is_shared_is_made_once_and_each_copy_may_be_spoilt(tmp_path_factory, monkeypatch):
    made = []

    def make(folder):
        made.append(folder)
        (folder / "kept").write_text("whole" if len(made) > 1 else "half")
        assert len(made) > 1, "the first is cut short"

    base = tmp_path_factory.mktemp("worker")
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.setattr(tmp_path_factory, "getbasetemp", lambda: base)
    with pytest.raises(AssertionError, match="cut short"):
        copy_of("thing", make, tmp_path_factory)
    for _test in range(2):
        copy = copy_of("thing", make, tmp_path_factory)
        assert (copy / "kept").read_text() == "whole"
        (copy / "kept").write_text("spoilt")
    assert len(made) == 2


def test_make_keeps_the_tests_folder_in_a_clone_with_quotes_in_its_name(tmp_path):
    """`make check`, `make quick` and Debian's server name it to a shell."""
    clone = tmp_path / "L'été à l’« école » $HOME"
    clone.mkdir()
    show = "show: ; @$(TEST_VAR) printenv POLE_VAR"
    command = ["make", "-s", "-f", ROOT / "Makefile", "--eval", show, "show"]
    shown = subprocess.run(command, cwd=clone, capture_output=True, text=True, check=True).stdout
    assert shown == f"{clone}/var/test\n"
