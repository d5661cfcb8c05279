"""What staff print of a forum: the sign-in sheet and the poster."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from forums.models import Forum
from forums.printing.poster import poster_pdf
from forums.printing.sign_in_sheet import sign_in_pdf
from pole.access import role_required
from pole.files.downloads import as_file


@role_required("forums")
@require_safe
def sign_in_sheet(request: HttpRequest, slug: str) -> HttpResponse:
    return _pdf_response(slug, "presences", sign_in_pdf)


@role_required("forums")
@require_safe
def poster(request: HttpRequest, slug: str) -> HttpResponse:
    return _pdf_response(slug, "affiche", poster_pdf)


def _pdf_response(slug: str, name: str, make: Callable[[Forum], bytes]) -> HttpResponse:
    forum = get_object_or_404(Forum.objects.select_related("municipality"), slug=slug)
    return as_file(HttpResponse(make(forum)), f"{name}-{forum.slug}.pdf")
