"""Conditional requests (ETag and 304): a public page is rendered again only when something public has changed.

The ETag is made from the content versions, the release, the date and the next scheduled change,
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
from pole.caching.in_process import BoundedCache, process_cache

MAX_CACHED_COUNTS = 1000


@dataclass(frozen=True, slots=True)
class PublicState:
    """The state of all public data at one moment: what the ETag of a public page depends on."""

    # (scope, content version), by scope.
    versions: tuple[tuple[str, int], ...]
    # When something public next changes by itself (a scheduled post, the end of a forum).
    next_change_at: datetime | None
    _count_cache: BoundedCache[Hashable, int] = field(
        default_factory=lambda: BoundedCache(MAX_CACHED_COUNTS), compare=False, repr=False
    )
    _page_slugs: BoundedCache[str, frozenset[str]] = field(
        default_factory=lambda: BoundedCache(1), compare=False, repr=False
    )

    def version_of(self, scope: str) -> int:
        """The content version of a scope; 0 when nothing of it has ever changed."""
        return dict(self.versions).get(scope, 0)

    def etag(self, now: datetime) -> str:
        parts = (settings.RELEASE, timezone.localdate(now), self.next_change_at, self.versions)
        # Weak: nginx may compress the body.
        return f'W/"{hashlib.sha256(repr(parts).encode()).hexdigest()[:24]}"'

    def cached_count(self, key: Hashable, count: Callable[[], int]) -> int:
        """A number of public rows, cached under `key` until the public state changes; `count` queries it."""
        return self._count_cache.get_or_make(key, count)

    def page_slugs(self) -> frozenset[str]:
        """The slugs of the pages that visitors may read: one query for each public state."""
        read: Callable[[], frozenset[str]] = import_string(settings.PUBLIC_PAGE_SLUGS)
        return self._page_slugs.get_or_make("", read)


_states: BoundedCache[tuple[tuple[str, int], ...], PublicState] = process_cache(limit=1)


def read_public_state(now: datetime) -> PublicState:
    """One query. The next change is looked up again only when a version rose or that change is past."""
    versions = read_versions()
    cached = _states.get(versions)
    if cached and (not cached.next_change_at or now < cached.next_change_at):
        return cached
    changes = [import_string(path)(now) for path in settings.NEXT_SCHEDULED_CHANGES]
    state = _states[versions] = PublicState(
        versions, min((moment for moment in changes if moment), default=None)
    )
    return state


def get_public_state(request: HttpRequest) -> PublicState:
    """The public state for this request, read once."""
    if not hasattr(request, "_public_state"):
        request._public_state = read_public_state(timezone.now())  # type: ignore[attr-defined]  # ours alone
    return request._public_state  # type: ignore[attr-defined,no-any-return]  # ours alone


def public_page[**P](view: Callable[P, HttpResponseBase]) -> Callable[P, HttpResponseBase]:
    """View decorator: GET and HEAD only; without a session, a shared cache may store it, and answers are conditional.

    With a session the view always runs, and `pole.middleware.private_unless_public` forbids any storage.
    """

    @require_safe
    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            response: HttpResponseBase = view(request, *args, **kwargs)  # type: ignore[arg-type]  # request comes first
            patch_vary_headers(response, ["Cookie"])
            return response
        etag = get_public_state(request).etag(timezone.now())
        conditional = get_conditional_response(request, etag=etag)
        response = conditional or view(request, *args, **kwargs)  # type: ignore[arg-type]  # request comes first
        if response.status_code in {200, 304}:
            response.headers.setdefault("ETag", etag)
            response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
        patch_vary_headers(response, ["Cookie"])
        return response

    return wrapper  # type: ignore[return-value]  # P is the view's own
