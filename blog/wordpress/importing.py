"""Writing what a WordPress export holds and the portal does not. Running it again adds only what is missing.

Each text is written in a transaction of its own: one that is refused costs no other. `blog.Imported`
remembers what each thing of the old site became.
"""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import DatabaseError, transaction
from django.urls import Resolver404, resolve
from django.utils import timezone

from blog.models import Author, Imported, OldAddress, Page, Post, Tag
from blog.wordpress import prose
from blog.wordpress.reading import Export, Item
from comments.models import Comment, Thread
from desk import pictures, publishing
from desk.models import Document, Picture
from pole.files import images
from pole.text import plaintext, richtext, typography
from pole.text.slugs import unused_slug

NAMESPACE = uuid.UUID("0d6b3a2e-6c0f-4a53-9a53-9b6b5f8f1c11")
# Categories that say a kind; nobody files a post under « billets ».
KINDS = {
    name: kind for kind in Post.Kind if kind != Post.Kind.POST for name in (kind.value, f"{kind.value}s")
}
PUBLIC = {"publish", "future"}
KEPT_AS_DRAFT = {"draft", "pending", "private"}
_SIZE = re.compile(r"-\d+x\d+(?=\.\w+$)")


@dataclass(slots=True)
class Report:
    """What was brought, by kind; and what was not, with the reason."""

    brought: Counter[str] = field(default_factory=Counter)
    already: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[str, str]] = field(default_factory=list)
    # Texts that came in with something missing.
    lost: list[tuple[str, str]] = field(default_factory=list)


class Undone(Exception):
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
        with transaction.atomic() if is_dry else _no_transaction():
            _Import(export, uploads, report, is_dry=is_dry).run(progress)
            if is_dry:
                raise Undone
    except Undone:
        pass
    return report


class _no_transaction:  # noqa: N801 - reads as the context manager it is
    def __enter__(self) -> None: ...
    def __exit__(self, *_error: object) -> None: ...


