"""What strangers can write into the log, by the real server: counted, never a traceback, nor a line of their own."""

from __future__ import annotations

import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connection

from pole.server.logs import LineFormatter, RepetitionFilter
from tests.bench import serving
from tests.waiting import free_port

# As many of each kind as the environment says: 1,000 of each takes minutes.
TIMES = int(os.environ.get("POLE_TEST_REFUSED", "40"))
FORGED = "evil.example\x1b[31m2026-01-01 ERROR forged"
POST = "POST /compte/connexion/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
LARGE = "x=" + "a" * 3_000_000
FIELDS = "&".join(f"a{n}=1" for n in range(1200))

# (what is sent, the statuses that may answer it; none: the client leaves)
KINDS: dict[str, tuple[str, set[int]]] = {
    "forged host": (f"GET / HTTP/1.1\r\nHost: {'evil' * 60}.example\r\n\r\n", {400}),
    "host with an escape sequence": (f"GET / HTTP/1.1\r\nHost: {FORGED}\r\n\r\n", {400}),
    "two dots in the host": ("GET /nouvelles/ HTTP/1.1\r\nHost: a..b:99999\r\n\r\n", {400}),
    "no token": (f"{POST}Content-Length: 3\r\n\r\na=1", {403, 405, 404}),
    "foreign origin": (f"{POST}Origin: https://evil.example\r\nContent-Length: 3\r\n\r\na=1", {403, 404}),
    "body too large": (f"{POST}Cookie: csrftoken=a\r\nContent-Length: {len(LARGE)}\r\n\r\n{LARGE}", {400, 403, 413}),
    "too many fields": (f"{POST}Cookie: csrftoken=a\r\nContent-Length: {len(FIELDS)}\r\n\r\n{FIELDS}", {400, 403}),
    "forged session": ("GET /compte/ HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid=%0aERROR\r\n\r\n", {302, 404, 200}),
    "not found": ("GET /%0aERROR%1b[31m/rien HTTP/1.1\r\nHost: localhost\r\n\r\n", {404}),
    "invalid encoding": ("GET /%ff%fe/%80?%ff=%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", {404, 400}),
    "null in a parameter": ("GET /recherche/?q=%00%0aERROR HTTP/1.1\r\nHost: localhost\r\n\r\n", {200, 400, 404}),
    "not HTTP": ("\x16\x03\x01ERROR\r\n\r\n", {400}),
    "client gone before the end": (f"{POST}Cookie: csrftoken=a\r\nContent-Length: 90000\r\n\r\na=1", set()),
    "client gone before the answer": ("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", set()),
}  # fmt: skip


@dataclass
class Server:
    port: int
    log: Path

    def send(self, request: str, *, waits: bool) -> int:
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as client:
            with suppress(BrokenPipeError, ConnectionResetError):
                client.sendall(request.encode("latin-1"))
            if not waits:
                return 0
            try:
                found = re.match(rb"HTTP/1.1 (\d+)", client.recv(200))
            except ConnectionResetError:
                return 413
            return int(found[1]) if found else 400

    def lines(self) -> list[str]:
        return self.log.read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def server(tmp_path_factory, django_db_setup, django_db_blocker) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("logs") / "server.log"
    port = free_port()
    at = connection.settings_dict
    url = f"postgres://{at['USER']}:{at['PASSWORD']}@:{at['PORT']}/{at['NAME']}?host={at['HOST']}"
    environment = os.environ | {"DATABASE_URL": url}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *serving.granian(serving.PORTAL, port, workers=1)],
            cwd=serving.ROOT, env=environment, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        serving.wait_until_it_answers(port, process)
        yield Server(port, log)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.parametrize("kind", KINDS)
def test_what_strangers_send_is_counted(server, kind):
    request, statuses = KINDS[kind]
    before = len(server.lines())
    found = {server.send(request, waits=bool(statuses)) for _ in range(TIMES)}
    assert found <= (statuses or {0})
    # What the server still had to say of them.
    assert serving.get(server.port, "/healthz")[0] == 200
    time.sleep(0.3)
    new = server.lines()[before:]
    assert len(new) <= 3, new[:10]
    for line in new:
        assert "Traceback" not in line
        assert len(line) < 400
        assert re.match(r"\d{4}-\d\d-\d\d [\d:,]+ WARNING ", line), line
        assert line.isprintable()


@pytest.fixture
def log():
    """A logger with the handler of the settings, whose minute lasts three seconds, and its lines."""
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler = Kept()
    handler.addFilter(RepetitionFilter(3))
    handler.setFormatter(LineFormatter("%(levelname)s %(message)s"))
    loggers = [logging.getLogger(name) for name in ("tests.logs", "django.security.Tested")]
    for logger in loggers:
        logger.addHandler(handler)
        logger.propagate = False
    yield *loggers, lines
    for logger in loggers:
        logger.removeHandler(handler)
        logger.propagate = True


def fail(text: str) -> None:
    raise ValueError(text)


def failing(logger: logging.Logger, text: str, times: int = 1) -> None:
    for _ in range(times):
        try:
            fail(text)
        except ValueError:
            logger.exception("Broken")


def test_error_is_written_once_a_minute_with_its_count(log):
    logger, _refused, lines = log
    failing(logger, "a", 100)
    assert len(lines) == 1
    assert "ValueError: a" in lines[0]
    deadline = time.monotonic() + 30
    counted = "ERROR ValueError, 99 more of these within a minute"
    # A test before may have left a count of its own to be said.
    while counted not in lines and time.monotonic() < deadline:
        time.sleep(0.02)
    assert lines.count(counted) == 1


def test_another_error_is_written_at_once(log):
    logger, _refused, lines = log
    failing(logger, "a")
    try:
        raise KeyError("b")
    except KeyError:
        logger.exception("Broken")
    assert [line.splitlines()[-1].strip() for line in lines] == ["ValueError: a", "KeyError: 'b'"]


def test_refused_request_is_a_warning_without_its_traceback(log):
    _logger, refused, lines = log
    try:
        fail("a")
    except ValueError as error:
        for _ in range(100):
            refused.error("Invalid host: %s", "e\n\x1b[31m" * 500, exc_info=error)
    assert len(lines) == 1
    assert lines[0].startswith(r"WARNING Invalid host: e\n\x1b[31me")
    assert lines[0].isprintable()
    assert len(lines[0]) < 140


@pytest.mark.parametrize("text", ["a\nERROR forged", "\x1b[2J", "a\rERROR", "\x85\u2028ERROR", "\u202eERROR"])
def test_no_text_passes_for_a_record(log, text):
    logger, _refused, lines = log
    logger.warning("Read %s", text)
    failing(logger, text)
    assert lines[0].isprintable()
    for line in lines[1].splitlines()[1:]:
        assert line.startswith("  ")
        assert line.isprintable()


def test_secret_in_an_error_is_masked(log):
    logger, _refused, lines = log
    failing(logger, "bad address /vote/lien/SECRET-OF-SOMEONE")
    assert "SECRET-OF-SOMEONE" not in lines[0]
