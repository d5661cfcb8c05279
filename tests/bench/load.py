"""An HTTP client that keeps many connections busy, in a process and a thread of its own.

`python -m tests.bench.load --port 8000 --connections 16 --seconds 3 /billets/` writes one line of JSON: see
`Measure`. It reads no more of HTTP/1.1 than the servers measured here write: a length, or chunks.
"""

from __future__ import annotations

import argparse
import json
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import cycle
from pathlib import Path

READ_BYTES = 262_144
GRACE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Measure:
    """What was seen between the end of the warm-up and the end."""

    requests: int
    seconds: float
    # In milliseconds, one a request, in the order of completion.
    latencies_ms: list[float]
    statuses: dict[str, int]
    # Of the last answer.
    body_bytes: int

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


def measure(
    port: int,
    paths: Sequence[str],
    *,
    connections: int,
    seconds: float,
    warm: float = 0.5,
    headers: Mapping[str, str] | None = None,
    requests: Path | None = None,
) -> Measure:
    """Ask for the paths in turn, again and again, from another process.

    Instead of paths, `requests` may name a file of whole requests, a JSON list of texts, of which each
    is sent once; the measure ends with the last one if that is sooner.
    """
    command = [sys.executable, "-m", "tests.bench.load", f"--port={port}", f"--connections={connections}"]
    command += [f"--seconds={seconds}", f"--warm={warm}"]
    command += [f"--header={name}: {value}" for name, value in (headers or {}).items()]
    command += [f"--requests={requests}"] if requests else []
    done = subprocess.run([*command, *paths], stdout=subprocess.PIPE, check=True, text=True)
    return Measure(**json.loads(done.stdout))


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    sent_at: float = 0.0
    received: bytearray = field(default_factory=bytearray)


class _Answer(Exception):
    """The server closed a connection, or wrote what is not understood here."""


def answer_size(received: bytes | bytearray) -> tuple[int, int] | None:
    """The lengths of the head and of the body of a whole answer; None while some of it is missing."""
    head_end = received.find(b"\r\n\r\n")
    if head_end < 0:
        return None
    head_end += 4
    head = bytes(received[:head_end]).lower()
    found = head.find(b"\r\ncontent-length:")
    if found >= 0:
        body = int(head[found + 17 : head.index(b"\r\n", found + 2)])
        return (head_end, body) if len(received) >= head_end + body else None
    if head[9:12] in {b"204", b"304"}:
        return head_end, 0
    if b"\r\ntransfer-encoding: chunked" not in head:
        raise _Answer(f"neither a length nor chunks: {head[:200]!r}")
    return (head_end, len(received) - head_end) if received.endswith(b"0\r\n\r\n") else None


def gets(port: int, paths: Sequence[str], headers: Sequence[str]) -> Iterator[bytes]:
    """Requests for the paths, without an end."""
    lines = "".join(f"{header}\r\n" for header in (f"Host: localhost:{port}", "Accept: text/html", *headers))
    return cycle([f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode() for path in paths])


def run(port: int, requests: Iterator[bytes], connections: int, warm: float, seconds: float) -> Measure:
    selector = selectors.DefaultSelector()
    for _number in range(connections):
        opened = socket.create_connection(("127.0.0.1", port), timeout=GRACE_SECONDS)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = _Connection(opened)
        selector.register(opened, selectors.EVENT_READ, connection)
        _send(connection, next(requests))
    start = time.perf_counter() + warm
    end = start + seconds
    latencies: list[float] = []
    statuses: dict[str, int] = {}
    body_bytes = 0
    while (now := time.perf_counter()) < end and selector.get_map():
        ready = selector.select(timeout=GRACE_SECONDS)
        if not ready:
            raise _Answer(f"no answer in {GRACE_SECONDS} s")
        for key, _events in ready:
            connection = key.data
            size = _receive(connection)
            if size is None:
                continue
            now = time.perf_counter()
            if start <= now <= end:
                latencies.append(1000 * (now - connection.sent_at))
                status = connection.received[9:12].decode()
                statuses[status] = statuses.get(status, 0) + 1
                body_bytes = size[1]
            connection.received.clear()
            if request := next(requests, None):
                _send(connection, request)
            else:
                selector.unregister(connection.socket)
    return Measure(
        len(latencies),
        min(seconds, time.perf_counter() - start),
        [round(each, 3) for each in latencies],
        statuses,
        body_bytes,
    )


def _send(connection: _Connection, request: bytes) -> None:
    connection.sent_at = time.perf_counter()
    connection.socket.sendall(request)


# One for all: to allocate as much for each answer would cost more than to read it.
_buffer = memoryview(bytearray(READ_BYTES))


def _receive(connection: _Connection) -> tuple[int, int] | None:
    length = connection.socket.recv_into(_buffer)
    if not length:
        raise _Answer("the server closed a connection")
    connection.received += _buffer[:length]
    return answer_size(connection.received)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--warm", type=float, default=0.5)
    parser.add_argument("--header", action="append", default=[])
    parser.add_argument("--requests", type=Path)
    parser.add_argument("paths", nargs="*")
    given = parser.parse_args()
    requests = gets(given.port, given.paths, given.header)
    if given.requests:
        requests = iter([request.encode() for request in json.loads(given.requests.read_text())])
    measured = run(given.port, requests, given.connections, given.warm, given.seconds)
    print(json.dumps(asdict(measured)))


if __name__ == "__main__":
    main()
