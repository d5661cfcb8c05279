"""A small site of reading pages, under the portal's own middleware, for the tests of kept answers.

`tests.pole.kept_server` serves it with `pole.wsgi`; `asking` calls it in this process.
"""

from __future__ import annotations

import io
import os
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event

import psycopg
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path
from django.utils import timezone

from pole.caching.content_versions import read_versions
from pole.caching.kept_answers import KeptAnswers
from pole.caching.public_pages import Freshness
from pole.urls import handler400, handler403, handler404, handler500  # noqa: F401 - by Django
from pole.views import for_programs
from tests.waiting import PATIENCE_SECONDS

SCOPE = "essai"
TEXT = "<p>" + "Une coopérative se tient sur la confiance de ses membres. " * 40


class Made:
    """What Django made since `clear`, and how: set by tests."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.paths: list[str] = []
        self.change = lambda response: None
        self.freshness: dict = {}
        self.gate: Event | None = None


made = Made()


def reading_response(text: str, *, until: datetime | None = None, **freshness) -> HttpResponse:
    """As a reading page answers a visitor."""
    response = HttpResponse(text)
    given = {"versions": ((SCOPE, 0),), "parameters": (), "when_away": True} | freshness
    response.freshness = Freshness(until=until or timezone.now() + timedelta(hours=1), **given)
    response.headers["ETag"] = f'W/"{abs(hash(given["versions"])):x}"'
    response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
    response.headers["Vary"] = "Cookie, Accept-Encoding"
    if given["when_away"]:
        response.headers["X-Accel-Expires"] = "@1"
    return response


def read_numbers() -> dict[str, int]:
    """As committed, whatever the transaction of the test."""
    with own_connection() as own:
        return dict(own.execute("SELECT scope, number FROM pole_contentversion").fetchall())


def page(request):
    """Reads the version, says so, waits at the gate if there is one, answers."""
    numbers = read_numbers()
    made.paths.append(request.get_full_path())
    if made.gate:
        made.gate.wait(PATIENCE_SECONDS)
    versions = ((SCOPE, numbers.get(SCOPE, 0)),)
    shown = request.GET.get("page", "")
    response = reading_response(
        f"{TEXT}{versions[0][1]}-{shown}", **{"versions": versions, "parameters": ("page",)} | made.freshness
    )
    made.change(response)
    return response


def streamed(request):
    made.paths.append(request.get_full_path())
    response = StreamingHttpResponse([b"un", b"deux"])
    model = reading_response("")
    response.freshness = model.freshness
    for name in ("ETag", "Cache-Control", "Vary"):
        response.headers[name] = model.headers[name]
    return response


def hub_name(request):
    """Over HTTP: the hub's name, who made the page, and what it is right for."""
    versions = read_versions()
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pole_hub")
        name = cursor.fetchone()[0]
    response = reading_response(name, versions=versions, when_away=request.path == "/nom/")
    response.headers["X-Process"] = str(os.getpid())
    return response


urlpatterns = [
    path("", page, name="home"),
    path("page/", page),
    path("pagé/", page),
    path("flot/", streamed),
    path("nom/", hub_name),
    path("nom-du-jour/", hub_name),
    path("healthz", for_programs.healthz),
]


def environ_of(path: str, method: str = "GET", **given: str) -> dict:
    """As a web server gives it; names of `given` are those of headers."""
    path, _mark, query = path.partition("?")
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path.encode().decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
    } | {f"HTTP_{name.upper()}": value for name, value in given.items()}


class Site:
    """The site with kept answers before it, asked in this process as a web server would."""

    def __init__(self, *, budget: int = 1 << 20, freshness_seconds: float = 0.0, threads: int = 5) -> None:
        self.django = get_wsgi_application()
        self.kept = KeptAnswers(
            self.django, budget=budget, freshness_seconds=freshness_seconds, threads=threads
        )

    def ask(self, path: str = "/page/", method: str = "GET", *, of=None, **given: str):
        """(status, headers by name in lower case, body); `of` is another application."""
        begun = []
        answer = (of or self.kept)(environ_of(path, method, **given), lambda *a: begun.append(a))
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        ((status, headers),) = begun
        assert len({name.lower() for name, _value in headers}) == len(headers)
        return int(status.split()[0]), {name.lower(): value for name, value in headers}, body

    def is_kept(self, path: str = "/page/", **given: str) -> bool:
        """Whether Django made nothing for a request."""
        before = len(made.paths)
        self.ask(path, **given)
        return len(made.paths) == before


@contextmanager
def own_connection():
    with psycopg.connect(**connection.get_connection_params() | {"autocommit": True}) as own:
        yield own


def raise_version(scope: str = SCOPE) -> None:
    """As a writer that commits, whatever the transaction of the test."""
    with own_connection() as own:
        own.execute(
            "INSERT INTO pole_contentversion (scope, number) VALUES (%s, 1)"
            " ON CONFLICT (scope) DO UPDATE SET number = pole_contentversion.number + 1",
            [scope],
        )


def forget_version(scope: str = SCOPE) -> None:
    with own_connection() as own:
        own.execute("DELETE FROM pole_contentversion WHERE scope = %s", [scope])


@contextmanager
def opened(**options):
    """A site that has kept nothing yet; no version is left behind."""
    made.clear()
    site = Site(**options)
    try:
        yield site
    finally:
        site.kept.reader.close()
        forget_version()
