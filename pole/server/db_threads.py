"""Database connections that end with their thread.

Granian ends threads that are idle. Django has a connection for each thread, in reference cycles: without
this the connections of ended threads stay open until a garbage collection, and bursts of visitors exhaust
PostgreSQL's `max_connections`.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

_of_this_thread = threading.local()


class _ConnectionCloser:
    """A thread-local value: deleted with its thread, it closes the connection."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def __del__(self) -> None:
        with suppress(Exception):  # closed already, or the process itself is ending
            self.connection.close()


def close_with_thread(*, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Receiver of `connection_created`."""
    closers: dict[str, _ConnectionCloser] = _of_this_thread.__dict__.setdefault("closers", {})
    closers[connection.alias] = _ConnectionCloser(connection.connection)
