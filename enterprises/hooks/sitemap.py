from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse

from enterprises.models import Listing
from pole.hooks.sitemap import Section, SitemapEntry, bilingual_entry


def sections() -> list[Section]:
    """The directory and each published listing."""
    return [Section("repertoire", _published, _listings, (reverse("enterprises:list"),))]


def _published(_now: datetime) -> QuerySet[Listing]:
    return Listing.objects.published()


def _listings(listings: QuerySet[Listing]) -> Iterator[SitemapEntry]:
    directory = reverse("enterprises:list")
    for slug, changed_at in listings.values_list("slug", "updated_at"):
        yield bilingual_entry(f"{directory}{slug}/", changed_at)
