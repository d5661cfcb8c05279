"""What each room offers to /sitemap.xml."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A public page: its French path, when it last changed, and its (language, path) alternates."""

    path: str
    changed_at: datetime | None = None
    alternates: tuple[tuple[str, str], ...] = ()


def in_both_languages(path: str, changed_at: datetime | None = None) -> Entry:
    """A page that exists at `path` in French and under /en in English."""
    return Entry(path, changed_at, (("fr-CA", path), ("en-CA", f"/en{path}")))