class _Import:
    """One run. It is the `prose.Site` too: it knows where each thing of the old site is now."""

    def __init__(self, export: Export, uploads: Path | None, report: Report, *, is_dry: bool) -> None:
        self.export, self.uploads, self.report, self.is_dry = export, uploads, report, is_dry
        self.files = {item.key: item for item in export.items if item.kind == "attachment"}
        self.alternatives = {
            _bare(item.file): item.meta.get("_wp_attachment_image_alt", "") for item in self.files.values()
        }
        self.texts = [item for item in export.items if item.kind in {"post", "page"}]
        self.slugs: dict[str, str] = {}
        self.places: dict[str, str] = {}

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
                with transaction.atomic():
                    self._text(item)
            except ValidationError as error:
                self.report.refused.append((item.title, " ".join(error.messages)))
            except DatabaseError as error:
                self.report.refused.append((item.title, str(error).splitlines()[0]))

    # --- Addresses -----------------------------------------------------------------------------

    def _plan_addresses(self) -> None:
        """Before any text is written, where each will be: they link to each other."""
        for item in self.texts:
            known = self._known(item.kind, item.key)
            row = (Post if item.kind == "post" else Page).objects.filter(pk=known or 0).first()
            slug = row.slug if row else self._free_slug(item)
            self.slugs[item.key] = slug
            self.places[item.key] = f"/billets/{slug}/" if item.kind == "post" else f"/{slug}/"

    def _free_slug(self, item: Item) -> str:
        model, most = (Post, 80) if item.kind == "post" else (Page, 50)
        slug = unused_slug(item.slug or item.title, model.objects.all(), fallback="texte", max_length=most)
        planned = {
            self.slugs[other.key]
            for other in self.texts
            if other.key in self.slugs and other.kind == item.kind
        }
        base, number = slug, 2
        while slug in planned or (item.kind == "page" and _is_taken_by_the_portal(slug)):
            slug, number = f"{base}-{number}", number + 1
        return slug

    def link(self, address: str) -> str | None:
        """Where a link of the old site leads now; None for a link to elsewhere."""
        if not self._is_of_the_site(address):
            return None
        parts = urlsplit(address)
        query = parse_qs(parts.query)
        for name in ("p", "page_id"):
            if (key := (query.get(name) or [""])[0]) in self.places:
                return self.places[key]
        for item in self.texts:
            if _path(item.link) == _path(address) and _path(address) != "/":
                return self.places[item.key] + (f"#{parts.fragment}" if parts.fragment else "")
        if parts.path.lower().endswith(".pdf") and (document := self._document(address)):
            return document.file.url
        # An image that was linked to its larger self.
        picture = (
            self._picture(address) if re.search(r"\.(?:jpe?g|png|webp)$", parts.path, re.IGNORECASE) else None
        )
        return picture.file.url if picture else None

    def _is_of_the_site(self, address: str) -> bool:
        old, asked = urlsplit(self.export.site), urlsplit(address)
        host = old.netloc.lower().removeprefix("www.")
        return not asked.netloc or asked.netloc.lower().removeprefix("www.") == host

    # --- Files ---------------------------------------------------------------------------------

    def image(self, address: str, alternative: str) -> str | None:
        picture = self._picture(address)
        described = alternative or self.alternatives.get(_bare(address), "")
        return pictures.image_of(picture, described) if picture else None

    def image_of(self, key: str) -> str | None:
        item = self.files.get(key)
        return self.image(item.file, "") if item else None

    def _file(self, address: str) -> Path | None:
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

    def _picture(self, address: str) -> Picture | None:
        key = _bare(address)
        if known := Picture.objects.filter(pk=self._known("picture", key) or 0).first():
            return known
        path = self._file(address)
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
            self._remember("picture", key, picture.pk)
        self.report.brought["images"] += 1
        return picture

    def _document(self, address: str) -> Document | None:
        key = _bare(address)
        if known := Document.objects.filter(pk=self._known("document", key) or 0).first():
            return known
        path = self._file(address)
        if path is None or self.is_dry:
            return None
        try:
            with path.open("rb") as file:
                document = pictures.store_document(File(file), title=path.stem, by=None)
        except ValidationError as error:
            self.report.refused.append((path.name, " ".join(error.messages)))
            return None
        self._remember("document", key, document.pk)
        self.report.brought["documents"] += 1
        return document

    # --- Texts ---------------------------------------------------------------------------------

    def _text(self, item: Item) -> None:
        if item.state not in PUBLIC | KEPT_AS_DRAFT:
            self.report.refused.append((item.title, f"état « {item.state} »"))
            return
        kind = "billets" if item.kind == "post" else "pages"
        if known := self._known(item.kind, item.key):
            self.report.already[kind] += 1
            row: Post | Page | None = (Post if item.kind == "post" else Page).objects.filter(pk=known).first()
        else:
            row = self._write(item)
            self._remember(item.kind, item.key, row.pk)
            self.report.brought[kind] += 1
        if isinstance(row, Post):
            self._comments(item, row)

    def _write(self, item: Item) -> Post | Page:
        converted = prose.convert(item.body, self)
        self.report.lost += [(item.title, what) for what in converted.lost]
        title = _line(item.title)[: 160 if item.kind == "post" else 120] or "Sans titre"
        content: dict[str, object] = {
            "title": title,
            "body": pictures.dress(richtext.clean_html(converted.markup, language="fr")),
        }
        row = self._post(item, content) if item.kind == "post" else self._page(content)
        row.slug = self.slugs[item.key]
        row.take(row.draft.content)
        row.save()
        row.take_related(row.draft.content)
        if item.state in PUBLIC and not item.has_password:
            publishing.publish(owner=row, at=item.published_at or timezone.now(), now=timezone.now())
        elif item.has_password:
            self.report.lost.append((item.title, "mot de passe: gardé comme brouillon"))
        self._old_address(item, row)
        return row

    def _post(self, item: Item, content: dict[str, object]) -> Post:
        tags = [
            _tag(name).pk
            for domain, name in item.terms
            if domain in {"category", "post_tag"} and not _is_kind(name)
        ]
        kinds = [KINDS[_fold(name)] for domain, name in item.terms if domain == "category" and _is_kind(name)]
        name = _line(self.export.authors.get(item.author) or item.author)[:80]
        authors = [Author.objects.get_or_create(name=name)[0].pk] if name else []
        lead = self.files.get(item.meta.get("_thumbnail_id", ""))
        picture = self._picture(lead.file) if lead else None
        if lead and picture is None:
            self.report.lost.append((item.title, f"image à la une {lead.file.rpartition('/')[2]}"))
        content |= {
            "heading": "",
            "summary": _line(richtext.plain_text(richtext.sanitise(item.excerpt)))[:300],
            "kind": str(kinds[0] if kinds else Post.Kind.POST),
            "tags": sorted(set(tags)),
            "authors": authors,
            "lead_picture": picture.pk if picture else None,
            "documents": [],
        }
        draft = publishing.start_draft(content=content, by=None)
        return Post(draft=draft, thread=Thread.objects.create(is_open=item.comments_open))

    def _page(self, content: dict[str, object]) -> Page:
        draft = publishing.start_draft(content=content | {"title_en": "", "body_en": ""}, by=None)
        return Page(draft=draft)

    def _old_address(self, item: Item, row: Post | Page) -> None:
        path = _path(item.link)
        if path in {"/", self.places[item.key]} or len(path) > 300:
            return
        owner = {"post": row, "page": None} if isinstance(row, Post) else {"post": None, "page": row}
        OldAddress.objects.get_or_create(path=path, defaults=owner)

    # --- Comments ------------------------------------------------------------------------------

    def _comments(self, item: Item, post: Post) -> None:
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
            submission = uuid.uuid5(NAMESPACE, f"{self.export.site}#{old.key}")
            known = Comment.objects.filter(thread=post.thread_id, submission=submission).first()
            if known:
                self.report.already["commentaires"] += 1
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
                signature=_line(old.name)[:80],
                parent=parent.parent or parent if parent else None,
                text=typography.fix_text(text)[:3000],
                state=Comment.State.PUBLISHED if old.state == "1" else Comment.State.PENDING,
                shown_at=written_at if old.state == "1" else None,
                created_at=written_at,
                submission=submission,
            )
            self.report.brought["commentaires"] += 1

    # --- What each thing became ------------------------------------------------------------------

    def _known(self, kind: str, key: str) -> int | None:
        found = Imported.objects.filter(source=self.export.site, kind=kind, key=key)
        return found.values_list("became", flat=True).first()

    def _remember(self, kind: str, key: str, became: int) -> None:
        Imported.objects.create(source=self.export.site, kind=kind, key=key, became=became)


def _line(text: str) -> str:
    return typography.fix_text(plaintext.clean_line(text))


def _bare(address: str) -> str:
    """The path of a file without the width that WordPress adds to it."""
    return _SIZE.sub("", unquote(urlsplit(address).path))[:300]


def _path(address: str) -> str:
    path = unquote(urlsplit(address).path) or "/"
    return path if path.endswith("/") else f"{path}/"


def _fold(name: str) -> str:
    return unused_slug(name, Tag.objects.none(), fallback="")


def _is_kind(name: str) -> bool:
    return _fold(name) in KINDS


def _tag(name: str) -> Tag:
    name = _line(name)[:60]
    found = Tag.objects.filter(name__iexact=name).first()
    slug = unused_slug(name, Tag.objects.all(), fallback="etiquette", max_length=50)
    return found or Tag.objects.create(name=name, slug=slug)


def _is_taken_by_the_portal(slug: str) -> bool:
    try:
        return resolve(f"/{slug}/").view_name != "page"
    except Resolver404:
        return True
