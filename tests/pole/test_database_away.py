"""The database freezes, goes away and comes back, under a real web server: pages say so soon, and come back alone."""

from __future__ import annotations

import os
import signal
import socket
import struct
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import psycopg
import pytest

from pole.server import embedded_postgres
from pole.server.database import limits
from tests.bench import serving
from tests.shared import copy_of, migrate_server
from tests.waiting import wait_for

# Generous: the deadline is 4 s, and the machine may be busy.
PAGE_SECONDS = 4.9 if os.environ.get("POLE_SOAK") else 8
HEALTH_SECONDS = 1 if os.environ.get("POLE_SOAK") else 3
VISITORS = 200 if os.environ.get("POLE_SOAK") else 40
FROZEN_SECONDS = 30 if os.environ.get("POLE_SOAK") else 7

# Timers of its own do not fire in a PostgreSQL whose clock is set ahead by libfaketime.
pytestmark = pytest.mark.any_hour("freezes, kills and locks real servers and waits for them")


class Server:
    """A PostgreSQL of these tests alone, and the portal served from it."""

    def __init__(self, data_dir: Path, lease, port: int, log: Path) -> None:
        self.data_dir, self.lease, self.port, self.log = data_dir, lease, port, log

    def processes(self) -> list[int]:
        """The postmaster first, then whatever it started."""
        main = int((self.data_dir / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        return [main, *map(int, children)]

    def signal(self, number: int) -> None:
        for process in self.processes():
            with suppress(ProcessLookupError):
                os.kill(process, number)

    @contextmanager
    def frozen(self):
        self.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.signal(signal.SIGCONT)

    def kill(self) -> None:
        everyone = self.processes()
        for process in everyone:
            os.kill(process, signal.SIGKILL)
        wait_for(
            lambda: (
                not any(
                    Path(f"/proc/{process}/cmdline").exists()
                    and Path(f"/proc/{process}/cmdline").read_bytes()
                    for process in everyone
                )
            )
        )

    def query(self, statement: str):
        at = self.lease.address
        with psycopg.connect(
            host=at.host, port=at.port, user=at.user, dbname=at.database, autocommit=True
        ) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def sessions(self) -> int:
        count: int = self.query(
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )[0][0]
        return count

    def end_sessions(self) -> None:
        self.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend'"
            " AND pid <> pg_backend_pid()"
        )
        wait_for(lambda: self.sessions() == 0)

    def get(self, path: str = "/"):
        """The status, seconds that it took, headers."""
        start = time.monotonic()
        status, headers, _body = serving.get(self.port, path)
        return status, time.monotonic() - start, headers

    def wait_until_back(self) -> float:
        start = time.monotonic()
        wait_for(lambda: self.get()[0] == 200)
        return time.monotonic() - start


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = copy_of("migrated", migrate_server, tmp_path_factory)
    data_dir, log = folder / "postgres", folder / "web.log"
    lease = embedded_postgres.acquire(data_dir, durable=False)
    environment = {"DATABASE_URL": lease.address.url, "POLE_VAR": str(folder), "POLE_FRESHNESS_MS": "0"}
    try:
        with (
            log.open("wb") as written,
            serving.served(serving.PORTAL, environment, workers=1, log=written) as port,
        ):
            yield Server(data_dir, lease, port, log)
    finally:
        lease.release()


@pytest.fixture
def warm(server):
    """Every thread has a connection."""
    server.wait_until_back()
    visitors = [Thread(target=lambda: [server.get() for _ in range(5)]) for _ in range(8)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    return server


class Network:
    """Between the portal and PostgreSQL, over TCP: passes everything, drops everything, or refuses as a server that starts."""

    STARTING = b"SFATAL\x00VFATAL\x00C57P03\x00Mthe database system is starting up\x00\x00"

    def __init__(self, socket_path: str) -> None:
        self.socket_path = socket_path
        self.passes, self.starting = Event(), Event()
        self.passes.set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _address = self.listener.accept()
                if self.starting.is_set():
                    client.recv(1000)
                    client.sendall(b"E" + struct.pack("!i", len(self.STARTING) + 4) + self.STARTING)
                    client.close()
                    continue
                server = socket.socket(socket.AF_UNIX)
                server.connect(self.socket_path)
                for one, other in ((client, server), (server, client)):
                    Thread(target=self.forward, args=(one, other), daemon=True).start()

    def forward(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                self.passes.wait()
                other.sendall(data)
        with suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)


class Visitors:
    """People who ask for a page again and again; what they were answered."""

    def __init__(self, server: Server) -> None:
        self.server, self.answers, self.over = server, [], Event()
        self.threads = [Thread(target=self.ask) for _ in range(VISITORS)]

    def ask(self) -> None:
        while not self.over.is_set():
            self.answers.append(self.server.get()[:2])
            # As one who reads the page that says to wait.
            self.over.wait(1)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error):
        self.over.set()
        for thread in self.threads:
            thread.join()


def test_frozen_database_holds_neither_pages_nor_health(warm):
    sessions = warm.sessions()
    with Visitors(warm) as visitors:
        wait_for(lambda: 200 in {status for status, _seconds in visitors.answers})
        with warm.frozen():
            frozen_at = time.monotonic()
            visitors.answers.clear()
            health = []
            while time.monotonic() < frozen_at + FROZEN_SECONDS:
                health.append(warm.get("/healthz")[:2])
                time.sleep(0.2)
            during = list(visitors.answers)
        seconds = warm.wait_until_back()
    assert {status for status, _seconds in health} == {200}
    assert max(seconds for _status, seconds in health) < HEALTH_SECONDS
    # Some were on their way when it froze.
    assert {status for status, _seconds in during} <= {200, 503}
    refused = [seconds for status, seconds in during if status == 503]
    assert len(refused) >= VISITORS
    assert max(refused) < PAGE_SECONDS
    print(
        f"frozen {FROZEN_SECONDS} s, {VISITORS} visitors: {len(refused)} refused, slowest {max(refused):.2f} s,"
        f" health {max(seconds for _s, seconds in health):.2f} s, back in {seconds:.2f} s"
    )
    wait_for(lambda: warm.sessions() <= max(sessions, serving.BLOCKING_THREADS))
    log = warm.log.read_text(errors="replace")
    assert log.count("requests are refused until it answers") >= 1
    assert "it answers again" in log
    assert "Traceback" not in log


def ended(server: Server) -> None:
    """Sessions ended by the server: a request opens another, and nobody is refused."""
    server.end_sessions()
    assert server.get()[0] == 200


def killed(server: Server) -> None:
    server.kill()
    for _ in range(6):
        status, seconds, headers = server.get()
        assert (status, "retry-after" in headers) == (503, True)
        assert seconds < PAGE_SECONDS
    assert server.get("/healthz")[0] == 200
    server.lease.restart_if_dead()


def full(server: Server) -> None:
    """Every session that the server allows is taken by others."""
    at = server.lease.address
    server.end_sessions()
    taken = []
    try:
        with suppress(psycopg.OperationalError):
            while True:
                taken.append(psycopg.connect(host=at.host, port=at.port, user=at.user, dbname=at.database))
        status, seconds, _headers = server.get()
        assert status == 503
        assert seconds < PAGE_SECONDS
        assert server.get("/healthz")[0] == 200
    finally:
        for connection in taken:
            connection.close()


def locked(server: Server) -> None:
    """Someone holds what each page reads: its reader is told before the deadline, and nothing is refused."""
    at = server.lease.address
    with psycopg.connect(host=at.host, port=at.port, user=at.user, dbname=at.database) as other:
        other.execute("LOCK TABLE pole_contentversion IN ACCESS EXCLUSIVE MODE")
        status, seconds, headers = server.get()
        assert (status, "retry-after" in headers) == (409, True)
        assert seconds < PAGE_SECONDS
        other.rollback()
    assert server.get()[0] == 200


@pytest.mark.parametrize("happen", [ended, killed, full, locked], ids=lambda happen: happen.__name__)
def test_database_that_goes_away_comes_back_without_a_restart(warm, happen):
    happen(warm)
    warm.wait_until_back()
    # Those that were closed end when the server sees it.
    wait_for(lambda: warm.sessions() <= serving.BLOCKING_THREADS)


def test_limits_are_those_of_pages_alone(warm):
    from django.db import connection

    assert limits._limits is None
    assert not isinstance(
        connection.get_new_connection(connection.get_connection_params()), limits.BoundedConnection
    )


@pytest.fixture(scope="module")
def distant(server):
    """(The network, the portal served through it.)"""
    at = server.lease.address
    network = Network(f"{at.host}/.s.PGSQL.{at.port}")
    environment = {
        "DATABASE_URL": f"postgres://{at.user}@127.0.0.1:{network.port}/{at.database}?sslmode=disable",
        "POLE_VAR": str(server.log.parent),
        "POLE_FRESHNESS_MS": "0",
    }
    log = server.log.with_name("distant.log")
    with (
        log.open("wb") as written,
        serving.served(serving.PORTAL, environment, workers=1, log=written) as port,
    ):
        yield network, Server(server.data_dir, server.lease, port, log)
    network.listener.close()


def test_network_that_drops_everything(distant):
    network, portal = distant
    portal.wait_until_back()
    network.passes.clear()
    try:
        for _ in range(5):
            status, seconds, headers = portal.get()
            assert (status, "retry-after" in headers) == (503, True)
            assert seconds < PAGE_SECONDS
            assert portal.get("/healthz")[0] == 200
        # Two were waited for: the others are refused at once.
        assert seconds < limits.CONNECT_TIMEOUT
    finally:
        network.passes.set()
    portal.wait_until_back()
    assert "Traceback" not in portal.log.read_text(errors="replace")


def test_server_that_is_starting(distant):
    network, portal = distant
    portal.wait_until_back()
    portal.end_sessions()
    network.starting.set()
    try:
        for _ in range(5):
            status, seconds, _headers = portal.get()
            assert status == 503
            assert seconds < PAGE_SECONDS
    finally:
        network.starting.clear()
    portal.wait_until_back()
