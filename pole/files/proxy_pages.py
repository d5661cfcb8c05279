"""What nginx shows by itself: pages as the portal's own, made once, of which nothing is asked of a portal that is away."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from pole.files import images, tables, uploads
from pole.server.whole_files import write_whole

# By the status that nginx answers; deploy/nginx.conf names the same, and each language.
TEMPLATES = {
    413: "errors/413.html",
    429: "errors/crowded.html",
    502: "errors/503.html",
    503: "errors/503.html",
    504: "errors/504.html",
}
_MEGABYTE = 1024 * 1024
_SIZES = {
    "document": uploads.MAX_PDF_BYTES // _MEGABYTE,
    "list": tables.MAX_BYTES // _MEGABYTE,
    "picture": images.MAX_BYTES // _MEGABYTE,
}


def folder() -> Path:
    return Path(settings.VAR_DIR) / "error-pages"


def write_proxy_pages() -> None:
    """After the static files, whose names they hold."""
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for status, template in TEMPLATES.items():
                page = render_to_string(template, {"hub": None, **_SIZES})
                path = folder() / f"{status}.{language}.html"
                write_whole(path, page.encode(), mode=settings.FILE_UPLOAD_PERMISSIONS)
