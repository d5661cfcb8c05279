"""Every route of the portal, as the URLconf holds them, and the addresses that they make."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache, wraps

from django.conf import settings
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, get_urlconf, reverse
from django.urls.resolvers import RoutePattern
from django.utils.translation import override

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


# Stand for what an address holds while its pattern is made: of the characters of a slug, and a number.
_MARKERS: tuple[tuple[str | int, str], ...] = (
    ("marker-of-a-route", "marker-of-a-route"),
    (9_071_000_000, "9071000000"),
)
# What is written in an address as it is.
_PLAIN = re.compile(r"[\w.~-]+", re.ASCII)


class Route:
    """`POST = Route("blog:post")`: `POST("en", slug)` is what `reverse` makes among the pages of English, at a twentieth of
    its cost. For a route with one parameter, or none."""

    def __init__(self, name: str) -> None:
        self._name = name
        # The address around its parameter, by language.
        self._parts: dict[str, tuple[str, str]] = {}

    def __call__(self, language: str, value: str | int | None = None) -> str:
        parts = self._parts.get(language)
        if parts is None:
            with override(language):
                parts = self._parts[language] = self._split(has_parameter=value is not None)
        before, after = parts
        if value is None:
            return before
        text = str(value)
        if not _PLAIN.fullmatch(text):
            with override(language):
                return reverse(self._name, args=[value])
        return f"{before}{text}{after}"

    def _split(self, *, has_parameter: bool) -> tuple[str, str]:
        if not has_parameter:
            return reverse(self._name), ""
        for marker, written in _MARKERS:
            with suppress(NoReverseMatch):
                before, _marker, after = reverse(self._name, args=[marker]).partition(written)
                return before, after
        raise NoReverseMatch(self._name)


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
