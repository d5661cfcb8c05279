"""How many functions, Python's and C's, run while the portal makes a page: no noise of the machine moves that number."""

from __future__ import annotations

import gc
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import DEFAULT_DB_ALIAS, close_old_connections, connection, connections, reset_queries
from django.dispatch import Signal
from django.test import RequestFactory
from django.test.signals import template_rendered
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from pole.caching.public_pages import FRAME

_handlers: list[WSGIHandler] = []
_thread = ThreadPoolExecutor(max_workers=1)


def calls_to_make(
    address: str, *, is_changed: bool = False, by_file: Counter[str] | None = None, **headers: str
) -> int:
    """Calls of a warm process for a visitor's GET: what it costs to make the page, which no kept answer spares.

    `is_changed`: something that the page reads, not its frame, has changed since it was last made. `by_file`: calls
    from each file.
    """
    for _time in range(2):
        answer(address, **headers)
    if is_changed:
        _raise_versions_of(address)
    return _counted(_environment(address, headers), by_file)[0]


def calls_to_answer(*environments: dict[str, Any]) -> tuple[int, int]:
    """(calls, status) of the last request, once the others have warmed the process."""
    *first, last = environments
    for environment in first:
        _answer(environment)
    calls, (status, _body) = _counted(last)
    return calls, status


def _counted(
    environment: dict[str, Any], by_file: Counter[str] | None = None
) -> tuple[int, tuple[int, bytes]]:
    calls = 0

    def count(frame: Any, event: str, _argument: Any) -> None:
        nonlocal calls
        if event in {"call", "c_call"}:
            calls += 1
            if by_file is not None:
                by_file[frame.f_code.co_filename.rpartition("site-packages/")[2]] += 1

    def answer_counted() -> tuple[int, bytes]:
        sys.setprofile(count)
        try:
            return _ask(environment)
        finally:
            sys.setprofile(None)

    # What other tests left is collected before: finalizers and callbacks of the collector are functions too.
    gc.collect()
    gc.disable()
    try:
        with _unheard(template_rendered):
            answered = _in_thread_that_serves(answer_counted)
    finally:
        gc.enable()
    return calls, answered


@contextmanager
def _unheard(signal: Signal) -> Iterator[None]:
    """What notes each template that the suite renders (`tests/touched.py`) is no cost of the page."""
    listeners, signal.receivers = signal.receivers, []
    signal.sender_receivers_cache.clear()
    try:
        yield
    finally:
        signal.receivers = listeners
        signal.sender_receivers_cache.clear()


def statements_to_make(address: str, *, is_changed: bool = False, **headers: str) -> list[str]:
    """The SQL of the same request."""
    for _time in range(2):
        answer(address, **headers)
    if is_changed:
        _raise_versions_of(address)
    with CaptureQueriesContext(connection) as captured:
        answer(address, **headers)
    return [each["sql"] for each in captured.captured_queries]


def answer(address: str, **headers: str) -> tuple[int, bytes]:
    """(status, body) of a GET, straight from Django."""
    return _answer(_environment(address, headers))


def environment_of(request: str) -> dict[str, Any]:
    """Of a whole request as a socket reads it, with its body, for the host of tests."""
    head, _end, body = request.partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    method, path, _version = first.split()
    headers = dict(line.split(": ", 1) for line in lines) | {"Host": "testserver"}
    of_body = {"content_type": headers.pop("Content-Type"), "data": body}
    del headers["Content-Length"]
    return dict(RequestFactory(headers=headers).generic(method, path, **of_body).environ)


def _environment(address: str, headers: dict[str, str]) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    environment = RequestFactory(headers=named).get(address).environ
    # As a socket is read; Django reads none of it for a GET.
    return dict(environment)


def _answer(environment: dict[str, Any]) -> tuple[int, bytes]:
    return _in_thread_that_serves(lambda: _ask(environment))


def _ask(environment: dict[str, Any]) -> tuple[int, bytes]:
    if not _handlers:
        _handlers.append(WSGIHandler())
    statuses: list[str] = []
    response = _handlers[0](environment, lambda status, _headers: statuses.append(status))
    body = b"".join(response)
    response.close()
    return int(statuses[0].split()[0]), body


def _in_thread_that_serves[Found](work: Callable[[], Found]) -> Found:
    """A thread of its own: one where a test had a browser runs an event loop, in which Django seeks what it keeps otherwise.

    The test's connection stays, as with Django's own test client; a process that serves keeps its own too.
    """
    own = connections[DEFAULT_DB_ALIAS]

    def with_the_tests_connection() -> Found:
        connections[DEFAULT_DB_ALIAS] = own
        return work()

    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    request_started.disconnect(reset_queries)
    own.inc_thread_sharing()
    try:
        return _thread.submit(with_the_tests_connection).result()
    finally:
        own.dec_thread_sharing()
        request_started.connect(reset_queries)
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


def _raise_versions_of(address: str) -> None:
    view = resolve(urlsplit(address).path).func
    scopes = [scope for scope in getattr(view, "scopes", ()) if scope not in FRAME]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pole_contentversion SET number = number + 1 WHERE scope = ANY(%s)", [scopes])
