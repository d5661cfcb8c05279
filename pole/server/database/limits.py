"""How long a web request waits for the database, and what happens once the database stops answering.

Only in a process that serves pages (`pole.wsgi` calls `serve_pages`): commands and the worker wait as long as
it takes. A server that is frozen, or behind a network that drops packets, sends nothing and closes nothing, and
its kernel goes on acknowledging: neither its own timeouts nor TCP's notice. So each wait has a deadline here,
after which the connection is closed. Two failures in a row, and requests are refused at once for some seconds;
then one of them tries again.

At most `WEB_THREADS - 1` requests use the database at a time: a thread remains for `/healthz` and static files.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any

import psycopg
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import DatabaseError, OperationalError, connection

# Seconds. A page that fails must be answered within five.
DEADLINE = 4.0
CONNECT_TIMEOUT = 3
# Requests are refused that long before one of them tries again.
OPEN_SECONDS = 2.0
FAILURES_TO_OPEN = 2
# Nothing was answered for so long, and every place is taken: who comes next is not made to wait.
STALL = 0.5
# What the server itself bounds, for these connections. Longer than DEADLINE for statements, so that it ends those
# that were left; shorter for locks, so that people are told that someone else is writing.
SERVER_LIMITS = (
    "-c statement_timeout=10s -c lock_timeout=3s -c idle_in_transaction_session_timeout=60s"
    " -c client_connection_check_interval=2s"
)
# How long the acts that `longer` marks may take, and how many run at a time in a process.
LONGER_SECONDS = 30

_log = logging.getLogger(__name__)


class Unavailable(psycopg.OperationalError):
    """The database doesn't answer, or is known not to. Django makes an OperationalError of it."""


class NoPlace(Unavailable):
    """Nothing was asked, so this says nothing of the database."""


class _Thread(threading.local):
    deadline = DEADLINE
    in_request = False
    has_place = False
    was_cut = False
    is_brief = False


class Breaker:
    """Counts the failures in a row; refuses at once after two of them, but for one trial every few seconds."""

    def __init__(self) -> None:
        self.failures = 0
        self._retry_at = 0.0
        self._lock = threading.Lock()

    def check(self) -> None:
        if self.failures < FAILURES_TO_OPEN:
            return
        with self._lock:
            now = monotonic()
            if now < self._retry_at:
                raise Unavailable("the database did not answer a moment ago")
            # Whoever passes tries for all: the others wait for what becomes of it.
            self._retry_at = now + DEADLINE + CONNECT_TIMEOUT

    def failed(self, reason: str) -> None:
        with self._lock:
            self.failures += 1
            self._retry_at = monotonic() + OPEN_SECONDS
            if self.failures < FAILURES_TO_OPEN:
                _log.warning("database: %s", reason)
            elif self.failures == FAILURES_TO_OPEN:
                _log.error("database: %s; requests are refused until it answers", reason)

    def answered(self) -> None:
        with self._lock:
            if self.failures >= FAILURES_TO_OPEN:
                _log.warning("database: it answers again")
            self.failures = 0


class Limits:
    """Of this process."""

    def __init__(self, threads: int) -> None:
        self.size = max(1, threads - 1)
        self.places = threading.Semaphore(self.size)
        self.longer_places = threading.Semaphore(max(1, threads - 2))
        self.breaker = Breaker()
        self.progress_at = self.answered_at = 0.0
        # Threads that are waiting for the server now.
        self.waiting: set[int] = set()

    def enter(self) -> None:
        """Before each wait; only the first of a request does anything."""
        if _thread.has_place or not _thread.in_request:
            return
        if _thread.was_cut:
            raise Unavailable("the database did not answer this request")
        self.breaker.check()
        while not self.places.acquire(blocking=False):
            if len(self.waiting) >= self.size and monotonic() - self.progress_at > STALL:
                raise Unavailable("every place for the database is taken by a request that waits")
            if self.places.acquire(timeout=STALL / 10):
                break
        self.progress_at = monotonic()
        _thread.has_place = True

    def answered(self) -> None:
        self.progress_at = self.answered_at = monotonic()
        if self.breaker.failures:
            self.breaker.answered()

    def enter_if_free(self) -> None:
        """A place for the block of `brief`, which waits for none."""
        if not _thread.has_place:
            if not self.places.acquire(blocking=False):
                raise NoPlace("every place for the database is taken")
            _thread.has_place = True

    def cut(self, *, began_at: float) -> None:
        """A wait that began then was cut. It says nothing of a server that answered someone meanwhile: this statement
        alone is slow, and whoever found such a page must not close the portal to everyone."""
        if self.answered_at > began_at:
            _log.warning("database: a statement took more than %g s", _thread.deadline)
        else:
            self.breaker.failed(f"no answer within {_thread.deadline:g} s")
        _thread.was_cut = True
        self.leave()

    def leave(self) -> None:
        if _thread.has_place:
            _thread.has_place = False
            self.places.release()


