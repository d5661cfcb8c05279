"""Conditional requests: a reading page is made again only when something public has changed.

The ETag is made from the content versions, the release, the date and the next scheduled instant,
never from the rendered page, since rendering is what a 304 saves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
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

MAX_COUNTS = 1000


@dataclass(frozen=True, slots=True)
class Freshness:
    """What the public part of the database is at one moment."""

    versions: tuple[tuple[str, int], ...]
    # When something public next changes by itself (a scheduled post, the end of a forum).
    next_instant: datetime | None
    _counts: dict[Hashable, int] = field(default_factory=dict, compare=False, repr=False)

    def version_of(self, room: str) -> int:
        return dict(self.versions).get(room, 0)

    def etag(self, now: datetime) -> str:
        parts = (settings.RELEASE, timezone.localdate(now), self.next_instant, self.versions)
        # Weak: nginx may compress the body.
        return f'W/"{hashlib.sha256(repr(parts).encode()).hexdigest()[:24]}"'

    def count(self, key: Hashable, count: Callable[[], int]) -> int:
        """How many public rows there are of a kind named by `key`: `count` is asked once for each state."""
        found = self._counts.get(key)
        if found is None:
            if len(self._counts) >= MAX_COUNTS:
                self._counts.clear()
            found = self._counts[key] = count()
        return found


_latest: Freshness | None = None


def read_freshness(now: datetime) -> Freshness:
    """One query. The next instant is asked anew only when a version rose or the instant passed."""
    global _latest  # noqa: PLW0603 - one immutable value, swapped whole
    versions = read_versions()
    known = _latest
    if known and known.versions == versions and (not known.next_instant or now < known.next_instant):
        return known
    instants = [import_string(path)(now) for path in settings.NEXT_INSTANTS]
    _latest = Freshness(versions, min((instant for instant in instants if instant), default=None))
    return _latest


def forget() -> None:
    """Drops what this process remembers: for tests, whose transactions take versions back."""
    global _latest  # noqa: PLW0603 - see read_freshness
    _latest = None


def freshness_of(request: HttpRequest) -> Freshness:
    """The freshness that this request works with, read once."""
    if not hasattr(request, "_freshness"):
        request._freshness = read_freshness(timezone.now())  # type: ignore[attr-defined]  # ours alone
    return request._freshness  # type: ignore[attr-defined,no-any-return]  # ours alone


def is_visitor(request: HttpRequest) -> bool:
    """Whether the request carries no session: only then may a page be shared or kept."""
    return settings.SESSION_COOKIE_NAME not in request.COOKIES


def reading_page[**P](view: Callable[P, HttpResponseBase]) -> Callable[P, HttpResponseBase]:
    """A page that visitors read: GET and HEAD, no cookie, and 304 while nothing has changed."""

    @require_safe
    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not is_visitor(request):
            response: HttpResponseBase = view(request, *args, **kwargs)  # type: ignore[arg-type]  # request comes first
            patch_vary_headers(response, ["Cookie"])
            return response
        etag = freshness_of(request).etag(timezone.now())
        conditional = get_conditional_response(request, etag=etag)
        response = conditional or view(request, *args, **kwargs)  # type: ignore[arg-type]  # request comes first
        if response.status_code in {200, 304}:
            response.headers.setdefault("ETag", etag)
            response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
        patch_vary_headers(response, ["Cookie"])
        return response

    return wrapper  # type: ignore[return-value]  # P is the view's own
