"""What each package offers to /sitemap.xml."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """A public page: its French path, when it last changed, and its (language tag, path) alternates."""

    path: str
    changed_at: datetime | None = None
    alternates: tuple[tuple[str, str], ...] = ()


def bilingual_entry(path: str, changed_at: datetime | None = None) -> SitemapEntry:
    """A page that exists at `path` in French and under /en in English."""
    return SitemapEntry(path, changed_at, (("fr-CA", path), ("en-CA", f"/en{path}")))
