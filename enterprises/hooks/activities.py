"""The listings in whose name a person may propose an activity of the agenda."""

from __future__ import annotations

from accounts.models import User
from enterprises.models import Listing, ListingRole
from pole.hooks.speaking import SpokenFor


def listings_of(user: User) -> list[SpokenFor]:
    """Those that the person keeps, as owner or co-editor, but for archived ones: one query."""
    roles = ListingRole.objects.filter(user=user).exclude(listing__state=Listing.State.ARCHIVED)
    columns = ("listing_id", "listing__slug", "listing__name", "listing__state", "role")
    return [
        SpokenFor(key, slug, name, state == Listing.State.PUBLISHED, role == ListingRole.Role.OWNER)
        for key, slug, name, state, role in roles.order_by("listing__name_key", "pk").values_list(*columns)
    ]
