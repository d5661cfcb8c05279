"""The directory as open data: read-only JSON, paginated, described by OpenAPI at /api/v1/openapi.json."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from enterprises.exporting import openapi, rows
from enterprises.models import Listing
from enterprises.models.procurement import CATEGORIES
from enterprises.search.filters import DirectoryFilters
from enterprises.search.query import find
from enterprises.search.snapshot import snapshot_at
from pole.caching.public_pages import get_public_state, public_page

DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 50, 200


def _json_response(data: dict[str, Any]) -> JsonResponse:
    response = JsonResponse(data, json_dumps_params={"ensure_ascii": False})
    # Open data: any site's pages may read it. No cookie is ever looked at.
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _parse_number(raw: str, default: int, most: int) -> int:
    return min(max(1, int(raw)), most) if raw.isdecimal() and len(raw) < 7 else default


@public_page
def root(request: HttpRequest) -> HttpResponse:
    names = ("api:listings", "api:sectors", "api:supplies", "api:municipalities", "api:openapi")
    return _json_response(
        {name.removeprefix("api:"): f"{settings.BASE_URL}{reverse(name)}" for name in names}
    )


@public_page
def listings(request: HttpRequest) -> HttpResponse:
    """The listings of any list: the same filters as the directory's own page."""
    snapshot = snapshot_at(get_public_state(request))
    filters = DirectoryFilters(request.GET, snapshot=snapshot)
    size = _parse_number(request.GET.get("par_page", ""), DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)
    page = _parse_number(request.GET.get("page", ""), 1, 1_000_000)
    found = find(filters.search, snapshot, language="fr", start=(page - 1) * size, count=size)
    pages = max(1, -(-found.total // size))
    return _json_response({
        "total": found.total, "page": page, "pages": pages,
        "next": _page_url(request, page + 1) if page < pages else None,
        "previous": _page_url(request, min(page - 1, pages)) if page > 1 else None,
        "results": [rows.as_json(listing, snapshot) for listing in rows.listings_of(found.keys)],
    })  # fmt: skip


def _page_url(request: HttpRequest, page: int) -> str:
    asked = request.GET.copy()
    asked["page"] = str(page)
    return f"{settings.BASE_URL}{request.path}?{asked.urlencode()}"


@public_page
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    row = Listing.objects.published().defer("document").filter(slug=slug).first()
    if row is None:
        raise Http404
    return _json_response(rows.as_json(row, snapshot_at(get_public_state(request))))


@public_page
def sectors(request: HttpRequest) -> HttpResponse:
    snapshot = snapshot_at(get_public_state(request))
    return _json_response({"results": [
        {"slug": sector.slug, "name": sector.name, "name_en": sector.name_en,
         "listings": snapshot.by_sector.get(pk, 0).bit_count()}
        for pk, sector in snapshot.sectors.items()
    ]})  # fmt: skip


@public_page
def supplies(request: HttpRequest) -> HttpResponse:
    by_supply = snapshot_at(get_public_state(request)).by_supply
    return _json_response({"results": [
        {"code": each.code, "name": each.name, "name_en": each.name_en, "unspsc": each.unspsc or None,
         "listings": by_supply.get(each.code, 0).bit_count()}
        for each in CATEGORIES
    ]})  # fmt: skip


@public_page
def municipalities(request: HttpRequest) -> HttpResponse:
    snapshot = snapshot_at(get_public_state(request))
    return _json_response({"results": [
        {"code": code, "name": municipality.name, "designation": municipality.designation, "mrc_code": municipality.mrc_id,
         "mrc": municipality.mrc.name if municipality.mrc else None,
         "listings": snapshot.by_municipality.get(code, 0).bit_count()}
        for code, municipality in snapshot.municipalities.items()
    ]})  # fmt: skip


@public_page
def description(request: HttpRequest) -> HttpResponse:
    return _json_response(openapi.description(settings.BASE_URL))
