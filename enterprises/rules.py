"""Who may do what with a listing."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from accounts.models import User
from enterprises.models import Listing, ListingRole
from pole.access import is_staff_session


def is_kept_by(request: HttpRequest, listing: Listing) -> bool:
    """Whether the person is a manager of this listing: one query, none for a visitor."""
    return request.user.is_authenticated and listing.roles.filter(user=request.user).exists()


def may_edit(request: HttpRequest, listing: Listing) -> bool:
    """Its managers, unless it is archived; staff, with their second factor, always."""
    if is_staff_session(request):
        return True
    return listing.state != Listing.State.ARCHIVED and is_kept_by(request, listing)


def editable_or_404(request: HttpRequest, slug: str) -> Listing:
    """The listing, or the one that it was merged into; a 404, as if there were none, for who may not edit it."""
    listings = Listing.objects.defer("document")
    listing = get_object_or_404(listings, slug=slug)
    if listing.merged_into_id:
        listing = listings.get(pk=listing.merged_into_id)
    if not may_edit(request, listing):
        raise Http404
    return listing


def person(request: HttpRequest) -> User:
    """The signed-in person. For views behind `login_required` or `staff_only` only."""
    assert isinstance(request.user, User)  # noqa: S101 - the decorator says so
    return request.user


def is_owned_by(request: HttpRequest, listing: Listing) -> bool:
    """Whether the person is an owner of this listing, not a co-editor: one query."""
    return (
        request.user.is_authenticated
        and listing.roles.filter(user=request.user, role=ListingRole.Role.OWNER).exists()
    )


def signable_or_404(request: HttpRequest, slug: str) -> Listing:
    """The listing, for one of its owners alone: nobody signs in the name of others."""
    listing = get_object_or_404(
        Listing.objects.defer("document").exclude(state=Listing.State.ARCHIVED), slug=slug
    )
    if not is_owned_by(request, listing):
        raise Http404
    return listing
