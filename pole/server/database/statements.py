"""The statements that one connection has prepared, asked by libpq's own calls: a third of what a cursor takes.

What a cursor finds again at each execution is kept with the statement: its parameters' places, and what reads each of its columns.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import psycopg
from psycopg import adapt
from psycopg.adapt import PyFormat
from psycopg.generators import execute
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

# More than all that the portal prepares, by the types of its values: a whole number has one for each size.
MOST = 400


@dataclass(slots=True)
class _Statement:
    query: bytes
    # The driver's: from values to what is sent, and back.
    adapter: Any
    formats: list[PyFormat]
    # Its name on the server, by the types of its values.
    names: dict[tuple[int, ...], bytes] = field(default_factory=dict)
    knows_columns: bool = False


class Statements:
    """Of this connection, which one thread uses at a time."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._known: dict[str, _Statement] = {}
        self._made = 0

    def rows(self, text: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Prepares the statement if it must be. Raises psycopg.Error."""
        if self._made >= MOST:
            self.forget()
        statement = self._known.get(text)
        if statement is None:
            statement = self._known[text] = _Statement(
                text.encode(), adapt.Transformer(self._connection), [PyFormat.AUTO] * len(values)
            )
        result = self._connection.wait(self._asked(statement, values))
        adapter = statement.adapter
        adapter.set_pgresult(result, set_loaders=not statement.knows_columns)
        statement.knows_columns = True
        return adapter.load_rows(0, result.ntuples, tuple)  # type: ignore[no-any-return]  # rows of any columns

    def forget(self) -> None:
        """What the server has forgotten, or may: all is prepared again."""
        self._known.clear()
        self._made = 0
        self._connection.execute("DEALLOCATE ALL")

    def _asked(self, statement: _Statement, values: Sequence[Any]) -> Generator[Any, Any, PGresult]:
        # A transaction that Django opened begins with its first statement.
        yield from self._connection._start_query()  # noqa: SLF001 - as the driver's own cursors do
        adapter, pgconn = statement.adapter, self._connection.pgconn
        dumped = adapter.dump_sequence(values, statement.formats)
        types = adapter.types or ()
        name = statement.names.get(types)
        if name is None:
            name = b"pole_%d" % self._made
            pgconn.send_prepare(name, statement.query, types)
            _checked((yield from execute(pgconn)))
            statement.names[types] = name
            self._made += 1
        pgconn.send_query_prepared(name, dumped, adapter.formats)
        return _checked((yield from execute(pgconn)))


class SeenCursor:
    """What Django wraps as any cursor, where statements are counted, noted or refused."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def execute(self, text: str, values: Sequence[Any]) -> None:
        # What Django notes.
        self._query = SimpleNamespace(query=text.encode())
        self._rows = self._statements.rows(text, values)

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._rows


def _checked(results: Sequence[PGresult]) -> PGresult:
    (result,) = results
    if result.status == ExecStatus.FATAL_ERROR:
        raise psycopg.errors.error_from_result(result)
    return result
