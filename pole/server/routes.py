"""Every route of the portal, as the URLconf holds them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, wraps
from typing import Any

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver, get_urlconf
from django.urls.resolvers import RegexPattern, RoutePattern

_TEXT_OF_REGEX = re.compile(r"\^?([\w/-]*)(?![\w/?*+{-])")
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
    for route, _view in views_by_route():
        yield route


def views_by_route() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every route with its view, in the order in which Django looks for them."""
    yield from _views_below(get_resolver(), "")


def _views_below(resolver: URLResolver, before: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    for pattern in resolver.url_patterns:
        route = before + _route_of(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _views_below(pattern, route)
        elif isinstance(pattern, URLPattern):
            yield route, pattern.callback


def _route_of(pattern: object) -> str:
    if isinstance(pattern, RoutePattern):
        return str(pattern)
    # Of a regular expression, the text that it begins with; of the language, nothing: it depends on the thread's.
    found = _TEXT_OF_REGEX.match(str(pattern)) if isinstance(pattern, RegexPattern) else None
    return found[1] if found else ""
