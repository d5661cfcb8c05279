"""Reading pages: answered 304, or from what is kept, until something that they read has changed.

The ETag is made from the content versions of the scopes that the page reads, the release, the date and the next
scheduled change, never from the rendered page, since rendering is what a 304 saves. `pole.caching.kept_answers`
keeps whole answers under the same conditions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.module_loading import import_string
from django.views.decorators.http import require_safe

from pole.caching.content_versions import read_versions
from pole.caching.in_process import BoundedCache, process_cache
from pole.caching.speculation import announce, shows_page
from pole.caching.visitor_requests import restricted

# What every page shows around its own text: the hub's name and menus, the pages that they lead to, the votes that are open.
FRAME = ("hub", "pages", "votes")
MAX_CACHED_COUNTS = 1000


@dataclass(frozen=True, slots=True)
class Freshness:
    """How long the answer of a reading page is right: while `versions` stand, before `until`."""

    # (scope, content version) of what the page reads, by scope, as they were before it was made.
    versions: tuple[tuple[str, int], ...]
    # When it changes by itself: the next midnight in Montréal, or a scheduled change before it.
    until: datetime
    # The parameters that the view reads, in alphabetical order: it sees no other one.
    parameters: tuple[str, ...]
    # Whether it may be shown for a while when the database is away.
    when_away: bool

    @property
    def etag(self) -> str:
        # Weak: the body may be compressed.
        parts = (settings.RELEASE, self.versions, self.until)
        return f'W/"{hashlib.sha256(repr(parts).encode()).hexdigest()[:24]}"'


@dataclass(frozen=True, slots=True)
class PublicState:
    """The state of all public data at one moment."""

    # (scope, content version), by scope.
    versions: tuple[tuple[str, int], ...]
    now: datetime
    # Why what is read of it is not what other processes read of it: see `be_provisional`.
    _provisional: set[str] = field(default_factory=set, compare=False, hash=False, repr=False)

    @property
    def is_provisional(self) -> bool:
        return bool(self._provisional)

    def be_provisional(self) -> None:
        """What a page reads now is right, but may differ in a moment without any change: nobody may keep it."""
        self._provisional.add("search")

    def version_of(self, scope: str) -> int:
        """The content version of a scope; 0 when nothing of it has ever changed."""
        return dict(self.versions).get(scope, 0)

    def versions_of(self, scopes: Iterable[str]) -> list[int]:
        """Those of several, in their order."""
        numbers = dict(self.versions)
        return [numbers.get(scope, 0) for scope in scopes]

    def key_of(self, *scopes: str) -> tuple[object, ...]:
        """Equal as long as nothing of these scopes changes, by a write or by itself: what to cache their rows under."""
        return (*self.versions_of(scopes), self._next_change_at(scopes))

    def freshness(
        self, scopes: Iterable[str], parameters: tuple[str, ...] = (), *, when_away: bool = False
    ) -> Freshness:
        """That of a page that reads these scopes. Queries only what may have changed since they were last asked."""
        read = sorted({*FRAME, *scopes})
        midnight = timezone.localtime(self.now).replace(hour=0, minute=0, second=0, microsecond=0)
        tomorrow = (midnight + timedelta(days=1)).astimezone(timezone.get_current_timezone())
        return Freshness(
            versions=tuple(zip(read, self.versions_of(read), strict=True)),
            until=min(self._next_change_at(read) or tomorrow, tomorrow),
            parameters=parameters,
            when_away=when_away,
        )

    def cached_count(self, scope: str, key: Hashable, count: Callable[[], int]) -> int:
        """A number of public rows of a scope, cached under `key` until the scope changes; `count` queries it."""
        return _counts.get_or_make((scope, self.key_of(scope), key), count)

    def page_slugs(self) -> frozenset[str]:
        """The slugs of the pages that visitors may read: one query for each state of the pages."""
        read: Callable[[], frozenset[str]] = import_string(settings.PUBLIC_PAGE_SLUGS)
        return _page_slugs.get_or_make(self.key_of("pages"), read)

    def _next_change_at(self, scopes: Iterable[str]) -> datetime | None:
        """When something of these scopes next changes by itself."""
        changes = [self._next_change_of(path) for path in _scheduled(scopes)]
        return min([moment for moment in changes if moment], default=None)

    def _next_change_of(self, path: str) -> datetime | None:
        versions = self.versions_of(settings.NEXT_SCHEDULED_CHANGES[path])
        known, moment = _next_changes.get(path, (None, None))
        if known != versions or (moment and moment <= self.now):
            moment = import_string(path)(self.now)
            _next_changes[path] = (versions, moment)
        return moment


# By the key of what is counted; by the state of the pages; by the function that tells a change, with its versions: what others raise never makes it forgotten.
_counts: BoundedCache[tuple[object, ...], int] = process_cache(limit=MAX_CACHED_COUNTS)
_page_slugs: BoundedCache[tuple[object, ...], frozenset[str]] = process_cache(limit=1)
_next_changes: BoundedCache[str, tuple[object, datetime | None]] = process_cache(limit=50)


def _scheduled(scopes: Iterable[str]) -> list[str]:
    """The functions that tell when something of these scopes changes by itself."""
    asked = set(scopes)
    return [path for path, of in settings.NEXT_SCHEDULED_CHANGES.items() if not asked.isdisjoint(of)]


def read_public_state(now: datetime) -> PublicState:
    """One query."""
    return PublicState(read_versions(), now)


def get_public_state(request: HttpRequest) -> PublicState:
    """The public state for this request, read once."""
    if not hasattr(request, "_public_state"):
        request._public_state = read_public_state(timezone.now())  # type: ignore[attr-defined]  # ours alone
    return request._public_state  # type: ignore[attr-defined,no-any-return]  # ours alone


def reading_page[**P](
    *, reads: Iterable[str] = (), parameters: Iterable[str] = (), when_away: bool = False
) -> Callable[[Callable[P, HttpResponseBase]], Callable[P, HttpResponseBase]]:
    """View decorator: GET and HEAD only; without a session, caches may store it, and answers are conditional.

    `reads` names the scopes of what it shows, beside those of `FRAME`; `parameters` what it reads of the query: the
    view sees no other, so that `?utm_source=…` is the same page. `when_away`: an answer may be shown for a while when
    the database is away.

    With a session the view always runs, and `pole.middleware.private_unless_public` forbids any storage.
    """
    scopes, names = tuple(sorted({*FRAME, *reads})), tuple(sorted(parameters))

    def decorate(view: Callable[P, HttpResponseBase]) -> Callable[P, HttpResponseBase]:
        @require_safe
        @wraps(view)
        def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            _drop_other_parameters(request, names)
            if settings.SESSION_COOKIE_NAME in request.COOKIES:
                response: HttpResponseBase = view(request, *args, **kwargs)  # type: ignore[arg-type]  # request comes first
                patch_vary_headers(response, ["Cookie"])
                return response
            freshness = get_public_state(request).freshness(scopes, names, when_away=when_away)
            request.is_stored_by_proxy = when_away  # type: ignore[attr-defined]  # ours alone
            conditional = get_conditional_response(request, etag=freshness.etag)
            response = conditional or view(request, *args, **kwargs)  # type: ignore[arg-type]  # request comes first
            if get_public_state(request).is_provisional:
                # `pole.middleware.private_unless_public` forbids any storage.
                return response
            let_proxy_store(request, response)
            if response.status_code in {200, 304}:
                response.headers.setdefault("ETag", freshness.etag)
                response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
                if shows_page(request.path_info.lstrip("/"), wrapper):
                    announce(response)
            if response.status_code == 200:
                response.freshness = freshness  # type: ignore[attr-defined]  # for pole.caching.kept_answers
            patch_vary_headers(response, ["Cookie", "Accept-Encoding"])
            return response

        wrapper.scopes = scopes  # type: ignore[attr-defined]  # for the test that compares them with what is read
        wrapper.parameters = names  # type: ignore[attr-defined]  # for the tests that type something in each
        return wrapper  # type: ignore[return-value]  # P is the view's own

    return decorate


def let_proxy_store(request: HttpRequest, response: HttpResponseBase) -> None:
    """Of a page that may be shown when the database is away, or that is not there any more: nginx stores the answer as
    out of date, so that it asks each time, and shows it only while the portal can't be reached."""
    if getattr(request, "is_stored_by_proxy", False):
        response.headers["X-Accel-Expires"] = "@1"


def _drop_other_parameters(request: HttpRequest, names: tuple[str, ...]) -> None:
    """The view, and every address that the page makes of its own, have those that it reads, as they were sent."""
    query = request.META.get("QUERY_STRING", "")
    if not query:
        return
    # For `pole.views.moved`: an address that is not there may have been another site’s.
    request.asked_query = query  # type: ignore[attr-defined]  # ours alone
    # `GET` is read first: it refuses more pairs than may be looked at one by one. Of `&&`, it has none.
    own = restricted(query, names) if request.GET else ""
    if own != query:
        request.META["QUERY_STRING"] = own
        # Read again at its next use.
        del request.GET
