from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from forums.models import Forum, Recommendation, Results
from pole.hooks.sitemap import SitemapEntry, bilingual_entry


def entries() -> Iterator[SitemapEntry]:
    """The lists, every announced forum with its recommendations, and every results page that can be read."""
    now = timezone.now()
    yield bilingual_entry(reverse("forums:list"))
    yield bilingual_entry(reverse("forums:priorities"))
    for forum in Forum.objects.announced(now).only("slug", "changed_at"):
        yield bilingual_entry(forum.get_absolute_url(), forum.changed_at)
    for results in Results.objects.readable(now).select_related("forum").only("published_at", "forum__slug"):
        yield bilingual_entry(results.get_absolute_url(), results.published_at)
    yield from _recommendations(now)


def _recommendations(now: datetime) -> Iterator[SitemapEntry]:
    """The list of each forum that has some, and each one that everyone may read."""
    readable = Recommendation.objects.readable(now)
    listed = ""
    for row in readable.select_related("forum").only("forum__slug").order_by("forum__slug", "id").iterator():
        if row.forum.slug != listed:
            listed = row.forum.slug
            yield bilingual_entry(reverse("forums:recommendations", args=[listed]))
        yield bilingual_entry(row.get_absolute_url())
