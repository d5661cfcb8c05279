"""Pages for what went wrong: styled, in the language of the address, without a stack."""

from __future__ import annotations

import sys

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.module_loading import import_string

from pole.hub import identity


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The 404 page, or a permanent redirect when a package knows the old address."""
    path = request.path.removeprefix("/en")
    for hook in settings.OLD_ADDRESSES if request.method in {"GET", "HEAD"} else ():
        if new_address := import_string(hook)(path, timezone.now()):
            return redirect(new_address, permanent=True)
    return render(request, "errors/404.html", status=404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/403.html", status=403)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    # The host itself may be forged: nothing of the request is read.
    return _render_without_database("errors/400.html", 400)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "errors/csrf.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """The page for an unforeseen error, or for a database that is away."""
    error = sys.exc_info()[1]
    if isinstance(error, OperationalError | InterfaceError):
        response = _render_without_database("errors/503.html", 503)
        response.headers["Retry-After"] = "30"
        return response
    return _render_without_database("errors/500.html", 500)


def _render_without_database(template: str, status: int) -> HttpResponse:
    """A page without a query: the hub is the one that this process last read, if any."""
    cached = identity.cached_identity()
    return HttpResponse(render_to_string(template, {"hub": cached.hub if cached else None}), status=status)
