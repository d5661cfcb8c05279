"""Listings for the portal’s search."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enterprises.models import Listing
from enterprises.search.query import Search, find
from enterprises.search.snapshot import snapshot_at
from pole.caching.public_pages import read_public_state
from pole.search import SearchHit, SearchResults
from pole.text.bilingual import ENGLISH


def search_listings(words: list[str], language: str, limit: int) -> SearchResults:
    """The listings that answer best, for `pole.views.pages.search`."""
    snapshot = snapshot_at(read_public_state(timezone.now()))
    found = find(Search(words=tuple(words)), snapshot, language=language, count=limit)
    rows = Listing.objects.published().for_lists().in_bulk(found.keys)
    hits = [_hit(rows[key], language) for key in found.keys if key in rows]
    return SearchResults(
        "entreprises", _("Enterprises"), found.total, hits, reverse("enterprises:list"), tuple(found.mistyped)
    )


def _hit(listing: Listing, language: str) -> SearchHit:
    in_english = bool(language == ENGLISH and listing.mission_en)
    excerpt = listing.mission_en if in_english else listing.mission
    return SearchHit(listing.name, listing.get_absolute_url(), excerpt, ENGLISH if in_english else "fr")
