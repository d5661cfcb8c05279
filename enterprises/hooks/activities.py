"""Whose an activity is: the enterprise that proposed it, as the page of the activity names it."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.urls import reverse

from enterprises.models import Listing
from pole.hooks.activities import Owner
from pole.server.database.prepared import prepared


class _Named(NamedTuple):
    name: str
    slug: str


def owner(listing: int) -> Owner | None:
    """None once visitors can no longer read the listing of this key."""
    found = _published.first(listing)
    return Owner(found.name, reverse("enterprises:listing", args=[found.slug])) if found else None


@prepared(_Named)
def _published(listing: int) -> QuerySet[Listing, Any]:
    return Listing.objects.published().filter(pk=listing).order_by().values_list("name", "slug")
