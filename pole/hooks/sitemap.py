"""What each package offers to /sitemap.xml: sections, each cut into parts by the keys of its rows.

By keys and not by rank, so that the hundredth part costs what the first one does, and keeps its address when another
row comes or goes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

# How many keys a part spans. Each entry is there in French and in English: six sections of one part each are far below the
# 50,000 addresses that the protocol allows in one file.
KEYS_A_PART = 2_000


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """A public page: its French path, when it last changed, and its (language tag, path) alternates."""

    path: str
    changed_at: datetime | None = None
    alternates: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Pages of one kind. `name`, in French, is in the address of its parts."""

    name: str
    # Those that anyone may read at a moment.
    rows: Callable[[datetime], QuerySet[Any]]
    entries: Callable[[QuerySet[Any]], Iterable[SitemapEntry]]
    # Pages that are always there, at the head of its first part.
    lists: tuple[str, ...] = ()

    def parts(self, now: datetime) -> list[int]:
        """The numbers of its parts that have something, in order: one query, which reads a row or two for each."""
        found = self._first_of_each_part(now)
        return sorted({0, *found}) if self.lists else found

    def of_part(self, number: int, now: datetime) -> Iterator[SitemapEntry]:
        """What is in one of them."""
        start = number * KEYS_A_PART
        if not number:
            yield from map(bilingual_entry, self.lists)
        rows = self.rows(now).filter(pk__gte=start, pk__lt=start + KEYS_A_PART).order_by("pk")
        yield from self.entries(rows)

    def _first_of_each_part(self, now: datetime) -> list[int]:
        """From the first row of a part, straight to the first one after it: no row between them is read."""
        rows = self.rows(now).order_by("pk")
        first = rows.values("pk")[:1]
        following = rows.filter(pk__gte=RawSQL("(part.number + 1) * %s", [KEYS_A_PART])).values("pk")[:1]
        (first_sql, first_values), (next_sql, next_values) = (
            each.query.sql_with_params() for each in (first, following)
        )
        with connection.cursor() as cursor:
            cursor.execute(
                f"WITH RECURSIVE part (number) AS (SELECT ({first_sql}) / %s UNION ALL"  # noqa: S608 - compiled querysets
                f" SELECT ({next_sql}) / %s FROM part WHERE part.number IS NOT NULL)"
                " SELECT number FROM part WHERE number IS NOT NULL",
                [*first_values, KEYS_A_PART, *next_values, KEYS_A_PART],
            )
            return [number for (number,) in cursor.fetchall()]


def bilingual_entry(path: str, changed_at: datetime | None = None) -> SitemapEntry:
    """A page that exists at `path` in French and under /en in English."""
    return SitemapEntry(path, changed_at, (("fr-CA", path), ("en-CA", f"/en{path}")))
