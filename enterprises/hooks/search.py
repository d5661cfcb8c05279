"""Listings for the portal’s search."""

from __future__ import annotations

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from enterprises.models import Listing
from enterprises.search.query import Search as DirectorySearch
from enterprises.search.query import find
from enterprises.search.snapshot import Snapshot, snapshot_at
from pole.files.drawings import GENERAL
from pole.files.thumbnails import thumbnail_html
from pole.search import Search, SearchHit, SearchResults
from pole.text.bilingual import ENGLISH
from pole.text.markup import Markup


def search_listings(search: Search) -> SearchResults:
    """The listings that answer best, for `pole.views.pages.search`."""
    asked = DirectorySearch(words=tuple(search.words), typed=search.typed)
    snapshot = snapshot_at(search.public_state)
    found = find(asked, snapshot, language=search.language, count=search.limit)
    rows = Listing.objects.published().for_lists().in_bulk(found.keys)
    hits = [_hit(rows[key], snapshot, search.language) for key in found.keys if key in rows]
    return SearchResults(
        "entreprises", _("Enterprises"), found.total, hits, reverse("enterprises:list"), tuple(found.mistyped)
    )


def _hit(listing: Listing, snapshot: Snapshot, language: str) -> SearchHit:
    in_english = bool(language == ENGLISH and listing.mission_en)
    excerpt = listing.mission_en if in_english else listing.mission
    shown_in = ENGLISH if in_english else "fr"
    return SearchHit(
        listing.name, listing.get_absolute_url(), excerpt, shown_in, picture=_picture(listing, snapshot)
    )


_LOGO = Markup('<img class="thumb thumb--logo" src="{url}" alt="" loading="lazy">')


def _picture(listing: Listing, snapshot: Snapshot) -> SafeString:
    """Its logo, else the drawing of its first sector."""
    if listing.logo:
        return _LOGO(url=listing.logo.url)
    slugs = [snapshot.sectors[key].slug for key in listing.sector_ids if key in snapshot.sectors]
    return thumbnail_html(None, f"secteur-{slugs[0]}" if slugs else GENERAL)
