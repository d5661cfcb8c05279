"""Pages that a browser may fetch before a link to them is followed: reading pages, and nothing else.

The rules (https://wicg.github.io/nav-speculation/speculation-rules.html) are made from the URLconf, so that a new address is
right by construction: one is named if its view is a reading page that shows a page, and left out if another view could answer
there. `refuse_other_prefetches` holds whatever else fetches ahead, an extension or another site's rules, to the same.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.urls.converters import get_converters
from django.utils.translation import get_language

from pole.server.routes import PARAMETER, kept_by_urlconf, views_by_route

CONTENT_TYPE = "application/speculationrules+json"
# What programs read lies there.
_PROGRAMS = "api/"
# French has no prefix; and a filter makes a page that few ask for: it is kept on second sight only.
_LANGUAGE = "{/en}?"


def shows_page(route: str, view: Callable[..., Any]) -> bool:
    """Whether it is a page that every visitor reads: a file has a name without a slash at its end."""
    return hasattr(view, "scopes") and (not route or route.endswith("/")) and not route.startswith(_PROGRAMS)


@kept_by_urlconf
def rules() -> str:
    """The rules, as JSON."""
    pages, others = list[str](), list[str]()
    for route, view in views_by_route():
        (pages if shows_page(route, view) else others).append(route)
    mistaken = [route for route in dict.fromkeys(others) if any(_may_be_one(route, page) for page in pages)]
    where = {"and": [_matches(pages), {"not": _matches(mistaken)}]}
    # Once the pointer rests on a link, or a finger touches it.
    prefetch = [{"source": "document", "where": where, "eagerness": "moderate"}]
    return json.dumps({"prefetch": prefetch}, separators=(",", ":"))


@kept_by_urlconf
def version() -> str:
    return hashlib.sha256(rules().encode()).hexdigest()[:12]


def announce(response: HttpResponseBase) -> None:
    """Name the rules to the browser that shows this page: by a header, since an inline script would need a nonce."""
    response.headers["Speculation-Rules"] = _named(get_language())


@kept_by_urlconf
def _named(_language: str | None) -> str:
    return f'"{reverse("speculation_rules")}?v={version()}"'


def is_prefetch(request: HttpRequest) -> bool:
    """Whether nobody has asked for it yet."""
    return "prefetch" in request.headers.get("Sec-Purpose", "").lower()


def refuse_other_prefetches(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: fetched ahead, nothing is answered but what every visitor reads, to one without a session."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return get_response(request)

    def process_view(
        request: HttpRequest, view: Callable[..., Any], _args: object, _kwargs: object
    ) -> HttpResponse | None:
        is_visitor = settings.SESSION_COOKIE_NAME not in request.COOKIES
        if not is_prefetch(request) or (is_visitor and hasattr(view, "scopes")):
            return None
        return HttpResponse(status=403)

    middleware.process_view = process_view  # type: ignore[attr-defined]  # where Django looks for it
    return middleware


def _matches(routes: list[str]) -> dict[str, list[dict[str, str]]]:
    patterns = [{"pathname": _LANGUAGE + "/" + _as_pattern(route), "search": ""} for route in routes]
    return {"href_matches": patterns}


def _as_pattern(route: str) -> str:
    """As the URL Pattern API writes it: https://urlpattern.spec.whatwg.org/"""
    parts = PARAMETER.split(route)
    # Text, then converter, name and text for each parameter.
    written = _literal(parts[0])
    for converter, name, text in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        # Their expressions have the flag `v`, for which a class begins with no bare hyphen.
        expression = _expression(converter).replace("[-", r"[\-")
        written += f":{name}({expression}){_literal(text)}"
    return written


def _literal(text: str) -> str:
    return re.sub(r"([^\w/-])", r"\\\1", text, flags=re.ASCII)


def _expression(converter: str | None) -> str:
    return str(get_converters()[converter or "str"].regex)


def _may_be_one(route: str, page: str) -> bool:
    """Whether some address could be of both: segment by segment, a parameter may stand for what it takes."""
    ours, theirs = route.split("/"), page.split("/")
    several = next((place for place, part in enumerate(ours) if part.startswith("<path:")), None)
    if several is not None and any(theirs[several:]):
        # It takes as many segments as there are.
        ours, theirs = ours[:several], theirs[:several]
    return len(ours) == len(theirs) and all(map(_may_meet, ours, theirs))


def _may_meet(one: str, other: str) -> bool:
    if PARAMETER.search(one) and PARAMETER.search(other):
        return True
    return bool(_compiled(one).fullmatch(other) or _compiled(other).fullmatch(one))


def _compiled(segment: str) -> re.Pattern[str]:
    parts = PARAMETER.split(segment)
    written = re.escape(parts[0])
    for converter, text in zip(parts[1::3], parts[3::3], strict=True):
        written += f"(?:{_expression(converter)}){re.escape(text)}"
    return re.compile(written)
