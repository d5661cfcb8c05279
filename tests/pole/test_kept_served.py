"""Kept answers under a real web server: several processes, forms of HTTP, and a database that freezes or goes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

import psycopg
import pytest

from pole.server import embedded_postgres
from tests.bench import serving
from tests.pole.test_database_away import Server
from tests.shared import copy_of, migrate_server
from tests.waiting import wait_for

SERVED = "tests.pole.kept_server:application"
FRESHNESS_SECONDS = 0.02
# Timers of its own do not fire in a PostgreSQL whose clock is set ahead by libfaketime.
pytestmark = pytest.mark.any_hour("freezes and kills real servers and waits for them")


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """(What starts a server of the site on a PostgreSQL of these tests alone.)"""
    folder = copy_of("migrated", migrate_server, tmp_path_factory)
    data_dir = folder / "postgres"
    lease = embedded_postgres.acquire(data_dir, durable=False)
    environment = {"DATABASE_URL": lease.address.url, "POLE_VAR": str(folder)}
    try:
        create = "from pole.models import Hub; Hub.objects.create(name='Le pôle')"
        subprocess.run(
            [sys.executable, "manage.py", "shell", "--no-imports", "-c", create],
            cwd=serving.ROOT,
            env=os.environ | environment,
            check=True,
        )
        yield folder, lease, environment
    finally:
        lease.release()


@pytest.fixture(scope="module")
def site(started):
    folder, lease, environment = started
    log = folder / "web.log"
    with log.open("wb") as written, serving.served(SERVED, environment, workers=1, log=written) as port:
        yield Server(folder / "postgres", lease, port, log)


@pytest.fixture
def warm(site):
    """Both pages are kept, and versions were read a moment ago."""
    site.wait_until_back = lambda: wait_for(
        lambda: site.get("/nom/")[0] == 200 and "age" not in site.get("/nom/")[2]
    )
    site.wait_until_back()
    for _time in range(2):
        for path in ("/nom/", "/nom-du-jour/"):
            assert site.get(path)[0] == 200
    return site


def ask(port: int, path: str, method: str = "GET", **headers: str):
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers={"Host": f"localhost:{port}"} | named)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def rename(server: Server, name: str) -> None:
    server.query(f"UPDATE pole_hub SET name = '{name}'")


def test_forms_of_http(warm):
    status, headers, body = ask(warm.port, "/nom/")
    status_of_head, same, nothing = ask(warm.port, "/nom/", "HEAD")
    assert (status, status_of_head, nothing) == (200, 200, b"")
    assert int(same["content-length"]) == int(headers["content-length"]) == len(body)
    status, _headers, nothing = ask(warm.port, "/nom/", If_None_Match=headers["etag"])
    assert (status, nothing) == (304, b"")
    assert ask(warm.port, "/nom/", Host="evil.example")[0] == 400
    assert ask(warm.port, "/nom/", Accept_Encoding="br")[0] == 200


def test_commit_is_seen_by_every_process_within_the_bound(started):
    folder, lease, environment = started
    server = Server(folder / "postgres", lease, 0, folder)
    settings = environment | {"POLE_FRESHNESS_MS": str(int(1000 * FRESHNESS_SECONDS))}
    with serving.served(SERVED, settings, workers=2) as port, ThreadPoolExecutor(8) as visitors:
        processes: set[str] = set()
        for number in range(40):
            name = f"Le pôle {number}"
            rename(server, name)
            time.sleep(FRESHNESS_SECONDS)
            seen = list(visitors.map(lambda _: ask(port, "/nom/"), range(16)))
            assert {body.decode() for _status, _headers, body in seen} == {name}
            processes |= {headers["x-process"] for _status, headers, _body in seen}
        assert len(processes) == 2


def test_nothing_is_kept_where_the_settings_say_so(started):
    _folder, _lease, environment = started
    with serving.served(SERVED, environment | {"POLE_KEPT_MIB": "0"}, workers=1) as port:
        ask(port, "/nom/")
        # Django does not compress.
        assert "content-encoding" not in ask(port, "/nom/", Accept_Encoding="br")[1]
        assert ask(port, "/nom/")[1]["content-length"]


def test_frozen_database_leaves_what_was_seen_to_be_right(warm):
    rename(warm, "Avant le gel")
    time.sleep(0.1)
    seen_before = time.monotonic()
    assert ask(warm.port, "/nom/")[2].decode() == "Avant le gel"
    assert ask(warm.port, "/nom-du-jour/")[2].decode() == "Avant le gel"
    seen_at = time.monotonic()
    with warm.frozen():
        # What was read before it froze is no longer enough.
        time.sleep(5 * FRESHNESS_SECONDS)
        first = warm.get("/nom/")
        answers = [ask(warm.port, "/nom/") for _ in range(20)]
        status_of_other, seconds, _headers = warm.get("/nom-du-jour/")
        health = warm.get("/healthz")
        asked_at = time.monotonic()
        aged = ask(warm.port, "/nom/")
        answered_at = time.monotonic()
        unchanged = ask(warm.port, "/nom/", If_None_Match=aged[1]["etag"])
    assert first[0] == 200
    assert first[1] < 2
    assert {(status, body.decode()) for status, _headers, body in answers} == {(200, "Avant le gel")}
    assert all("age" in headers for _status, headers, _body in answers)
    assert asked_at - seen_at - 1 <= int(aged[1]["age"]) <= answered_at - seen_before + 1
    assert (unchanged[0], "age" in unchanged[1]) == (304, True)
    # Made without `when_away`.
    assert status_of_other == 503
    assert seconds < 8
    assert (health[0], health[1] < 3) == (200, True)
    warm.wait_until_back()
    assert "Traceback" not in warm.log.read_text(errors="replace")


def test_killed_database_leaves_what_was_seen_to_be_right_and_comes_back(warm):
    warm.kill()
    # What was read just before it died is still enough.
    time.sleep(5 * FRESHNESS_SECONDS)
    try:
        for _time in range(3):
            status, seconds, headers = warm.get("/nom/")
            assert (status, "age" in headers) == (200, True)
            assert seconds < 2
        assert warm.get("/nom-du-jour/")[0] == 503
    finally:
        warm.lease.restart_if_dead()
    warm.wait_until_back()
    rename(warm, "Après")
    time.sleep(0.1)
    status, headers, body = ask(warm.port, "/nom/")
    assert (status, "age" in headers, body.decode()) == (200, False, "Après")


def test_sessions_that_the_server_ends_are_made_again(warm):
    warm.end_sessions()
    for path in ("/nom/", "/nom-du-jour/"):
        status, _seconds, headers = warm.get(path)
        assert (status, "age" in headers) == (200, False)


def test_lock_on_the_versions_makes_nobody_wait_long_nor_shows_anything_old(warm):
    at = warm.lease.address
    with psycopg.connect(host=at.host, port=at.port, user=at.user, dbname=at.database) as other:
        other.execute("LOCK TABLE pole_contentversion IN ACCESS EXCLUSIVE MODE")
        time.sleep(5 * FRESHNESS_SECONDS)
        status, seconds, headers = warm.get("/nom/")
        assert (status, "age" in headers) == (409, False)
        assert seconds < 8
        other.rollback()
    assert warm.get("/nom/")[0] == 200
