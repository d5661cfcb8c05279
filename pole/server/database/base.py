"""Django's PostgreSQL backend, whose health check sends no query on a quiet connection, and whose waits are bounded.

A server that stops, or that ends a session, says so on the connection: there is then something to read.
Django would send `SELECT 1` before the first query of every request. A server that freezes or vanishes without
a word is noticed by the query that it does not answer: `limits` closes the connection then.
"""

from __future__ import annotations

import select
import sys
from typing import Any

from django.db.backends.postgresql import base
from psycopg import IsolationLevel

from pole.server.database import limits


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self.isolation_level = IsolationLevel.READ_COMMITTED
        made = limits.connect(conn_params)
        # Nothing is prepared for having come often: `prepared` alone asks for it, which None would refuse.
        made.prepare_threshold = sys.maxsize
        return made

    def is_usable(self) -> bool:
        if self.errors_occurred or self.connection is None or self.connection.closed:
            return super().is_usable()
        waiting = select.poll()
        waiting.register(self.connection.fileno(), select.POLLIN)
        return not waiting.poll(0) or super().is_usable()
