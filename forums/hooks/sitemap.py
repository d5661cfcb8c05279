from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone

from forums.models import Forum, Recommendation, Results, Season
from pole.hooks.sitemap import Section, SitemapEntry, bilingual_entry


def sections() -> list[Section]:
    """The lists, every announced activity with its recommendations, seasons, and every results page that can be read."""
    lists = (reverse("forums:agenda"), reverse("forums:list"), reverse("forums:priorities"))
    return [
        Section("forums", Forum.objects.announced, _forums, lists),
        Section("temps-forts", lambda _now: Season.objects.all(), _seasons),
        Section("resultats", Results.objects.readable, _results),
        Section("recommandations", Recommendation.objects.readable, _recommendations),
    ]


def _forums(forums: QuerySet[Forum]) -> Iterator[SitemapEntry]:
    """Each one, and the list of its recommendations once it has some."""
    readable = Recommendation.objects.readable(timezone.now()).filter(forum=OuterRef("pk"))
    for forum in forums.only("slug", "changed_at").annotate(is_discussed=Exists(readable)):
        yield bilingual_entry(forum.get_absolute_url(), forum.changed_at)
        if forum.is_discussed:
            yield bilingual_entry(reverse("forums:recommendations", args=[forum.slug]))


def _seasons(seasons: QuerySet[Season]) -> Iterator[SitemapEntry]:
    for season in seasons.only("slug"):
        yield bilingual_entry(season.get_absolute_url())


def _results(results: QuerySet[Results]) -> Iterator[SitemapEntry]:
    for page in results.select_related("forum").only("published_at", "forum__slug"):
        yield bilingual_entry(page.get_absolute_url(), page.published_at)


def _recommendations(recommendations: QuerySet[Recommendation]) -> Iterator[SitemapEntry]:
    for row in recommendations.select_related("forum").only("forum__slug"):
        yield bilingual_entry(row.get_absolute_url())
