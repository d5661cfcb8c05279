"""The directory as open data: read-only JSON, paginated, described by OpenAPI at /api/v1/openapi.json."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from enterprises.exporting import openapi, rows
from enterprises.models import Listing
from enterprises.models.procurement import CATEGORIES
from enterprises.search.filters import DirectoryFilters
from enterprises.search.query import find
from enterprises.search.snapshot import snapshot_at
from pole.caching.public_pages import get_public_state, reading_page
from pole.views.errors import refuse_in_json

DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 50, 200
NUMBER = re.compile("0*[1-9][0-9]{0,6}")

_METHODS = "GET, HEAD, OPTIONS"
# What a browser asks before a page of another site reads with headers of its own.
_FOR_OTHER_SITES = {
    "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": _METHODS,
    "Access-Control-Allow-Headers": "*", "Access-Control-Max-Age": "86400",
}  # fmt: skip
# Where the values that a parameter may have are listed; of the others, in the description of the API.
_VALUES_AT = {
    "secteur": "api:sectors", "achat": "api:supplies", "municipalite": "api:municipalities", "mrc": "api:municipalities",
    "dessert": "api:municipalities", "pres": "api:municipalities",
}  # fmt: skip

type View = Callable[..., HttpResponseBase]


def _json_response(data: dict[str, Any]) -> JsonResponse:
    response = JsonResponse(data, json_dumps_params={"ensure_ascii": False})
    # Open data: any site's pages may read it. No cookie is ever looked at.
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _parse_number(raw: str, default: int, most: int) -> int | None:
    """From 1 on, at most `most`; None for what is no such number."""
    if not raw:
        return default
    return min(int(raw), most) if NUMBER.fullmatch(raw) else None


def api_view(
    *, reads: Iterable[str] = (), parameters: Iterable[str] = (), when_away: bool = False
) -> Callable[[View], View]:
    """A reading page for programs: what is not to be read is refused in JSON too."""

    def decorate(view: View) -> View:
        page = reading_page(reads=reads, parameters=parameters, when_away=when_away)(view)

        # No form posts here, whose token would be looked at before the method.
        @csrf_exempt
        @wraps(page)
        def wrapper(request: HttpRequest, **captured: Any) -> HttpResponseBase:
            if request.method == "OPTIONS":
                return HttpResponse(status=204, headers={"Allow": _METHODS} | _FOR_OTHER_SITES)
            response = page(request, **captured)
            if response.status_code == 405:
                response = refuse_in_json(405, _("The API is only read: by GET."))
                response.headers["Allow"] = _METHODS
            return response

        return wrapper

    return decorate


@api_view()
def root(request: HttpRequest) -> HttpResponse:
    names = ("api:listings", "api:sectors", "api:supplies", "api:municipalities", "api:openapi")
    return _json_response(
        {name.removeprefix("api:"): f"{settings.BASE_URL}{reverse(name)}" for name in names}
    )


@api_view(
    reads=("enterprises",), parameters=(*DirectoryFilters.PARAMETERS, "page", "par_page"), when_away=True
)
def listings(request: HttpRequest) -> HttpResponse:
    """The listings of any list: the same filters as the directory's own page."""
    snapshot = snapshot_at(get_public_state(request))
    filters = DirectoryFilters(request.GET, snapshot=snapshot)
    size = _parse_number(request.GET.get("par_page", ""), DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)
    page = _parse_number(request.GET.get("page", ""), 1, 1_000_000)
    unknown = list(filters.unknown)
    unknown += [
        (name, request.GET[name]) for name, number in (("page", page), ("par_page", size)) if number is None
    ]
    if size is None or page is None or unknown:
        return _refuse_values(unknown)
    found = find(filters.search, snapshot, language="fr", start=(page - 1) * size, count=size)
    pages = max(1, -(-found.total // size))
    return _json_response({
        "total": found.total, "page": page, "pages": pages,
        "next": _page_url(request, page + 1) if page < pages else None,
        "previous": _page_url(request, min(page - 1, pages)) if page > 1 else None,
        "results": [rows.as_json(listing, snapshot) for listing in rows.listings_of(found.keys)],
    })  # fmt: skip


def _refuse_values(unknown: list[tuple[str, str]]) -> HttpResponse:
    """Names each parameter, with the address where its values are listed."""
    errors = [
        {"parameter": name, "value": value[:100],
         "values_at": f"{settings.BASE_URL}{reverse(_VALUES_AT.get(name, 'api:openapi'))}"}
        for name, value in unknown
    ]  # fmt: skip
    said = (_("“%(value)s” is no value of “%(parameter)s”.") % error for error in errors)
    return refuse_in_json(400, " ".join(said), errors=errors)


def _page_url(request: HttpRequest, page: int) -> str:
    asked = request.GET.copy()
    asked["page"] = str(page)
    return f"{settings.BASE_URL}{request.path}?{asked.urlencode()}"


@api_view(reads=("enterprises",), when_away=True)
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    row = Listing.objects.published().defer("document").filter(slug=slug).first()
    if row is None:
        raise Http404
    return _json_response(rows.as_json(row, snapshot_at(get_public_state(request))))


@api_view(reads=("enterprises",), when_away=True)
def sectors(request: HttpRequest) -> HttpResponse:
    snapshot = snapshot_at(get_public_state(request))
    return _json_response({"results": [
        {"slug": sector.slug, "name": sector.name, "name_en": sector.name_en,
         "listings": snapshot.counts.sectors.get(pk, 0)}
        for pk, sector in snapshot.sectors.items()
    ]})  # fmt: skip


@api_view(reads=("enterprises",), when_away=True)
def supplies(request: HttpRequest) -> HttpResponse:
    listings = snapshot_at(get_public_state(request)).counts.supplies
    return _json_response({"results": [
        {"code": each.code, "name": each.name, "name_en": each.name_en, "unspsc": each.unspsc or None,
         "listings": listings.get(each.code, 0)}
        for each in CATEGORIES
    ]})  # fmt: skip


@api_view(reads=("enterprises",), when_away=True)
def municipalities(request: HttpRequest) -> HttpResponse:
    snapshot = snapshot_at(get_public_state(request))
    return _json_response({"results": [
        {"code": code, "name": municipality.name, "designation": municipality.designation, "mrc_code": municipality.mrc_id,
         "mrc": municipality.mrc.name if municipality.mrc else None,
         "listings": snapshot.counts.municipalities.get(code, 0)}
        for code, municipality in snapshot.municipalities.items()
    ]})  # fmt: skip


@api_view()
def description(request: HttpRequest) -> HttpResponse:
    return _json_response(openapi.description(settings.BASE_URL))
