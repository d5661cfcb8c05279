"""The web servers that the bench measures, on free ports of the loopback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tests.waiting import free_port

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 60
STOP_SECONDS = 10
BLOCKING_THREADS = 5

PORTAL, BARE, FLOOR = "pole.wsgi:application", "tests.bench.bare:application", "tests.bench.floor:application"


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def granian(application: str, port: int, *, workers: int, threads: int = BLOCKING_THREADS) -> list[str]:
    words = f"granian --interface wsgi --host 127.0.0.1 --port {port} --log-level error"
    words += f" --workers {workers} --blocking-threads {threads} --workers-kill-timeout 5 {application}"
    return words.split()


def gunicorn(application: str, port: int, *, workers: int, threads: int = BLOCKING_THREADS) -> list[str]:
    words = f"gunicorn --bind 127.0.0.1:{port} --log-level error --keep-alive 60 --worker-class gthread"
    return f"{words} --workers {workers} --threads {threads} {application}".split()


@contextmanager
def served(
    application: str, environment: Mapping[str, str], *, program=granian, log=None, **sizes: int
) -> Iterator[int]:
    """Serve the application until the end of the block, whose value is the port."""
    with served_process(application, environment, program=program, log=log, **sizes) as (port, _process):
        yield port


@contextmanager
def served_process(
    application: str, environment: Mapping[str, str], *, program=granian, log=None, **sizes: int
) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """As `served`; the value is the port, and the process that leads the group of all others."""
    port = free_port()
    sizes.setdefault("workers", cores())
    process = subprocess.Popen(
        [sys.executable, "-m", *program(application, port, **sizes)],
        cwd=ROOT,
        env={**os.environ, **environment, "PORT": str(port)},
        start_new_session=True,
        stdout=log,
        stderr=log,
    )
    try:
        wait_until_it_answers(port, process)
        yield port, process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        # Whatever it may have left behind.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def get(port: int, path: str) -> tuple[int, dict[str, str], bytes]:
    """The status, the headers in lower case, and the body."""
    connection = HTTPConnection("127.0.0.1", port, timeout=READY_SECONDS)
    try:
        connection.request("GET", path, headers={"Host": f"localhost:{port}", "Accept": "text/html"})
        answer = connection.getresponse()
        body = answer.read()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body
    finally:
        connection.close()


def wait_until_it_answers(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server stopped with code {process.returncode}: {process.args!r}")
        with suppress(OSError, HTTPException):
            get(port, "/healthz")
            return
        time.sleep(0.05)
    raise RuntimeError(f"no answer in {READY_SECONDS} s: {process.args!r}")
