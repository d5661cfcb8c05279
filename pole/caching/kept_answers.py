"""Answers to visitors kept ready before Django: a page is made again only when what it reads has changed.

`KeptAnswers` wraps Django's WSGI application. It keeps the 200 of views that say how long they are right
(`Freshness`), and answers from memory while the versions read from the database are those of the answer.
docs/adr/0021-kept-answers.md
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Iterable
from random import getrandbits
from threading import BoundedSemaphore, Event
from time import monotonic, time
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import parse_etags

from pole.caching.in_process import BoundedCache
from pole.caching.kept_store import Headers, KeptAnswer, KeptStore, kept_headers, may_be_kept
from pole.caching.public_pages import Freshness
from pole.caching.version_reader import VersionReader
from pole.caching.visitor_requests import (
    Address,
    best_coding,
    cookies_pattern,
    restricted,
    scheme_of,
)

type Environ = dict[str, Any]
type StartResponse = Callable[..., Any]
type Application = Callable[[Environ, StartResponse], Iterable[bytes]]

# Seconds for which one waits for the same page under way, and between looks at whether the database is away meanwhile.
RENDER_SECONDS, LOOK_SECONDS = 3.0, 0.1
# While the database is away: how long before it failed an answer must have been seen to be right, and for how long
# it is then shown, in seconds.
SEEN_WITHIN, SHOWN_FOR = 60.0, 600.0
# Of paths whose parameters are known, and of addresses with a query seen once.
MAX_PATHS = MAX_SEEN = 4096
MAX_PATH_LENGTH = 500
# Half as many parameters as characters at most, so fewer than Django refuses.
MAX_QUERY_LENGTH = 1000


class Answer(NamedTuple):
    """Whole, to be given to `start_response`."""

    status: str
    headers: Headers
    body: bytes


class KeptAnswers:
    """A WSGI application around Django's own, whose result is the `HttpResponse`. Safe between threads, and after a fork."""

    def __init__(
        self, application: Application, *, budget: int, freshness_seconds: float, threads: int
    ) -> None:
        """`budget` in bytes; `threads` of this process, of which two are never made to wait for another's page."""
        self._application = application
        self._budget, self._freshness_seconds, self._threads = budget, freshness_seconds, threads
        self._harmless = cookies_pattern(settings.CSRF_COOKIE_NAME, settings.DEVICE_COOKIE_NAME).fullmatch
        self._foreign = cookies_pattern().fullmatch
        self.start()
        me = weakref.ref(self)

        def start_again() -> None:
            if kept := me():
                kept.start()

        os.register_at_fork(after_in_child=start_again)

    def start(self) -> None:
        """Forget everything: a child of this process shares neither locks nor the connection with it."""
        self.reader = VersionReader(self._freshness_seconds)
        self.store = KeptStore(self._budget)
        self._parameters: BoundedCache[str, tuple[str, ...]] = BoundedCache(MAX_PATHS)
        self._seen: BoundedCache[int, None] = BoundedCache(MAX_SEEN)
        self._renders: dict[Address, Event] = {}
        self._waiting = BoundedSemaphore(max(1, self._threads - 2))

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        answer = self.find(environ)
        if answer is None:
            return self._render(environ, start_response)
        start_response(answer.status, answer.headers)
        return [answer.body]

    # --- What is kept

    def find(self, environ: Environ) -> Answer | None:
        """The answer to a request, if it is kept and right now; else Django makes it.

        Asks the database at most once, and only for an address that is kept.
        """
        address = self._address(environ)
        if address is None:
            return None
        kept = self.store.get(address)
        if kept is None or not kept.since <= time() < kept.until:
            return None
        asked_at = monotonic()
        reading = self.reader.read(asked_at)
        if reading is None:
            return self._while_away(environ, address, kept, self.reader.failed_at)
        if not kept.agrees_with(reading):
            if reading.began_at >= kept.kept_at:
                self.store.discard(address, kept)
                return None
            # Made since, so perhaps from newer versions.
            reading = self.reader.read(asked_at + self._freshness_seconds)
            if reading is None or not kept.agrees_with(reading):
                return None
        return self._answer(environ, address, kept)

    def _address(self, environ: Environ) -> Address | None:
        """Under which address an answer to the request may be kept; None for one that Django alone answers."""
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return None
        cookies = environ.get("HTTP_COOKIE")
        if cookies and not self._harmless(cookies):
            return None
        if "HTTP_IF_MATCH" in environ or "HTTP_IF_UNMODIFIED_SINCE" in environ:
            return None
        host = environ.get("HTTP_HOST")
        path = environ["PATH_INFO"]
        query = environ.get("QUERY_STRING", "")
        if query:
            parameters = self._parameters.get(path)
            if parameters is None or len(query) > MAX_QUERY_LENGTH:
                return None
            query = restricted(query, parameters)
        if host is None:
            return None
        return Address(scheme_of(environ), host, path, query)

    def _answer(self, environ: Environ, address: Address, kept: KeptAnswer, *age: tuple[str, str]) -> Answer:
        # As `pole.middleware.request_id`, at a tenth of the cost.
        own = (("X-Request-ID", f"{getrandbits(48):012x}"), *age)
        wanted = environ.get("HTTP_IF_NONE_MATCH")
        if wanted is not None and _has_etag(wanted, kept.etag):
            return Answer("304 Not Modified", [*kept.unchanged, *own], b"")
        coding = best_coding(environ.get("HTTP_ACCEPT_ENCODING"))
        headers, body = kept.bodies.get(coding) or self.store.body(address, kept, coding)
        if environ["REQUEST_METHOD"] == "HEAD":
            body = b""
        return Answer(kept.status, [*headers, *own], body)

    def keep(self, environ: Environ, response: object) -> None:
        """Keep what Django answered to this request, if it may be. `environ` is as Django left it."""
        if not isinstance(response, HttpResponse) or environ["REQUEST_METHOD"] != "GET":
            return
        freshness: Freshness | None = getattr(response, "freshness", None)
        cookies = environ.get("HTTP_COOKIE")
        if freshness is None or not may_be_kept(response) or (cookies and not self._foreign(cookies)):
            return
        # Django decoded it in place.
        path = environ["PATH_INFO"].encode().decode("latin-1")
        if len(path) > MAX_PATH_LENGTH:
            return
        if self._parameters.get(path) != freshness.parameters:
            self._parameters[path] = freshness.parameters
        address = self._address({**environ, "PATH_INFO": path})
        if address is None or (address.query and not self._is_second_sight(address)):
            return
        kept = KeptAnswer(
            status=f"{response.status_code} {response.reason_phrase}",
            headers=kept_headers(response),
            etag=response.headers["ETag"],
            body=response.content,
            freshness=freshness,
            kept_at=monotonic(),
        )
        if not self.store.put(address, kept):
            # Nobody waits for one that won't be there.
            self._parameters.pop(path, None)

    def _is_second_sight(self, address: Address) -> bool:
        if hash(address) in self._seen:
            return True
        self._seen[hash(address)] = None
        return False

    # --- What Django makes

    def _render(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """One at a time of what is likely to be kept: whoever asks meanwhile waits for it a moment, and shares it if it is right."""
        address = self._address(environ)
        if address is None or not self._is_expected(address):
            return self._ask(environ, address, start_response)
        mine = Event()
        render = self._renders.setdefault(address, mine)
        if render is mine:
            try:
                return self._ask(environ, address, start_response)
            finally:
                del self._renders[address]
                mine.set()
        if self._waiting.acquire(blocking=False):
            try:
                self._wait_for(render)
            finally:
                self._waiting.release()
            if answer := self.find(environ):
                start_response(answer.status, answer.headers)
                return [answer.body]
        return self._ask(environ, address, start_response)

    def _wait_for(self, render: Event) -> None:
        """A moment; not while the database is away: Django refuses at once then, and leaves a thread to `/healthz`."""
        patience = monotonic() + RENDER_SECONDS
        while self.reader.failed_at is None and not render.wait(LOOK_SECONDS):
            if monotonic() > patience:
                return

    def _is_expected(self, address: Address) -> bool:
        return hash(address) in self._seen if address.query else address.path in self._parameters

    def _ask(
        self, environ: Environ, address: Address | None, start_response: StartResponse
    ) -> Iterable[bytes]:
        begun: list[Any] = []

        def begin(*arguments: Any) -> None:
            begun[:] = arguments

        response = self._application(environ, begin)
        if address is not None and getattr(response, "is_database_away", False):
            kept = self.store.get(address)
            failed_at = self.reader.failed_at or monotonic()
            answer = kept and self._while_away(environ, address, kept, failed_at)
            if answer and isinstance(response, HttpResponseBase):
                response.close()
                start_response(answer.status, answer.headers)
                return [answer.body]
        self.keep(environ, response)
        start_response(*begun)
        return response

    def _while_away(
        self, environ: Environ, address: Address, kept: KeptAnswer, failed_at: float | None
    ) -> Answer | None:
        """An answer that was right a moment before the database failed, for a while. None also while it has not failed."""
        last = self.reader.latest
        if failed_at is None or last is None or not kept.freshness.when_away:
            return None
        now = monotonic()
        is_too_late = failed_at - last.began_at > SEEN_WITHIN or now - failed_at > SHOWN_FOR
        if is_too_late or not kept.since <= time() < kept.until or not kept.agrees_with(last):
            return None
        answer = self._answer(environ, address, kept, ("Age", str(int(now - last.began_at))))
        # nginx would count its own ten minutes from here.
        return answer._replace(headers=[each for each in answer.headers if each[0] != "X-Accel-Expires"])


def around(application: Application) -> Application:
    """The application, with kept answers before it unless the settings keep none."""
    if not settings.POLE_KEPT_MIB:
        return application
    return KeptAnswers(
        application,
        budget=settings.POLE_KEPT_MIB * 1024 * 1024,
        freshness_seconds=settings.POLE_FRESHNESS_MS / 1000,
        threads=settings.WEB_THREADS,
    )


def _has_etag(wanted: str, etag: str) -> bool:
    """If-None-Match, compared weakly, as Django does."""
    if wanted == etag:
        return True
    etags = parse_etags(wanted)
    return etags == ["*"] or etag.removeprefix("W/") in {each.removeprefix("W/") for each in etags}
