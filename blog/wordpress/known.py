"""Which object of the old site is already here: by its key there, and, once the site moved, by what never changes."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable

from django.db.models import Model

from blog.models import Author, Imported, Page, Post, SiteImport, Tag
from blog.wordpress.moments import read_moment
from blog.wordpress.names import parts_of
from blog.wordpress.reading import Export, Item
from comments.models import Comment
from desk.models import Document, Picture

MODELS: dict[str, type[Model]] = {
    "post": Post, "page": Page, "comment": Comment, "picture": Picture, "document": Document, "author": Author, "tag": Tag,
}  # fmt: skip


def source_of(address: str) -> str:
    """`https://www.exemple.org/blogue/` → `exemple.org/blogue`."""
    parts = parts_of(address if "://" in address else f"//{address}")
    return f"{parts.netloc.lower().removeprefix('www.')}{parts.path.rstrip('/')}"[:200]


def mark_of(item: Item) -> str:
    """The same at every address of the site: its number, where its permanent identifier leads, and its first date."""
    guid = parts_of(item.guid)
    told = (item.kind, item.key, guid.query or guid.path, item.local_date)
    return _digest(told) if item.key and read_moment(item.local_date) else ""


def stamp_of(row: Model) -> str:
    """Changes as soon as someone changes the row."""
    if isinstance(row, Post | Page):
        draft = row.draft
        told: tuple[object, ...] = (draft.version, draft.archived_at, row.published_at, row.slug)
    elif isinstance(row, Comment):
        told = (row.text, row.state, row.signature)
    elif isinstance(row, Picture):
        told = (row.description, row.is_decorative, row.credit)
    elif isinstance(row, Document):
        told = (row.title,)
    elif isinstance(row, Author):
        told = (row.name, row.role, row.note, row.user_id, row.portrait_id)
    else:
        told = (str(row),)
    return _digest(tuple(str(each) for each in told))


def _digest(told: Iterable[object]) -> str:
    return hashlib.sha256(json.dumps([str(each) for each in told]).encode()).hexdigest()


def _former(marks: set[str], source: str) -> list[str]:
    """The other addresses of a site: half of what came from there is in it, or half of it came from there.

    Two sites begun from one model share a text or two.
    """
    marked = Imported.objects.exclude(mark="").exclude(source=source)
    shared = Counter(marked.filter(mark__in=marks).values_list("source", flat=True))
    return [
        former
        for former, count in sorted(shared.items())
        if 2 * count >= min(len(marks), marked.filter(source=former).count())
    ]


class Known:
    """Reads at once what came from this site, at this address or at another that it had."""

    def __init__(self, export: Export, site_import: SiteImport | None) -> None:
        self.source, self._site_import = source_of(export.site), site_import
        marks = [mark for item in export.items if (mark := mark_of(item))]
        # The first is this site: its own keys win.
        self.sources = [self.source, *_former(set(marks) - {""}, self.source)]
        self._found: dict[tuple[str, str], int] = {}
        self._marked: dict[str, int] = {}
        for source in reversed(self.sources):
            for row in Imported.objects.filter(source=source).iterator():
                self._found[row.kind, row.key] = row.became
                if row.mark:
                    self._marked[row.mark] = row.became

    def became(self, kind: str, key: str, mark: str = "") -> int | None:
        """The key of the row, which may be gone since; None for what never came."""
        if mark in self._marked:
            return self._marked[mark]
        return self._found.get((kind, key))

    def record(self, kind: str, key: str, row: Model, mark: str = "") -> None:
        key = key[:300]
        self._found[kind, key] = row.pk
        Imported.objects.update_or_create(
            source=self.source, kind=kind, key=key,
            defaults={"became": row.pk, "mark": mark, "stamp": stamp_of(row), "site_import": self._site_import},
        )  # fmt: skip
