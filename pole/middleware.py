"""Headers of every response, the request id and language of every request, and filters of the log."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csp import ContentSecurityPolicyMiddleware, get_nonce
from django.utils import translation
from django.utils.csp import CSP, build_policy

from pole.server import bearer_links

type GetResponse = Callable[[HttpRequest], HttpResponseBase]

_current_request_id: ContextVar[str] = ContextVar("request_id", default="-")

PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "browsing-topics", "camera", "display-capture", "geolocation", "gyroscope",
        "magnetometer", "microphone", "midi", "payment", "usb",
    )
)  # fmt: skip


def security_headers(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response

    return middleware


class ContentSecurityPolicy(ContentSecurityPolicyMiddleware):
    """Django's, but that what asks for no nonce has a policy that is written once."""

    def __init__(self, get_response: GetResponse) -> None:
        super().__init__(get_response)
        self._without_nonce = build_policy(settings.SECURE_CSP)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        is_plain = not (get_nonce(request) or hasattr(response, "_csp_config"))
        if is_plain and not settings.SECURE_CSP_REPORT_ONLY:
            response.headers.setdefault(CSP.HEADER_ENFORCE.value, self._without_nonce)
            return response
        return super().process_response(request, response)


def request_id(get_response: GetResponse) -> GetResponse:
    """Names the request in every log line and in the response, so that a report can be traced."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        identifier = uuid.uuid4().hex[:12]
        token = _current_request_id.set(identifier)
        try:
            response = get_response(request)
        finally:
            _current_request_id.reset(token)
        response.headers["X-Request-ID"] = identifier
        return response

    return middleware


class RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = _current_request_id.get()
        return True


class MaskSecretsFilter(logging.Filter):
    """Masks codes and tokens in the URLs of a log line, whichever logger wrote it."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        masked = bearer_links.masked(message)
        if masked != message:
            record.msg, record.args = masked, ()
        return True


def path_language(get_response: GetResponse) -> GetResponse:
    """English under /en/, French everywhere else.

    Django's LocaleMiddleware would ask cookies and Accept-Language too, and send
    `Vary: Accept-Language`: one address must be one page.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        is_english = request.path_info == "/en" or request.path_info.startswith("/en/")
        with translation.override("en" if is_english else "fr"):
            request.LANGUAGE_CODE = translation.get_language()
            response = get_response(request)
            response.headers.setdefault("Content-Language", "en" if is_english else "fr")
        return response

    return middleware


def writable_path(get_response: GetResponse) -> GetResponse:
    """A 404 for a path with a character that no text of the database holds: nothing is there, and to look for it is an error."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if "\x00" in request.path_info:
            raise Http404
        return get_response(request)

    return middleware


def private_unless_public(get_response: GetResponse) -> GetResponse:
    """`Cache-Control: no-store` on every response whose view did not set `public`."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return middleware
