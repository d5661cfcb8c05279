"""Database connections that end with their thread.

Granian ends threads that are idle. Django keeps a connection for each thread and is built in cycles,
so that without this the connections of ended threads stay open until a garbage collection happens to
find them, and bursts of visitors use up those that PostgreSQL allows.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

_of_this_thread = threading.local()


class _Guard:
    """Goes away with the thread that it belongs to, and closes its connection."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def __del__(self) -> None:
        with suppress(Exception):  # closed already, or the process itself is ending
            self.connection.close()


def close_with_thread(*, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Receiver of `connection_created`."""
    guards: dict[str, _Guard] = _of_this_thread.__dict__.setdefault("guards", {})
    guards[connection.alias] = _Guard(connection.connection)
