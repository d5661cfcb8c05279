"""Django's PostgreSQL backend, whose health check sends no query on a quiet connection, and whose waits are bounded.

A server that stops, or that ends a session, says so on the connection: there is then something to read.
Django would send `SELECT 1` before the first query of every request. A server that freezes or vanishes without
a word is noticed by the query that it does not answer: `limits` closes the connection then.
"""

from __future__ import annotations

import select
import sys
from collections.abc import Sequence
from typing import Any

from django.db.backends.postgresql import base
from psycopg import IsolationLevel

from pole.server.database import limits
from pole.server.database.statements import SeenCursor, Statements

# A plan made without the values suits whatever is prepared, and every statement of the functions of the database: each
# seeks its rows by a key. Left to choose, PostgreSQL plans some of them again at each call, at five times their cost.
_PLANS = "-c plan_cache_mode=force_generic_plan"


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self.isolation_level = IsolationLevel.READ_COMMITTED
        options = f"{conn_params.get('options', '')} {_PLANS}".strip()
        made = limits.connect({**conn_params, "options": options})
        # Nothing is prepared for having come often: `prepared` alone asks for it, which None would refuse.
        made.prepare_threshold = sys.maxsize
        self._statements = Statements(made)
        return made

    def prepared_rows(self, text: str, values: Sequence[Any], *, is_noted: bool) -> list[tuple[Any, ...]]:
        """The rows of a statement with `$1`…, which each connection prepares once: `pole.server.database.prepared`."""
        # As Django's own cursor does, for a connection that was lost since its last use.
        self.close_if_health_check_failed()
        self.ensure_connection()
        if is_noted and (self.execute_wrappers or self.queries_logged):
            cursor = self._prepare_cursor(SeenCursor(self._statements))  # type: ignore[attr-defined]  # of Django's
            cursor.execute(text, values)
            return cursor.fetchall()  # type: ignore[no-any-return]  # rows of any columns
        self.validate_no_broken_transaction()
        with self.wrap_database_errors:
            return self._statements.rows(text, values)

    def forget_prepared(self) -> None:
        self._statements.forget()

    def is_usable(self) -> bool:
        if self.errors_occurred or self.connection is None or self.connection.closed:
            return super().is_usable()
        waiting = select.poll()
        waiting.register(self.connection.fileno(), select.POLLIN)
        return not waiting.poll(0) or super().is_usable()
