"""What visitors read: the list with its facets, and each listing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises import rules
from enterprises.duplicates import merging
from enterprises.exporting.rows import as_jsonld
from enterprises.listing import reading
from enterprises.models import Listing, Sector
from enterprises.search.filters import RADII_KM, DirectoryFilters
from enterprises.search.query import Order, SearchResult, find
from enterprises.search.region_pictures import place_picture
from enterprises.search.result_rows import load_entries
from enterprises.search.snapshot import Snapshot, snapshot_at
from pole.caching.public_pages import get_public_state, reading_page
from pole.files.drawings import GENERAL
from pole.hub.identity import get_identity
from pole.hub.page_head import PageHead
from pole.search.stems import tell_nothing
from pole.text.bilingual import current_language
from pole.views.paging import asked_number, if_it_exists, page_at

LISTINGS_A_PAGE = 24


@reading_page(reads=("enterprises",), parameters=(*DirectoryFilters.PARAMETERS, "page"), when_away=True)
def listing_list(request: HttpRequest) -> HttpResponse:
    snapshot = snapshot_at(get_public_state(request))
    filters = DirectoryFilters(request.GET, snapshot=snapshot)
    found, page = _page(filters, snapshot, asked_number(request.GET.get("page")))
    facets = filters.facets(found.counts)
    context = {
        "entries": load_entries(
            found.keys, snapshot, origin=filters.origin, tells_check=filters.order == Order.VERIFIED
        ),
        "page": page,
        "page_head": PageHead(title=_("Directory of enterprises"), number=page.number),
        "total": found.total,
        "mistyped": found.mistyped,
        "query": filters.query,
        "tells_nothing": bool(filters.query) and tell_nothing(filters.search.words, current_language()),
        "facets": facets,
        "chips": filters.chips(facets),
        "orders": filters.order_links(),
        "kept_order": filters.kept_order,
        "origin": filters.origin,
        "near": filters.typed_place,
        "has_positions": snapshot.has_positions,
        "radius": "".join(filters.chosen["rayon"][:1]),
        "radii": RADII_KM,
        "has_words": bool(filters.search.words),
    }
    return render(request, "enterprises/list.html", context)


def _page(filters: DirectoryFilters, snapshot: Snapshot, number: int) -> tuple[SearchResult, Page[int]]:
    """What is found, with the page of this number."""
    search, language = filters.search, current_language()
    found = find(
        search, snapshot, language=language, start=(number - 1) * LISTINGS_A_PAGE, count=LISTINGS_A_PAGE
    )
    return found, if_it_exists(page_at(range(found.total), LISTINGS_A_PAGE, number), number)


@reading_page(reads=("enterprises", "forums"), when_away=True)
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    row = reading.published_listing(slug)
    if row is None:
        if final := merging.get_slug_after_merge(slug):
            return redirect("enterprises:listing", final, permanent=True)
        raise Http404
    context = listing_context(
        row,
        sectors=reading.sectors_of(row.pk),
        territory=reading.territory_of(row.pk),
        photos=reading.photos_of(row.pk),
        documents=reading.documents_of(row.pk),
        attestation=reading.attestations_of.first(row.pk, timezone.localdate()),
    )
    context["structured"] = as_jsonld(
        row,
        municipality=row.municipality.name,
        territory=context["territory"],
        parent=context["parent"],
        region=get_identity(get_public_state(request).version_of("hub")).hub.schema_region(),
    )
    context["page_head"] = PageHead(
        kicker=" · ".join(filter(None, [row.get_legal_form_display(), str(row.municipality)]))
    )
    context["map"] = place_picture(row.municipality, snapshot_at(get_public_state(request)))
    if request.user.is_authenticated:
        context["is_mine"] = rules.is_managed_by(request, row)
        context["may_edit"] = rules.may_edit(request, row)
    return render(request, "enterprises/listing.html", context)


def listing_context(row: Listing, **shown: Any) -> dict[str, Any]:
    """The context of a listing's page; a preview gives a listing and related rows that are not saved.

    `logo_url` is the stored logo's, unless `shown` has one.
    """
    parent = row.parent if row.parent and row.parent.state == Listing.State.PUBLISHED else None
    branches = reading.branches_of(row.pk) if row.pk else []
    return {
        "listing": row, "logo_url": row.logo.url if row.logo else "", "parent": parent, "branches": branches,
        "drawing": _drawing(row, shown["sectors"]), **shown,
    }  # fmt: skip


def _drawing(row: Listing, sectors: Sequence[Sector | reading.SectorRow]) -> str:
    """That of the list, which knows sectors by their keys; of a sector that is chosen in a preview."""
    own = [sector for sector in sectors if sector.pk in row.sector_ids[:1]] or sectors
    return f"secteur-{own[0].slug}" if own else GENERAL
