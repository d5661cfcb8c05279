"""Queries written once with Django's own words, compiled once by each process, and prepared once by each connection.

Django builds the SQL of a queryset again at each call: for a page of eight queries that is half of its cost. A prepared
query is a function that gives a queryset of `values_list`; what it is given are values, which the server binds:

    class Card(NamedTuple):
        slug: str
        title: str

    @prepared(Card)
    def cards_of(kind: str, now: datetime) -> QuerySet[Post, Any]:
        return Post.objects.published(now).filter(kind=kind).values_list(*Card._fields)

    cards: list[Card] = cards_of("news", timezone.now())

For reading pages alone, whose text never depends on what is searched: a plan made without the values suits every one of them
(ADR 23). The function runs when the query is first needed, with markers in place of values, so it decides nothing by
them: `Undecided` says so at once; so does PostgreSQL of a text that must be of two types, since a value is sent once. It reads neither the language nor the clock: both are given.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import update_wrapper
from typing import Any, get_type_hints

from django.db import NotSupportedError, OperationalError, ProgrammingError, connection
from django.db.models import Field, Lookup, QuerySet
from psycopg import sql

# What a queryset may be given, and the values that stand for it while it is compiled, in two sets: a place whose value
# differs between them, and in no other way, is that of the marker. Whole numbers fit the smallest column.
_MARKERS: dict[type, Callable[[int, int], Any]] = {
    int: lambda which, n: 31_001 + 500 * which + n,
    str: lambda which, n: f"marker-{which}-{n}",
    datetime: lambda which, n: datetime(1871 + which, 1, 1, tzinfo=UTC) + timedelta(days=n),
    date: lambda which, n: date(1871 + which, 1, 1) + timedelta(days=n),
}


class Undecided(TypeError):
    """A function that is no prepared query: the message says why. Of the programmer, never of a visitor."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    # With `$1` where the first value of the call goes, wherever the queryset names it.
    text: str
    # (column, what makes its value), for the columns that PostgreSQL's own types don't suffice for.
    converters: tuple[tuple[int, Callable[[Any], Any]], ...]


class AnyOf(Lookup):
    """`pk__any=ids`: `pk = ANY(ids)`, one value however many they are, where `__in` has one for each."""

    lookup_name = "any"

    def get_prep_lookup(self) -> list[Any]:
        return [self.lhs.output_field.get_prep_value(each) for each in self.rhs]

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, parameters = self.process_lhs(compiler, connection)
        return f"{left} = ANY(%s)", (*parameters, self.rhs)


Field.register_lookup(AnyOf)


class Prepared[**P, R]:
    """A query that `prepared` made: its call gives the rows."""

    def __init__(self, build: Callable[P, QuerySet[Any, Any]], row: Callable[..., R]) -> None:
        self._build, self._row = build, row
        self._signature = inspect.signature(build)
        self._compiled: _Compiled | None = None
        update_wrapper(self, build)

    def __call__(self, *arguments: P.args, **keywords: P.kwargs) -> list[R]:
        compiled = self._compiled
        if compiled is None:
            compiled = self._compiled = self._compile()
        given = self._signature.bind(*arguments, **keywords).args if keywords else arguments
        rows: list[Any] = prepared_rows(compiled.text, given)
        if compiled.converters:
            rows = [_converted(row, compiled.converters) for row in rows]
        return [self._row(*row) for row in rows]

    def first(self, *arguments: P.args, **keywords: P.kwargs) -> R | None:
        """The first row, or None. The queryset says `[:1]` itself: all its rows come."""
        return next(iter(self(*arguments, **keywords)), None)

    def _compile(self) -> _Compiled:
        one, other = (self._with_markers(which) for which in (0, 1))
        if one[0] != other[0] or len(one[1]) != len(other[1]):
            raise Undecided(f"{self._build.__qualname__} decides its SQL by a value")
        pieces, places = [], set()
        for values in zip(one[1], other[1], strict=True):
            place = _place_of(values, one[2], other[2])
            if place is None:
                if values[0] != values[1]:
                    raise Undecided(
                        f"{self._build.__qualname__} changes a value that it is given: {values[0]!r}"
                    )
                # Written in the text: PostgreSQL knows the type of what it reads there, and of a value that it is sent, not.
                pieces.append(sql.Literal(values[0]).as_string(connection.connection))
            else:
                pieces.append(f"${place + 1}")
                places.add(place)
        if missing := set(range(len(self._signature.parameters))) - places:
            names = ", ".join(list(self._signature.parameters)[place] for place in sorted(missing))
            raise Undecided(f"{self._build.__qualname__} does not send what it is given: {names}")
        return _Compiled(_filled(one[0], pieces), one[3])

    def _with_markers(self, which: int) -> tuple[str, Sequence[Any], list[Any], tuple[Any, ...]]:
        hints = get_type_hints(self._build)
        markers = [_marker(hints.get(name), which, n) for n, name in enumerate(self._signature.parameters)]
        query = self._build(*markers).query  # type: ignore[call-arg]  # as its own signature says
        connection.ensure_connection()
        compiler = query.get_compiler(connection=connection)
        text, values = compiler.as_sql()
        return text, values, markers, _converters(compiler, self._row)


