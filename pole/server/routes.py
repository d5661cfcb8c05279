"""Every route of the portal, as the URLconf holds them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, wraps

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver, get_urlconf
from django.urls.resolvers import RoutePattern

PARAMETER = re.compile(r"<(?:(?P<converter>[^>:]+):)?(?P<name>[^>]+)>")


def kept_by_urlconf[*A, R](make: Callable[[*A], R]) -> Callable[[*A], R]:
    """Makes what depends on the routes once for each URLconf: another one may be set, even for a moment.

    Arguments must be hashable.
    """

    @cache
    def kept(_urlconf: str, *arguments: *A) -> R:
        return make(*arguments)

    @wraps(make)
    def of_this_urlconf(*arguments: *A) -> R:
        return kept(get_urlconf() or settings.ROOT_URLCONF, *arguments)

    return of_this_urlconf


def routes() -> Iterator[str]:
    """Every route of the portal, as `path` writes it, without the language."""
    yield from _routes_below(get_resolver(), "")


def _routes_below(resolver: URLResolver, before: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        # That of the language is none: it depends on the thread's.
        is_route = isinstance(pattern.pattern, RoutePattern)
        route = before + (str(pattern.pattern) if is_route else "")
        if isinstance(pattern, URLResolver):
            yield from _routes_below(pattern, route)
        elif isinstance(pattern, URLPattern):
            yield route
