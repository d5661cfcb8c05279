"""Lists of the team remember their filters: whoever comes back from an item finds the list as it was left.

The filters are in the address of the list. What the session keeps is the last address of each, for the way back that
has none: a menu, a redirection once an item is saved. A tab that has its own list shows the way back to it
(`static/js/results.js`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

SESSION_KEY = "list_filters"
MAX_LISTS, MAX_QUERY_LENGTH = 20, 500


def keeps_filters[**P](view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """View decorator, below the one that says who may read: what an address asks for is remembered, and wins.

    Without filters in the address, a request from an item of the list is led to those remembered; from anywhere else,
    the list itself among them, it forgets them.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        kept: dict[str, str] = request.session.get(SESSION_KEY, {})
        asked = request.META.get("QUERY_STRING", "")
        remembered = kept.get(request.path, "")
        if not asked and remembered and _comes_from_item(request):
            return HttpResponseRedirect(f"{request.path}?{remembered}")
        if asked != remembered:
            _remember(request, kept, asked)
        return view(request, *args, **kwargs)  # type: ignore[arg-type]  # request comes first

    return wrapper  # type: ignore[return-value]  # P is the view’s own


def _comes_from_item(request: HttpRequest) -> bool:
    """Whether the page before is below the list, as the browser says."""
    before = urlsplit(request.headers.get("Referer", ""))
    return (
        before.netloc == request.get_host()
        and before.path.startswith(request.path)
        and before.path != request.path
    )


def _remember(request: HttpRequest, kept: dict[str, str], asked: str) -> None:
    others = {path: query for path, query in kept.items() if path != request.path}
    if asked and len(asked) <= MAX_QUERY_LENGTH:
        others[request.path] = asked
    # The lists that were read last.
    request.session[SESSION_KEY] = dict(list(others.items())[-MAX_LISTS:])
