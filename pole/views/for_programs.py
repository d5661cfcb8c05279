"""What programs request: health checks, robots.txt, media files."""

from __future__ import annotations

import re
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.storage import default_storage
from django.db import connection
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.common import no_append_slash
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from django.views.i18n import JavaScriptCatalog

from pole.caching import speculation
from pole.caching.in_process import BoundedCache, process_cache
from pole.caching.public_pages import reading_page
from pole.files.images import jpeg_of, shared_jpeg_of
from pole.hub.cards import WIDTH_PX
from pole.server import work_queue
from pole.server.database import repeatable_sql
from pole.text.focus import Focus

# Of the files that the portal stores; anything else in the media folder is not served.
MEDIA_CONTENT_TYPES = {".webp": "image/webp", ".pdf": "application/pdf"}
# Cut around a point of the picture, by `pole.hub.page_head.picture_of`.
_CUT = re.compile(r"(?P<stem>.+)-x(?P<x>10|[0-9])y(?P<y>10|[0-9])\.webp", re.ASCII)
# By the path of the stored picture that each was made of.
_jpegs: BoundedCache[str, bytes] = process_cache(limit=20)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Liveness: the process answers, and says which release it is: an upgrade looks whether nginx leads to the new one."""
    return HttpResponse("ok\n", content_type="text/plain", headers={"X-Release": settings.RELEASE})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Readiness: 200 when the database, the migrations and the queue are well, else 503."""
    checks = {"database": False, "migrations": False, "queue": False}
    try:
        connection.ensure_connection()
        checks["database"] = True
        checks["migrations"] = repeatable_sql.is_current()
        checks["queue"] = not (work_queue.late_jobs().exists() or work_queue.stalled_jobs().exists())
    except Exception:  # noqa: BLE001 - whatever it is, the answer is "not ready"
        return JsonResponse(checks, status=503)
    return JsonResponse(checks, status=200 if all(checks.values()) else 503)


@csrf_exempt
@no_append_slash
def nothing_to_read(request: HttpRequest, **_captured: str) -> HttpResponse:
    """What lies under the API and is not of it, whatever the method: a 404 in JSON, by `pole.views.errors.not_found`."""
    raise Http404


@require_safe
def speculation_rules(request: HttpRequest) -> HttpResponse:
    """Which pages a browser may fetch ahead; `v` names what the rules say."""
    response = HttpResponse(speculation.rules(), content_type=speculation.CONTENT_TYPE)
    if request.GET.get("v") == speculation.version():
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@reading_page()
def robots_txt(request: HttpRequest) -> HttpResponse:
    return render(
        request, "pole/robots.txt", {"base_url": settings.BASE_URL}, content_type="text/plain; charset=utf-8"
    )


@reading_page()
def security_txt(request: HttpRequest) -> HttpResponse:
    """RFC 9116. It expires in a year, counted from today, which ends when the ETag does."""
    expires = (timezone.localdate() + timedelta(days=365)).strftime("%Y-%m-%dT00:00:00Z")
    context = {"base_url": settings.BASE_URL, "expires": expires}
    return render(request, "pole/security.txt", context, content_type="text/plain; charset=utf-8")


@reading_page()
def editor_translations(request: HttpRequest) -> HttpResponseBase:
    """The translations of the rich editor's buttons, in the language of the URL."""
    return JavaScriptCatalog.as_view(packages=["django_prose_editor"])(request)


def _as_jpeg(path: str) -> HttpResponse:
    """A stored picture for those that show no WebP: at the width of a card, or cut to one around its point."""
    try:
        content = _jpegs.get_or_make(path, lambda: _jpeg_at(path))
    except (SuspiciousOperation, OSError, ValueError) as error:
        raise Http404 from error
    return _kept_for_ever(HttpResponse(content, content_type="image/jpeg"))


def _jpeg_at(path: str) -> bytes:
    if found := _CUT.fullmatch(path):
        focus = Focus(int(found["x"]), int(found["y"]))
        return shared_jpeg_of(default_storage.open(f"{found['stem']}.webp").read(), focus)
    return jpeg_of(default_storage.open(path).read(), WIDTH_PX)


def _kept_for_ever[R: HttpResponseBase](response: R) -> R:
    """A file whose address never shows another one, and which runs nothing."""
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """A stored file. nginx serves these first where it is installed."""
    extension = path[path.rfind(".") :].lower()
    if extension == ".jpg":
        return _as_jpeg(path.removesuffix(".jpg") + ".webp")
    try:
        if extension not in MEDIA_CONTENT_TYPES or not default_storage.exists(path):
            raise Http404
        file = default_storage.open(path)
    except (SuspiciousOperation, IsADirectoryError, ValueError) as error:
        raise Http404 from error
    return _kept_for_ever(
        FileResponse(file, content_type=MEDIA_CONTENT_TYPES[extension], as_attachment=extension == ".pdf")
    )
