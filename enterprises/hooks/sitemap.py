from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from enterprises.models import Listing
from pole.hooks.sitemap import SitemapEntry, bilingual_entry


def entries() -> Iterator[SitemapEntry]:
    """The directory and each published listing."""
    directory = reverse("enterprises:list")
    yield bilingual_entry(directory)
    listings = Listing.objects.published().order_by("pk").values_list("slug", "updated_at")
    for slug, changed_at in listings.iterator(chunk_size=5000):
        yield bilingual_entry(f"{directory}{slug}/", changed_at)
