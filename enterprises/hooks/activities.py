"""What the agenda asks of the directory: in the name of which listings a person may propose, and whose an activity is."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from enterprises.models import Listing, ListingRole
from pole.hooks.activities import Owner
from pole.hooks.speaking import SpokenFor
from pole.server.database.prepared import prepared


class _Named(NamedTuple):
    name: str
    slug: str


def listings_of(user: User) -> list[SpokenFor]:
    """Those that the person keeps, as owner or co-editor, but for archived ones: one query."""
    roles = ListingRole.objects.filter(user=user).exclude(listing__state=Listing.State.ARCHIVED)
    columns = ("listing_id", "listing__slug", "listing__name", "listing__state", "role")
    return [
        SpokenFor(key, slug, name, state == Listing.State.PUBLISHED, role == ListingRole.Role.OWNER)
        for key, slug, name, state, role in roles.order_by("listing__name_key", "pk").values_list(*columns)
    ]


def owner(listing: int) -> Owner | None:
    """None once visitors can no longer read the listing of this key."""
    found = _published.first(listing)
    return Owner(found.name, reverse("enterprises:listing", args=[found.slug])) if found else None


@prepared(_Named)
def _published(listing: int) -> QuerySet[Listing, Any]:
    return Listing.objects.published().filter(pk=listing).order_by().values_list("name", "slug")