class BoundedConnection(psycopg.Connection[Any]):
    """A connection of a process that serves pages: no wait of it outlasts the deadline."""

    def wait(self, gen: Any, *arguments: Any, **keywords: Any) -> Any:
        limits = _limits
        if limits is None or arguments or keywords:
            return super().wait(gen, *arguments, **keywords)
        limits.enter()
        me = threading.get_ident()
        limits.waiting.add(me)
        began_at = monotonic()
        try:
            result = super().wait(gen, timeout=_thread.deadline)
        except psycopg.errors._WaitTimeout:  # noqa: SLF001 - documented as what callers of wait convert
            self.pgconn.finish()
            limits.cut(began_at=began_at)
            raise Unavailable("the database did not answer in time") from None
        finally:
            limits.waiting.discard(me)
        limits.answered()
        return result


_thread = _Thread()
_limits: Limits | None = None


def serve_pages() -> None:
    """From now on this process serves pages."""
    global _limits  # noqa: PLW0603 - a process serves pages, or does not
    _limits = Limits(settings.WEB_THREADS)
    request_started.connect(_begin_request)
    request_finished.connect(_end_request)


def _begin_request(**_of_the_signal: object) -> None:
    # A former request of this thread may have been abandoned.
    _end_request()
    _thread.in_request = True


def _end_request(**_of_the_signal: object) -> None:
    if _limits:
        _limits.leave()
    _thread.in_request = _thread.was_cut = False


def connect(parameters: dict[str, Any]) -> psycopg.Connection[Any]:
    """As `psycopg.connect`; bounded in a process that serves pages."""
    limits = _limits
    if limits is None:
        return psycopg.connect(**parameters)
    if _thread.is_brief:
        limits.enter_if_free()
    else:
        limits.enter()
    given = f"{SERVER_LIMITS} {parameters.get('options', '')}"
    timeout = min(int(parameters.get("connect_timeout") or CONNECT_TIMEOUT), CONNECT_TIMEOUT)
    me = threading.get_ident()
    limits.waiting.add(me)
    try:
        made = BoundedConnection.connect(**parameters | {"options": given, "connect_timeout": timeout})
    except psycopg.OperationalError as error:
        limits.breaker.failed(" ".join(str(error).split()))
        _thread.was_cut = True
        limits.leave()
        # Its traceback holds the half-open connection in a cycle, which only a garbage collection would close.
        raise Unavailable(str(error)) from error.with_traceback(None)
    finally:
        limits.waiting.discard(me)
    limits.answered()
    return made


@contextmanager
def brief(seconds: float) -> Iterator[None]:
    """For a statement outside of any request: no answer is waited for longer than `seconds`, which takes no place.

    Connecting takes one, as it may last `CONNECT_TIMEOUT`. Raises `Unavailable` at once when the database is known to
    be away, `NoPlace` where connecting would wait for a place.
    """
    limits = _limits
    if limits is None:
        yield
        return
    limits.breaker.check()
    _thread.deadline, _thread.is_brief = seconds, True
    try:
        yield
    finally:
        limits.leave()
        _thread.deadline, _thread.is_brief, _thread.was_cut = DEADLINE, False, False


@contextmanager
def longer(seconds: int = LONGER_SECONDS) -> Iterator[None]:
    """For an act whose statements may rightly take long, or wait for a lock: a few at a time in a process."""
    limits = _limits
    if limits is None or _thread.deadline != DEADLINE:
        yield
        return
    if not limits.longer_places.acquire(timeout=STALL):
        raise DatabaseBusy("too many long operations at once")
    try:
        _set_server_limits(f"SET statement_timeout = '{seconds}s'; SET lock_timeout = '{seconds}s'")
        _thread.deadline = seconds + DEADLINE
        yield
    finally:
        _thread.deadline = DEADLINE
        limits.longer_places.release()
        # In a transaction that failed this is refused; its rollback undoes the first one.
        with suppress(DatabaseError):
            if not connection.needs_rollback:
                _set_server_limits("RESET statement_timeout; RESET lock_timeout")


class DatabaseBusy(OperationalError):
    """Nothing was tried: other long operations are under way."""


def _set_server_limits(statements: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statements)


class UnavailableFilter(logging.Filter):
    """Drops the traceback of each request refused because the database is away: `Breaker` says it once."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(getattr(error, "__cause__", None), Unavailable)
