"""The listing that a view was asked for, when the person may see it there."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from enterprises import rules
from enterprises.models import Listing


def parse_key(raw: str) -> int:
    """The key that was posted; 0, which no row has, when it is not one."""
    return int(raw) if raw.isdecimal() and len(raw) < 18 else 0


def get_editable_listing_or_404(request: HttpRequest, slug: str) -> Listing:
    """The listing, or the one that it was merged into; a 404, as if there were none, for who may not edit it."""
    listings = Listing.objects.defer("document")
    listing = get_object_or_404(listings, slug=slug)
    if listing.merged_into_id:
        listing = listings.get(pk=listing.merged_into_id)
    if not rules.may_edit(request, listing):
        raise Http404
    return listing


def get_owned_listing_or_404(request: HttpRequest, slug: str) -> Listing:
    """The listing, when the person owns it: nobody signs in the name of others."""
    listing = get_object_or_404(
        Listing.objects.defer("document").exclude(state=Listing.State.ARCHIVED), slug=slug
    )
    if not rules.is_owned_by(request, listing):
        raise Http404
    return listing
