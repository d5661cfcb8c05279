"""Listings for the portal’s search."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enterprises.models import Listing
from enterprises.search.query import Search as DirectorySearch
from enterprises.search.query import find
from enterprises.search.snapshot import snapshot_at
from pole.search import Search, SearchHit, SearchResults
from pole.text.bilingual import ENGLISH


def search_listings(search: Search) -> SearchResults:
    """The listings that answer best, for `pole.views.pages.search`."""
    asked = DirectorySearch(words=tuple(search.words), typed=search.typed)
    snapshot = snapshot_at(search.public_state)
    found = find(asked, snapshot, language=search.language, count=search.limit)
    rows = Listing.objects.published().for_lists().in_bulk(found.keys)
    hits = [_hit(rows[key], search.language) for key in found.keys if key in rows]
    return SearchResults(
        "entreprises", _("Enterprises"), found.total, hits, reverse("enterprises:list"), tuple(found.mistyped)
    )


def _hit(listing: Listing, language: str) -> SearchHit:
    in_english = bool(language == ENGLISH and listing.mission_en)
    excerpt = listing.mission_en if in_english else listing.mission
    return SearchHit(listing.name, listing.get_absolute_url(), excerpt, ENGLISH if in_english else "fr")
