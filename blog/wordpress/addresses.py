"""What each address of the old site leads to now: texts, files, categories, tags, authors."""

from __future__ import annotations

from urllib.parse import unquote

from django.db.models import Model

from blog.models import Author, OldAddress, Page, Post, SiteImport, Tag
from blog.wordpress.known import Known
from blog.wordpress.library import key_of
from blog.wordpress.names import parts_of
from blog.wordpress.places import path_of
from blog.wordpress.reading import Category, Export, Item
from blog.wordpress.report import Report
from blog.wordpress.texts import KINDS, UNFILED, kind_word
from desk.models import Document, Picture
from pole.text import typography

LONGEST = 300


class Addresses:
    """Writes them; one that leads somewhere already is left as it is, since staff may have changed it."""

    def __init__(self, export: Export, site_import: SiteImport | None, report: Report) -> None:
        self._export, self._site_import, self._report = export, site_import, report
        # Of a site that lies in a folder of its host.
        self._folder = parts_of(export.site).path.rstrip("/")

    def of_text(self, item: Item, row: Post | Page) -> None:
        paths = {path_of(item.link), *self._former_slugs(item)}
        guid = parts_of(item.guid)
        if guid.path.strip("/") and not guid.query:
            paths.add(path_of(item.guid))
        own = f"/billets/{row.slug}/" if isinstance(row, Post) else f"/{row.slug}/"
        for path in sorted(paths - {"/", f"{self._folder}/", own}):
            self._add(path, **OldAddress.leading_to(row))
        self._add_number("p", item.key, **OldAddress.leading_to(row))

    def _former_slugs(self, item: Item) -> set[str]:
        """Those that a text had before, in the same shape of address."""
        former, path = unquote(item.meta.get("_wp_old_slug", "")), path_of(item.link)
        return (
            {path.replace(f"/{item.slug}/", f"/{former}/")} if former and item.slug and path != "/" else set()
        )

    def of_file(self, item: Item, row: Picture | Document) -> None:
        target = OldAddress.file_target(row)
        # All its widths have one.
        self._add(f"{self._folder}/wp-content/uploads/{key_of(item.file)}", target=target)
        if (path := path_of(item.link)) not in {"/", f"{self._folder}/"}:
            self._add(path, target=target)
        self._add_number("p", item.key, target=target)

    def of_categories(self) -> None:
        """Those that the channel lists, and those that only texts name."""
        listed = {(each.domain, each.slug): each for each in self._export.categories}
        for item in self._export.items:
            for term in item.terms:
                listed.setdefault(
                    (term.domain, term.slug), Category(term.domain, "", term.slug, term.name, "")
                )
        for category in listed.values():
            if category.domain not in {"category", "post_tag"} or not category.slug:
                continue
            base = "category" if category.domain == "category" else "tag"
            target = self._target_of(category)
            self._add(f"{self._folder}/{base}/{category.slug}/", target=target)
            if base == "category":
                self._add_number("cat", category.key, target=target)

    def _target_of(self, category: Category) -> str:
        if category.domain == "category" and (kind := KINDS.get(kind_word(category.name))):
            return f"/billets/?genre={kind.value}"
        tag = Tag.objects.filter(name__iexact=typography.fix_text(category.name)).first()
        return f"/billets/?etiquette={tag.slug}" if tag and category.slug not in UNFILED else "/billets/"

    def of_authors(self, known: Known) -> None:
        for old in self._export.authors.values():
            author = Author.objects.filter(name=typography.fix_text(old.name)).order_by("pk").first()
            target = f"/billets/?signature={author.pk}" if author else "/billets/"
            for word in dict.fromkeys((old.login.lower(), kind_word(old.login), kind_word(old.name))):
                if word:
                    self._add(f"{self._folder}/author/{word}/", target=target)
            self._add_number("author", old.key, target=target)

    def _add_number(self, name: str, key: str, **leads: Model | str | None) -> None:
        if key.isascii() and key.isdigit():
            self._add(f"{self._folder}/?{name}={key}", **leads)

    def _add(self, path: str, **leads: Model | str | None) -> None:
        if len(path) > LONGEST or "\x00" in path or not path.startswith("/") or path.startswith("//"):
            return
        _row, is_new = OldAddress.objects.get_or_create(
            path=path, defaults={**leads, "site_import": self._site_import}
        )
        self._report.imported["adresses"] += is_new
