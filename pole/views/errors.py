"""Pages for what went wrong: styled, in the language of the address, without a stack."""

from __future__ import annotations

import sys
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.db import DatabaseError, DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import resolve
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg import errors

from pole.caching.public_pages import let_proxy_store
from pole.caching.speculation import is_prefetch
from pole.files.stored import tell_team_of_disk
from pole.files.whole import DISK_ERRORS, StorageUnavailable
from pole.hub import identity
from pole.hub.page_head import PageHead
from pole.views.moved import moved_to

# What programs read: errors are said as they are read.
API = "/api/"
# No search engine keeps what is not there.
HIDDEN = {"page_head": PageHead(is_hidden=True)}


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The 404 page, or a permanent redirect when a package knows the old address."""
    if request.path.startswith(API):
        response = refuse_in_json(404, _("Nothing is published at this address."))
        let_proxy_store(request, response)
        return response
    if is_prefetch(request):
        # Nobody has asked for it: neither counted nor led elsewhere.
        return HttpResponse(status=404)
    if new_address := moved_to(request):
        return redirect(new_address, permanent=True)
    for hook in settings.AFTER_NOT_FOUND:
        import_string(hook)()
    response = render(request, "errors/404.html", HIDDEN, status=404)
    let_proxy_store(request, response)
    return response


def refuse_in_json(status: int, detail: str, **more: object) -> HttpResponse:
    """For programs: the members of RFC 9457, and `more`; any site's pages may read it."""
    error = {"status": status, "title": HTTPStatus(status).phrase, "detail": detail, **more}
    return JsonResponse(
        error,
        status=status,
        json_dumps_params={"ensure_ascii": False},
        headers={"Access-Control-Allow-Origin": "*"},
    )


# What programs are told; another error is nobody's fault but ours.
_DETAILS = {
    400: gettext_lazy("This request can’t be read."),
    409: gettext_lazy("The database is busy. Try again in a few seconds."),
    503: gettext_lazy("The database is away for a moment. Try again in a few seconds."),
}


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/403.html", HIDDEN, status=403)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    # The host itself may be forged: nothing of the request is read but its path.
    return _without_database(request, "errors/400.html", 400)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "errors/csrf.html", HIDDEN | {"is_repeated": _is_repeated(request)}, status=403)


# What the database answered, and the page that says it. Its other errors are those of a database that is away.
_DATABASE_PAGES: tuple[tuple[tuple[type[Exception], ...], str, int, str], ...] = (
    (
        (errors.LockNotAvailable, errors.DeadlockDetected, errors.SerializationFailure),
        "errors/busy.html",
        409,
        "5",
    ),
    (
        (errors.DiskFull, errors.ReadOnlySqlTransaction),
        "errors/read_only.html",
        503,
        "300",
    ),
    ((errors.IdleInTransactionSessionTimeout,), "errors/503.html", 503, "30"),
)


def server_error(request: HttpRequest) -> HttpResponse:
    """The page for an unforeseen error, for a database that is away, busy or can't write, or a disk that takes no file."""
    error = sys.exc_info()[1]
    if isinstance(error, DatabaseError) and request.method == "POST" and _is_repeated(request):
        # This time it may be certain; what became of an earlier try is not.
        return unavailable(request)
    if isinstance(error, DataError) and getattr(error.__cause__, "sqlstate", "") is None:
        # Refused before it was sent: a character that no text holds, which no page sends.
        return bad_request(request)
    for kinds, template, status, retry_after in _DATABASE_PAGES:
        if isinstance(error, DatabaseError) and isinstance(error.__cause__, kinds):
            return _try_again(request, template, status, retry_after)
    if isinstance(error, OperationalError | InterfaceError):
        return unavailable(request)
    if isinstance(error, StorageUnavailable) or (isinstance(error, OSError) and error.errno in DISK_ERRORS):
        tell_team_of_disk(error)
        return _without_database(request, "errors/507.html", 507)
    return _without_database(request, "errors/500.html", 500)


def unavailable(request: HttpRequest) -> HttpResponse:
    """The page for a database that is away. What `repeated_while_unavailable` marks is neither done nor refused as
    far as anyone knows: the page holds what was sent, to send it again as it was."""
    if request.method == "POST" and _is_repeated(request):
        sent = [(name, value) for name, values in request.POST.lists() for value in values]
        response = _render_without_database("errors/not_confirmed.html", 503, action=request.path, sent=sent)
        response.headers["Cache-Control"] = "private, no-store"
        # Not `no-referrer`, with which the form would be refused: see `forums.views.vote.pages.forbid_storage`.
        response.headers["Referrer-Policy"] = "strict-origin"
        response.headers["Retry-After"] = "5"
        return response
    response = _try_again(request, "errors/503.html", 503, "30")
    # For `pole.caching.kept_answers`.
    response.is_database_away = True  # type: ignore[attr-defined]  # ours alone
    return response


def _try_again(request: HttpRequest, template: str, status: int, retry_after: str) -> HttpResponse:
    response = _without_database(request, template, status)
    response.headers["Retry-After"] = retry_after
    return response


def repeated_while_unavailable[View: Callable[..., HttpResponse]](view: View) -> View:
    """Marks a view whose POST may be sent again and again: the same fields never change anything twice."""
    _REPEATED.add(view)
    return view


_REPEATED: set[Callable[..., HttpResponse]] = set()


def _is_repeated(request: HttpRequest) -> bool:
    try:
        # A middleware may have failed before Django resolved the address.
        return (request.resolver_match or resolve(request.path_info)).func in _REPEATED
    except Http404:
        return False


def _without_database(request: HttpRequest, template: str, status: int) -> HttpResponse:
    """What can't be answered, as a page or, to a program, as it reads."""
    if not request.path.startswith(API):
        return _render_without_database(template, status)
    return refuse_in_json(status, str(_DETAILS.get(status) or _("Something went wrong. Try again later.")))


def _render_without_database(template: str, status: int, **context: object) -> HttpResponse:
    """A page without a query: the hub is the one that this process last read, if any."""
    cached = identity.cached_identity()
    return HttpResponse(
        render_to_string(template, {"hub": cached.hub if cached else None, **context}), status=status
    )
