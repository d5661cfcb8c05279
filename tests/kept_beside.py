"""Holds what would be kept before Django to what Django makes: whatever test asks for a page asks for both.

So every test of access, cookies, headers, languages and changes is one of kept answers, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from time import monotonic
from typing import Any
from zipfile import ZipFile

import psycopg
import pytest
from django.db import connection
from django.test.client import ClientHandler

from pole.caching.kept_answers import KeptAnswers
from pole.caching.version_reader import Reading

BUDGET = 8 * 1024 * 1024


class ReaderOfTheTest:
    """The versions as the connection of the test sees them, since most tests never commit; not among the queries that they count."""

    failed_at = None
    latest: Reading | None = None

    def read(self, asked_at: float) -> Reading | None:
        opened = connection.connection
        if opened is None or opened.closed or connection.needs_rollback:
            return None
        try:
            rows = opened.execute("SELECT scope, number FROM pole_contentversion").fetchall()
        except psycopg.Error:
            return None
        self.latest = Reading(dict(rows), monotonic())
        return self.latest


class KeptBeside(KeptAnswers):
    """How many answers were compared is in `compared`."""

    compared = 0

    def start(self) -> None:
        super().start()
        self.reader = ReaderOfTheTest()  # type: ignore[assignment]  # as much of it as is used

    def _is_second_sight(self, address: Any) -> bool:
        return True


def _no_application(*_arguments: Any) -> Any:
    raise AssertionError


kept = KeptBeside(_no_application, budget=BUDGET, freshness_seconds=0, threads=5)


@contextmanager
def compared_with_django() -> Iterator[None]:
    """From now on, and until `kept.start()` forgets, each answer that is kept must be what Django answers again."""
    make = ClientHandler.__call__

    def answer(handler: ClientHandler, environ: dict[str, Any]) -> Any:
        asked = {"HTTP_HOST": f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}", **environ}
        found = kept.find(asked)
        response = make(handler, environ)
        if found is not None:
            kept.compared += 1
            assert_same(found, response)
        kept.keep({**asked, **{name: environ[name] for name in ("PATH_INFO", "QUERY_STRING")}}, response)
        return response

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientHandler, "__call__", answer)
        yield


def assert_same(found: Any, response: Any) -> None:
    assert found.status == f"{response.status_code} {response.reason_phrase}"
    ours, django = (
        {
            name.lower(): value
            for name, value in headers
            if name.lower() not in {"x-request-id", "content-length"}
        }
        for headers in (found.headers, response.items())
    )
    assert ours == django
    if found.body or response.status_code == 304:
        assert _contents(found.body) == _contents(response.content)


def _contents(body: bytes) -> object:
    """A workbook says in itself at which second it was made, so two of them are compared by their sheets."""
    if not body.startswith(b"PK"):
        return body
    with ZipFile(BytesIO(body)) as workbook:
        return {name: workbook.read(name) for name in workbook.namelist() if name != "docProps/core.xml"}
