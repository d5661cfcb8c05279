"""Who may do what with a listing. Each answer runs at most one query, and none for a visitor."""

from __future__ import annotations

from django.http import HttpRequest

from enterprises.models import Listing, ListingRole
from pole.access import is_staff_session


def is_managed_by(request: HttpRequest, listing: Listing) -> bool:
    """Whether the person is a manager of this listing, owner or co-editor."""
    return request.user.is_authenticated and listing.roles.filter(user=request.user).exists()


def is_owned_by(request: HttpRequest, listing: Listing) -> bool:
    """Whether the person is an owner of this listing, not a co-editor."""
    return (
        request.user.is_authenticated
        and listing.roles.filter(user=request.user, role=ListingRole.Role.OWNER).exists()
    )


def may_edit(request: HttpRequest, listing: Listing) -> bool:
    """Its managers, unless it is archived; staff, with their second factor, always."""
    if is_staff_session(request, "directory"):
        return True
    return listing.state != Listing.State.ARCHIVED and is_managed_by(request, listing)
