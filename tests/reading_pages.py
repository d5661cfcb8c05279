"""Holds each reading page to the scopes that it names: whatever test asks for one, a table of another scope fails it.

What no content version tells of would be shown as it was: a page that reads a table must name one of the scopes that
the table's triggers raise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, wraps
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver

# Tables without a trigger that reading pages read, and why none of their changes can be missed.
NEVER_MISSED = {
    "forums_question": "fixed once the vote is open, and not public before; opening raises votes",
    "forums_option": "as questions",
    "pole_changed_row": "which texts to find changed: written with them, whose own triggers raise their scope",
    "pole_numbered_change": "written when a version is raised",
}


def patterns(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    """Every address of the portal, once."""
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            yield from patterns(each)
        else:
            yield each


@contextmanager
def held_to_their_scopes() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for pattern in patterns():
            if hasattr(pattern.callback, "scopes"):
                patch.setattr(pattern, "callback", _watched(pattern.callback))
        yield


def _watched(view: Any) -> Any:
    @wraps(view)
    def watched(request: Any, *args: Any, **kwargs: Any) -> Any:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            return view(request, *args, **kwargs)
        statements: list[str] = []

        def record(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            statements.append(sql)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(record):
            response = view(request, *args, **kwargs)
        if response.status_code == 200 and statements:
            check(view, {table for sql in statements for table in tables_of(sql)})
        return response

    return watched


def check(view: Any, tables: set[str]) -> None:
    raised = scopes_of_tables()
    read_too = {
        table: sorted(raised.get(table, ()))
        for table in tables - NEVER_MISSED.keys()
        if raised.get(table, frozenset()).isdisjoint(view.scopes)
    }
    assert not read_too, f"{view.__module__}.{view.__name__} names {view.scopes}, and reads too: {read_too}"


@cache
def tables_of(sql: str) -> frozenset[str]:
    """The tables of the portal that a statement names."""
    return frozenset(
        re.findall(
            r'(?:FROM|JOIN|INTO|UPDATE) "?((?:accounts|blog|comments|desk|enterprises|forums|pole)_\w+)"?',
            sql,
        )
    ) - {"pole_contentversion"}


_scopes_of_tables: dict[str, frozenset[str]] = {}


def scopes_of_tables() -> dict[str, frozenset[str]]:
    """The scopes that the triggers of each table raise, from the catalogue."""
    if not _scopes_of_tables:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT relname, tgargs FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
                " JOIN pg_proc ON pg_proc.oid = tgfoid WHERE proname = 'pole_raise_version'"
            )
            for table, arguments in cursor.fetchall():
                scopes = frozenset(bytes(arguments).decode().rstrip("\0").split("\0"))
                _scopes_of_tables[table] = _scopes_of_tables.get(table, frozenset()) | scopes
    return _scopes_of_tables
