"""Importing from a WordPress export what the portal does not have yet. Running it again adds only what is missing.

Each text is written in a transaction of its own: one that is refused costs no other. `blog.Imported`
records what each object of the old site became.
"""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts import journal
from blog import editing
from blog.models import Author, Imported, OldAddress, Page, Post, Tag
from blog.wordpress import prose
from blog.wordpress.reading import Export, Item
from comments.models import Comment, Thread
from desk import pictures, publishing
from desk.models import Document, Picture
from pole.files import images
from pole.files.stored import atomic_with_files
from pole.text import plaintext, richtext, typography
from pole.text.languages import written_language
from pole.text.slugs import reserved_slugs, unused_slug

NAMESPACE = uuid.UUID("0d6b3a2e-6c0f-4a53-9a53-9b6b5f8f1c11")
# Categories that say a kind; nobody files a post under « billets ».
KINDS = {
    name: kind for kind in Post.Kind if kind != Post.Kind.POST for name in (kind.value, f"{kind.value}s")
}
PUBLIC_STATES = {"publish", "future"}
DRAFT_STATES = {"draft", "pending", "private"}
_SIZE = re.compile(r"-\d+x\d+(?=\.\w+$)")


@dataclass(slots=True)
class Report:
    """How many objects were imported, by kind; and what was not, with the reason."""

    imported: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[str, str]] = field(default_factory=list)
    # Texts that came in with something missing.
    lost: list[tuple[str, str]] = field(default_factory=list)


class DryRunRollback(Exception):
    """Ends the transaction of a dry run."""


def import_site(
    export: Export,
    *,
    uploads: Path | None,
    is_dry: bool,
    progress: Callable[[int, int, str], None] = lambda done, total, title: None,
) -> Report:
    """Brings posts, pages, authors, tags, pictures, documents and comments."""
    report = Report()
    try:
        with transaction.atomic() if is_dry else nullcontext():
            _Import(export, uploads, report, is_dry=is_dry).run(progress)
            if report.imported and not is_dry:
                counts = ", ".join(f"{count} {kind}" for kind, count in sorted(report.imported.items()))
                journal.record(action="imported", kind="wordpress", key=0, by=None, reason=counts)
            if is_dry:
                raise DryRunRollback
    except DryRunRollback:
        pass
    return report


