"""Without a proxy, slow clients hold some of the threads at most.

granian reads a body in the thread of its request, for as long as the client likes, and nothing ends such a read from outside.
Where nginx is in front, it has the whole body before the portal hears of it, and this module is not used.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

type Environ = dict[str, Any]
type StartResponse = Callable[..., Any]
type Application = Callable[[Environ, StartResponse], Iterable[bytes]]

# Threads that never read a body: one may wait for its turn to, and one is for whoever sends nothing.
KEPT_THREADS = 2
TURN_SECONDS = 1.0
CROWDED = (
    "Trop d’envois sont en cours : rien n’a été fait. Réessayez dans un instant.\n"
    "Too much is being sent at once: nothing was done. Try again in a moment.\n"
)


class NoTurnError(OSError):
    """For Django, a client that is gone."""


class Turns:
    """To read a body: fewer at once than there are threads."""

    def __init__(self, threads: int) -> None:
        self._free = threading.BoundedSemaphore(max(1, threads - KEPT_THREADS))
        self._next = threading.BoundedSemaphore(1)

    @contextmanager
    def one(self) -> Iterator[None]:
        if not self._free.acquire(blocking=False):
            self._wait()
        try:
            yield
        finally:
            self._free.release()

    def _wait(self) -> None:
        if not self._next.acquire(blocking=False):
            raise NoTurnError
        try:
            if not self._free.acquire(timeout=TURN_SECONDS):
                raise NoTurnError
        finally:
            self._next.release()


class BodyInTurn:
    """`wsgi.input`, for Django, which never asks for more than the request announces."""

    def __init__(self, body: Any, turns: Turns) -> None:
        self._body, self._turns = body, turns
        self.is_refused = False

    def read(self, size: int) -> bytes:
        return self._in_turn(self._body.read, size)

    def readline(self, size: int) -> bytes:
        return self._in_turn(self._body.readline, size)

    def _in_turn(self, read: Callable[[int], bytes], size: int) -> bytes:
        try:
            with self._turns.one():
                return read(size)
        except NoTurnError:
            self.is_refused = True
            raise


def in_turn(application: Application, threads: int) -> Application:
    """The application of a process that has so many threads, with bodies that are read in turn."""
    turns = Turns(threads)

    def guarded(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        environ["wsgi.input"] = body = BodyInTurn(environ["wsgi.input"], turns)

        def start(*arguments: Any) -> Any:
            if body.is_refused:
                return start_plain(start_response, "503 Service Unavailable", CROWDED)
            return start_response(*arguments)

        answer = application(environ, start)
        if not body.is_refused:
            return answer
        if close := getattr(answer, "close", None):
            close()
        return [CROWDED.encode()]

    return guarded


def start_plain(start_response: StartResponse, status: str, text: str) -> Any:
    """What is left unread of the request is not the next one: the connection ends."""
    headers = {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": str(len(text.encode())),
        "Cache-Control": "no-store",
        "Retry-After": "5",
        "X-Content-Type-Options": "nosniff",
        "Connection": "close",
    }
    return start_response(status, list(headers.items()))
