"""How many functions, Python's and C's, run while the portal makes a page: no noise of the machine moves that number."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, reset_queries
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from pole.caching.public_pages import FRAME

_handlers: list[WSGIHandler] = []


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
    calls = 0

    def count(frame: Any, event: str, _argument: Any) -> None:
        nonlocal calls
        if event in {"call", "c_call"}:
            calls += 1
            if by_file is not None:
                by_file[frame.f_code.co_filename.rpartition("site-packages/")[2]] += 1

    environment = _environment(address, headers)
    with _connection_of_the_test():
        sys.setprofile(count)
        try:
            _ask(environment)
        finally:
            sys.setprofile(None)
    return calls


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


def _environment(address: str, headers: dict[str, str]) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    environment = RequestFactory(headers=named).get(address).environ
    # As a socket is read; Django reads none of it for a GET.
    return dict(environment)


def _answer(environment: dict[str, Any]) -> tuple[int, bytes]:
    with _connection_of_the_test():
        return _ask(environment)


def _ask(environment: dict[str, Any]) -> tuple[int, bytes]:
    if not _handlers:
        _handlers.append(WSGIHandler())
    statuses: list[str] = []
    response = _handlers[0](environment, lambda status, _headers: statuses.append(status))
    body = b"".join(response)
    response.close()
    return int(statuses[0].split()[0]), body


@contextmanager
def _connection_of_the_test() -> Iterator[None]:
    """It stays, as with Django's own test client; a process that serves keeps its own too."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    request_started.disconnect(reset_queries)
    try:
        yield
    finally:
        request_started.connect(reset_queries)
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


def _raise_versions_of(address: str) -> None:
    view = resolve(urlsplit(address).path).func
    scopes = [scope for scope in getattr(view, "scopes", ()) if scope not in FRAME]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pole_contentversion SET number = number + 1 WHERE scope = ANY(%s)", [scopes])