class _Import:
    """One run. It also implements `prose.Site`: it knows where each object of the old site is now."""

    def __init__(self, export: Export, uploads: Path | None, report: Report, *, is_dry: bool) -> None:
        self.export, self.uploads, self.report, self.is_dry = export, uploads, report, is_dry
        self.files = {item.key: item for item in export.items if item.kind == "attachment"}
        self.alternatives = {
            _file_key(item.file): item.meta.get("_wp_attachment_image_alt", "")
            for item in self.files.values()
        }
        self.texts = [item for item in export.items if item.kind in {"post", "page"}]
        self.slugs: dict[str, str] = {}
        self.new_paths: dict[str, str] = {}

    def run(self, progress: Callable[[int, int, str], None]) -> None:
        for item in self.export.items:
            if item.kind not in {"post", "page", "attachment"}:
                self.report.refused.append(
                    (item.title or item.kind, f"type « {item.kind} » inconnu du portail")
                )
        self._plan_addresses()
        for number, item in enumerate(self.texts, start=1):
            progress(number, len(self.texts), item.title)
            try:
                with atomic_with_files():
                    self._import_text(item)
            except ValidationError as error:
                self.report.refused.append((item.title, " ".join(error.messages)))
            except DatabaseError as error:
                self.report.refused.append((item.title, str(error).splitlines()[0]))

    # --- Addresses -----------------------------------------------------------------------------

    def _plan_addresses(self) -> None:
        """Before any text is written, where each will be: they link to each other."""
        for item in self.texts:
            known = self._imported_id(item.kind, item.key)
            row = (Post if item.kind == "post" else Page).objects.filter(pk=known or 0).first()
            slug = row.slug if row else self._free_slug(item)
            self.slugs[item.key] = slug
            self.new_paths[item.key] = f"/billets/{slug}/" if item.kind == "post" else f"/{slug}/"

    def _free_slug(self, item: Item) -> str:
        model, most = (Post, 80) if item.kind == "post" else (Page, 50)
        slug = unused_slug(item.slug or item.title, model.objects.all(), fallback="texte", max_length=most)
        planned = {
            self.slugs[other.key]
            for other in self.texts
            if other.key in self.slugs and other.kind == item.kind
        }
        base, number = slug, 2
        while slug in planned or slug in reserved_slugs(model):
            slug, number = f"{base}-{number}", number + 1
        return slug

    def link(self, address: str) -> str | None:
        """Where a link of the old site leads now; None for a link to elsewhere."""
        if not self._is_of_the_site(address):
            return None
        parts = urlsplit(address)
        query = parse_qs(parts.query)
        for name in ("p", "page_id"):
            if (key := (query.get(name) or [""])[0]) in self.new_paths:
                return self.new_paths[key]
        for item in self.texts:
            if _path(item.link) == _path(address) and _path(address) != "/":
                return self.new_paths[item.key] + (f"#{parts.fragment}" if parts.fragment else "")
        if parts.path.lower().endswith(".pdf") and (document := self._get_or_import_document(address)):
            return document.file.url
        # An image that was linked to its larger self.
        picture = (
            self._get_or_import_picture(address)
            if re.search(r"\.(?:jpe?g|png|webp)$", parts.path, re.IGNORECASE)
            else None
        )
        return picture.file.url if picture else None

    def _is_of_the_site(self, address: str) -> bool:
        old, asked = urlsplit(self.export.site), urlsplit(address)
        host = old.netloc.lower().removeprefix("www.")
        return not asked.netloc or asked.netloc.lower().removeprefix("www.") == host

    # --- Files ---------------------------------------------------------------------------------

    def image(self, address: str, alternative: str) -> str | None:
        picture = self._get_or_import_picture(address)
        described = alternative or self.alternatives.get(_file_key(address), "")
        return pictures.picture_markup(picture, described) if picture else None

    def image_of(self, key: str) -> str | None:
        item = self.files.get(key)
        return self.image(item.file, "") if item else None

    def _find_file(self, address: str) -> Path | None:
        """The file of the uploads folder at an old address: the whole picture, else the width that was linked."""
        relative = unquote(urlsplit(address).path).partition("/uploads/")[2]
        if self.uploads is None or not relative or not self._is_of_the_site(address):
            return None
        root = self.uploads.resolve()
        for name in (_SIZE.sub("", relative), relative):
            path = (root / name).resolve()
            if path.is_relative_to(root) and path.is_file():
                return path
        return None

    def _get_or_import_picture(self, address: str) -> Picture | None:
        key = _file_key(address)
        if known := Picture.objects.filter(pk=self._imported_id("picture", key) or 0).first():
            return known
        path = self._find_file(address)
        if path is None:
            return None
        try:
            with path.open("rb") as file:
                image = images.reencode(File(file))
        except ValidationError as error:
            self.report.refused.append((path.name, " ".join(error.messages)))
            return None
        if self.is_dry:
            picture = Picture(
                file=f"pictures/{key}", width_px=image.width_px, height_px=image.height_px, pk=0
            )
        else:
            described = plaintext.clean_line(self.alternatives.get(key, ""))
            picture = pictures.store_picture(image, description=described, by=None)
            self._record_import("picture", key, picture.pk)
        self.report.imported["images"] += 1
        return picture

    def _get_or_import_document(self, address: str) -> Document | None:
        key = _file_key(address)
        if known := Document.objects.filter(pk=self._imported_id("document", key) or 0).first():
            return known
        path = self._find_file(address)
        if path is None or self.is_dry:
            return None
        try:
            with path.open("rb") as file:
                document = pictures.store_document(File(file), title=path.stem, by=None)
        except ValidationError as error:
            self.report.refused.append((path.name, " ".join(error.messages)))
            return None
        self._record_import("document", key, document.pk)
        self.report.imported["documents"] += 1
        return document

    # --- Texts ---------------------------------------------------------------------------------

    def _import_text(self, item: Item) -> None:
        if item.state not in PUBLIC_STATES | DRAFT_STATES:
            self.report.refused.append((item.title, f"état « {item.state} »"))
            return
        kind = "billets" if item.kind == "post" else "pages"
        if known := self._imported_id(item.kind, item.key):
            self.report.skipped[kind] += 1
            row: Post | Page | None = (Post if item.kind == "post" else Page).objects.filter(pk=known).first()
        else:
            row = self._create_text(item)
            self._record_import(item.kind, item.key, row.pk)
            self.report.imported[kind] += 1
        if isinstance(row, Post):
            self._import_comments(item, row)

    def _create_text(self, item: Item) -> Post | Page:
        converted = prose.convert(item.body, self)
        self.report.lost += [(item.title, what) for what in converted.lost]
        title = _clean_line(item.title)[: 160 if item.kind == "post" else 120] or "Sans titre"
        content: dict[str, object] = {
            "title": title,
            "body": pictures.refresh_pictures(richtext.clean_html(converted.markup, language="fr")),
        }
        row: Post | Page
        if item.kind == "post":
            content |= self._content_of_post(item)
            row = Post(thread=Thread.objects.create(is_open=item.comments_open))
        else:
            content |= {"title_en": "", "body_en": ""}
            row = Page()
        row.slug = self.slugs[item.key]
        editing.begin(row, content, by=None)
        row.save()
        row.apply_related_rows(content)
        if item.state in PUBLIC_STATES and not item.has_password:
            publishing.publish(owner=row, at=item.published_at or timezone.now(), now=timezone.now())
        elif item.has_password:
            self.report.lost.append((item.title, "mot de passe: gardé comme brouillon"))
        self._add_old_address(item, row)
        return row

    def _content_of_post(self, item: Item) -> dict[str, object]:
        tags = [
            editing.get_or_create_tag(_clean_line(name)[:60]).pk
            for domain, name in item.terms
            if domain in {"category", "post_tag"} and not _is_kind(name)
        ]
        kinds = [
            KINDS[_slug_of_name(name)]
            for domain, name in item.terms
            if domain == "category" and _is_kind(name)
        ]
        name = _clean_line(self.export.authors.get(item.author) or item.author)[:80]
        authors = [Author.objects.get_or_create(name=name)[0].pk] if name else []
        lead = self.files.get(item.meta.get("_thumbnail_id", ""))
        picture = self._get_or_import_picture(lead.file) if lead else None
        if lead and picture is None:
            self.report.lost.append((item.title, f"image à la une {lead.file.rpartition('/')[2]}"))
        return {
            "heading": "",
            "summary": _clean_line(richtext.plain_text(richtext.sanitise(item.excerpt)))[:300],
            "kind": str(kinds[0] if kinds else Post.Kind.POST),
            "tags": sorted(set(tags)),
            "authors": authors,
            "lead_picture": picture.pk if picture else None,
            "documents": [],
        }

    def _add_old_address(self, item: Item, row: Post | Page) -> None:
        path = _path(item.link)
        if path in {"/", self.new_paths[item.key]} or len(path) > 300:
            return
        OldAddress.objects.get_or_create(path=path, defaults=OldAddress.leading_to(row))

    # --- Comments ------------------------------------------------------------------------------

    def _import_comments(self, item: Item, post: Post) -> None:
        """Oldest first, so that an answer finds what it answers; one level of answers."""
        made: dict[str, Comment] = {}
        for old in sorted(
            item.comments, key=lambda old: (old.written_at is None, old.written_at, int(old.key or 0))
        ):
            where = f"commentaire de {old.name or '?'} sous « {item.title} »"
            if old.kind not in {"comment", ""} or old.state not in {"0", "1"}:
                reason = f"« {old.kind} »" if old.kind not in {"comment", ""} else f"état « {old.state} »"
                self.report.refused.append((where, reason))
                continue
            idempotency_key = uuid.uuid5(NAMESPACE, f"{self.export.site}#{old.key}")
            known = Comment.objects.filter(thread=post.thread_id, idempotency_key=idempotency_key).first()
            if known:
                self.report.skipped["commentaires"] += 1
                made[old.key] = known
                continue
            text = plaintext.clean_paragraphs(
                richtext.plain_text(richtext.sanitise(prose.paragraphs(old.text)))
            )
            if not text or len(text) > 3000:
                self.report.refused.append((where, "vide" if not text else "plus de 3000 caractères"))
                continue
            parent = made.get(old.parent)
            written_at = old.written_at or post.published_at or timezone.now()
            made[old.key] = Comment.objects.create(
                thread=post.thread,
                author=None,
                signature=_clean_line(old.name)[:80],
                parent=parent.parent or parent if parent else None,
                text=typography.fix_text(text)[:3000],
                language=written_language(text, post.language),
                state=Comment.State.PUBLISHED if old.state == "1" else Comment.State.PENDING,
                shown_at=written_at if old.state == "1" else None,
                created_at=written_at,
                idempotency_key=idempotency_key,
            )
            self.report.imported["commentaires"] += 1

    # --- What each object became ------------------------------------------------------------------

    def _imported_id(self, kind: str, key: str) -> int | None:
        found = Imported.objects.filter(source=self.export.site, kind=kind, key=key)
        return found.values_list("became", flat=True).first()

    def _record_import(self, kind: str, key: str, became: int) -> None:
        Imported.objects.create(source=self.export.site, kind=kind, key=key, became=became)


def _clean_line(text: str) -> str:
    return typography.fix_text(plaintext.clean_line(text))


def _file_key(address: str) -> str:
    """The path of a file without the width that WordPress adds to it."""
    return _SIZE.sub("", unquote(urlsplit(address).path))[:300]


def _path(address: str) -> str:
    path = unquote(urlsplit(address).path) or "/"
    return path if path.endswith("/") else f"{path}/"


def _slug_of_name(name: str) -> str:
    return unused_slug(name, Tag.objects.none(), fallback="")


def _is_kind(name: str) -> bool:
    return _slug_of_name(name) in KINDS
