"""Importing from a WordPress export what the portal does not have yet. Running it again adds only what is missing.

Each text is written in a transaction of its own: one that is refused costs no other. `blog.Imported`
records what each object of the old site became.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import DatabaseError, OperationalError, transaction

from accounts import journal
from accounts.models import User
from blog.models import Page, Post, SiteImport
from blog.wordpress.addresses import Addresses
from blog.wordpress.conversations import import_comments
from blog.wordpress.known import Known, mark_of
from blog.wordpress.library import Library
from blog.wordpress.places import MODELS, Places
from blog.wordpress.reading import REUSABLE, Export, Item
from blog.wordpress.report import Report
from blog.wordpress.texts import DRAFT_STATES, PUBLIC_STATES, Choices, Texts
from pole.files.stored import atomic_with_files

# Earlier states of texts, which WordPress sometimes writes too.
_SILENT = frozenset({"attachment", "post", "page", "revision", REUSABLE})
# Told how many things are done, of how many, and the title of the next.
type Progress = Callable[[int, int, str], None]


class DryRunRollback(Exception):
    """Ends the transaction of a dry run."""


def import_site(
    export: Export,
    *,
    uploads: Path | None,
    is_dry: bool,
    progress: Progress = lambda done, total, title: None,
    choices: Choices | None = None,
    site_import: SiteImport | None = None,
    by: User | None = None,
) -> Report:
    """Brings posts, pages, authors, tags, pictures, documents, comments and old addresses."""
    report = Report()
    try:
        # Whatever transaction is around files must be one of these.
        with atomic_with_files() if is_dry else nullcontext():
            _Import(
                export, uploads, report, choices or Choices(), None if is_dry else site_import, is_dry=is_dry
            ).run(progress)
            if report.imported.total() and not is_dry:
                counts = ", ".join(f"{count} {kind}" for kind, count in sorted((+report.imported).items()))
                key = site_import.pk if site_import else 0
                journal.record(action="imported", kind="wordpress", key=key, by=by, reason=counts)
            if is_dry:
                raise DryRunRollback
    except DryRunRollback:
        pass
    return report


class _Import:
    def __init__(
        self,
        export: Export,
        uploads: Path | None,
        report: Report,
        choices: Choices,
        site_import: SiteImport | None,
        *,
        is_dry: bool,
    ) -> None:
        self._export, self._report = export, report
        self._known = Known(export, site_import)
        self._library = Library(export, self._known, uploads, report, is_dry=is_dry)
        self._places = Places(export, self._known, self._library)
        self._texts = Texts(export, self._known, self._places, self._library, report, choices)
        self._addresses = Addresses(export, site_import, report)

    def run(self, progress: Progress) -> None:
        self._report_file()
        files = list(self._library.items.values())
        total = len(files) + len(self._places.slugs)
        for done, item in enumerate(files, start=1):
            progress(done, total, item.title)
            with atomic_with_files():
                self._bring_file(item)
        done = len(files)
        for item in self._export.texts():
            if item.key in self._places.slugs and item.kind in MODELS:
                done += 1
                progress(min(done, total), total, item.title)
                self._bring_text(item)
            elif item.kind not in _SILENT:
                self._report.add("kind", item.title or item.kind, item.kind)
        with transaction.atomic():
            self._addresses.of_categories()
            self._addresses.of_authors(self._known)

    def _report_file(self) -> None:
        for code in ("controls", "bytes", "sections", "unclosed", "truncated"):
            if count := self._export.repairs[code]:
                self._report.add(code, "Fichier", count)
        for title in self._export.lost:
            self._report.add("damaged", title or "?")

    def _bring_file(self, item: Item) -> None:
        if (row := self._library.place(item)) and row.pk:
            self._addresses.of_file(item, row)

    def _bring_text(self, item: Item) -> None:
        try:
            with atomic_with_files():
                self._import_text(item)
        except ValidationError as error:
            self._report.add("text", item.title, " ".join(error.messages))
        except OperationalError:
            # The database is away: no other text would come in.
            raise
        except DatabaseError:
            self._report.add("stored", item.title)

    def _import_text(self, item: Item) -> None:
        if item.state not in PUBLIC_STATES and item.state not in DRAFT_STATES:
            self._report.add("state", item.title, item.state)
            return
        kind = "billets" if item.kind == "post" else "pages"
        row: Post | Page | None
        if known := self._known.became(item.kind, item.key, mark_of(item)):
            self._report.skipped[kind] += 1
            # Someone may have removed it since: it does not come back.
            row = MODELS[item.kind].objects.filter(pk=known).first()
        else:
            row = self._texts.write(item)
            self._report.imported[kind] += 1
        if row is None:
            return
        self._addresses.of_text(item, row)
        import_comments(item, row, self._known, self._report)
        if isinstance(row, Page) and row.thread_id and item.comments:
            self._report.add("page_comments", item.title, url=row.get_edit_url())
