"""The content versions as a process last read them, on a connection of its own: one read for all who ask at the same time."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

import psycopg
from django.db import connection as request_connection
from psycopg.generators import execute
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

from pole.server.database import limits

# Seconds. Whoever waits longer for another's read asks Django.
LOCK_SECONDS = 0.25
# For the answer of a read; `/healthz` may wait as long, once, when the database freezes.
READ_SECONDS = 0.6
# Between the tries while the database is away.
RETRY_SECONDS = 1.0
# One text, which says at once that nothing changed. By libpq's own calls: a third of what a cursor takes.
STATEMENT = b"SELECT string_agg(scope || ' ' || number, chr(10)) FROM pole_contentversion"
NAME = b"content_versions"
# A lock held by someone else is said by the server before READ_SECONDS, so that it does not look like an absence.
SERVER_OPTIONS = "-c lock_timeout=300ms -c statement_timeout=2s"
# SQLSTATE classes of a server that ends, refuses sessions or loses them; any other error is an answer.
AWAY = ("57P", "53", "08")


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What one statement saw. Two readings are equal if they are the same."""

    numbers: Mapping[str, int]
    # `time.monotonic()` before the statement was sent.
    began_at: float


class VersionReader:
    """Reads the versions at most once each `max_age` seconds; with 0, each answer stands on a read begun after the question.

    Threads share a read under one lock. Make another one after a fork.
    """

    def __init__(self, max_age: float) -> None:
        self._max_age = max_age
        self._lock = threading.Lock()
        self._connection: psycopg.Connection[Any] | None = None
        self._retry_at = 0.0
        self._text = b""
        self.latest: Reading | None = None
        # `time.monotonic()` of the first failure since the last read; None while the database answers.
        self.failed_at: float | None = None

    def read(self, asked_at: float) -> Reading | None:
        """A reading begun `max_age` before `asked_at` (`time.monotonic()`) or later.

        None when there is none within a moment: `failed_at` says whether because the database is away.
        """
        enough = asked_at - self._max_age
        latest = self.latest
        if latest is not None and latest.began_at >= enough:
            return latest
        is_away = self.failed_at is not None
        if is_away and asked_at < self._retry_at:
            return None
        # One tries for all while the database is away, and may take seconds to connect.
        if not self._lock.acquire(timeout=0 if is_away else LOCK_SECONDS):
            return None
        try:
            latest = self.latest
            if latest is not None and latest.began_at >= enough:
                return latest
            if self.failed_at is not None and asked_at < self._retry_at:
                return None
            return self._read_now()
        finally:
            self._lock.release()

    def close(self) -> None:
        with self._lock:
            self._close()

    def _read_now(self) -> Reading | None:
        try:
            with limits.brief(READ_SECONDS):
                reading = self._ask()
        except limits.NoPlace:
            return None
        except psycopg.Error as error:
            if isinstance(error, limits.Unavailable) or not error.sqlstate or error.sqlstate.startswith(AWAY):
                now = monotonic()
                self._retry_at = now + RETRY_SECONDS
                if self.failed_at is None:
                    self.failed_at = now
            return None
        self.latest, self.failed_at = reading, None
        return reading

    def _ask(self) -> Reading:
        if self._connection is not None:
            try:
                return self._ask_on(self._connection)
            except limits.Unavailable:
                raise
            except psycopg.OperationalError as error:
                if error.sqlstate and not error.sqlstate.startswith(AWAY):
                    raise
        # The server ended the session while nobody used it: that says nothing of what it does now.
        self._connection = self._connect()
        return self._ask_on(self._connection)

    def _ask_on(self, connection: psycopg.Connection[Any]) -> Reading:
        began_at = monotonic()
        try:
            connection.pgconn.send_query_prepared(NAME, None)
            text = _result(connection).get_value(0, 0) or b""
        except psycopg.Error:
            self._close()
            raise
        if self.latest is not None and text == self._text:
            return Reading(self.latest.numbers, began_at)
        self._text = text
        rows = (line.rpartition(" ") for line in text.decode().splitlines())
        return Reading({scope: int(number) for scope, _space, number in rows}, began_at)

    def _connect(self) -> psycopg.Connection[Any]:
        parameters = request_connection.get_connection_params()
        options = f"{parameters.get('options', '')} {SERVER_OPTIONS}".strip()
        connection = limits.connect(parameters | {"options": options, "autocommit": True})
        try:
            connection.pgconn.send_prepare(NAME, STATEMENT)
            _result(connection)
        except psycopg.Error:
            connection.close()
            raise
        return connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _result(connection: psycopg.Connection[Any]) -> PGresult:
    """Of the statement that was sent, waited for as `limits` bounds it. Raises psycopg.Error."""
    result: PGresult
    (result,) = connection.wait(execute(connection.pgconn))
    if result.status == ExecStatus.FATAL_ERROR:
        raise psycopg.errors.error_from_result(result)
    return result