def prepared[**P, R](row: Callable[..., R]) -> Callable[[Callable[P, QuerySet[Any, Any]]], Prepared[P, R]]:
    """Decorator of a function from values (`int`, `str`, `datetime`, `date`, or lists of one of them) to a queryset whose
    columns are the fields of `row`, in their order. See the module."""

    def decorate(build: Callable[P, QuerySet[Any, Any]]) -> Prepared[P, R]:
        return Prepared(build, row)

    return decorate


def _marker(hint: Any, which: int, number: int) -> Any:
    if hint in _MARKERS:
        return _MARKERS[hint](which, number)
    of: tuple[Any, ...] = getattr(hint, "__args__", ())
    if getattr(hint, "__origin__", None) is list and of[0] in _MARKERS:
        return [_MARKERS[of[0]](which, number)]
    raise Undecided(
        f"a prepared query is given values of {', '.join(each.__name__ for each in _MARKERS)}, not {hint}"
    )


def _place_of(values: tuple[Any, Any], one: Sequence[Any], other: Sequence[Any]) -> int | None:
    for place, markers in enumerate(zip(one, other, strict=True)):
        if values == markers:
            return place
    return None


def _filled(text: str, pieces: Sequence[str]) -> str:
    """The SQL with each `%s` replaced; a `%%` of Django's is one `%`."""
    parts = [part.replace("\0", "%") for part in text.replace("%%", "\0").split("%s")]
    return parts[0] + "".join(piece + part for piece, part in zip(pieces, parts[1:], strict=True))


def _converters(compiler: Any, row: Callable[..., Any]) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
    expressions = [selected[0] for selected in compiler.select]
    fields = inspect.signature(row).parameters
    if len(expressions) != len(fields):
        raise Undecided(f"{len(expressions)} columns for the {len(fields)} fields of {row!r}")
    found = compiler.get_converters(expressions)
    return tuple((at, _convert(convert, expression)) for at, (convert, expression) in found.items())


def _convert(converters: Sequence[Callable[..., Any]], expression: Any) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        for each in converters:
            value = each(value, expression, connection)
        return value

    return convert


def _converted(row: Sequence[Any], converters: Sequence[tuple[int, Callable[[Any], Any]]]) -> list[Any]:
    values = list(row)
    for at, convert in converters:
        values[at] = convert(values[at])
    return values


def prepared_rows(text: str, values: Sequence[Any], *, is_noted: bool = True) -> list[Any]:
    """The rows of a statement with `$1`… whose words never change, from what the connection has prepared.

    Not `is_noted`: nothing of Django's counts it, nor writes its values in a log.
    """
    try:
        return connection.prepared_rows(text, values, is_noted=is_noted)  # type: ignore[attr-defined,no-any-return]  # of our backend
    except (NotSupportedError, ProgrammingError, OperationalError) as error:
        # A table changed its form, or the server forgot what this connection had prepared (DISCARD ALL).
        if connection.in_atomic_block or getattr(error.__cause__, "sqlstate", "") not in {"0A000", "26000"}:
            raise
    connection.forget_prepared()  # type: ignore[attr-defined]  # of our backend
    return connection.prepared_rows(text, values, is_noted=is_noted)  # type: ignore[attr-defined,no-any-return]  # of our backend
