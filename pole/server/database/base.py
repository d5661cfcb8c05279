"""Django's PostgreSQL backend, whose health check sends no query on a quiet connection.

A server that stops, or that ends a session, says so on the connection: there is then something to read.
Django would send `SELECT 1` before the first query of every request. A distant server that vanishes without
a word is noticed by that query instead: set `keepalives_idle` and `tcp_user_timeout` in DATABASE_URL.
"""

from __future__ import annotations

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        if self.errors_occurred or self.connection is None or self.connection.closed:
            return super().is_usable()
        waiting = select.poll()
        waiting.register(self.connection.fileno(), select.POLLIN)
        return not waiting.poll(0) or super().is_usable()
