"""A WordPress export (WXR) as plain values, whatever its version, its namespaces and its faults.

It is read twice, as a stream: once for what each text is, then for the texts one after the other, so that a site of
any size takes little memory.
"""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import IO
from urllib.parse import unquote

from django.utils.translation import gettext as _

from blog.wordpress import moments
from blog.wordpress.names import plain_name
from blog.wordpress.tolerant_xml import Node, Reader, Refused
from blog.wordpress.zips import BadArchive, open_archive

# Their texts stand in others, in place: they are kept from the first reading.
REUSABLE = "wp_block"


class NotAnExport(Exception):
    """This file is not a WordPress export; its text says why."""


@dataclass(frozen=True, slots=True)
class OldComment:
    key: str
    parent: str
    name: str
    text: str
    written_at: datetime | None
    # "1", "0", "spam" or "trash"; and "comment", "pingback"…
    state: str
    kind: str


@dataclass(frozen=True, slots=True)
class Term:
    """What a text is filed under: "category", "post_tag"…, its name, and its word in addresses."""

    domain: str
    name: str
    slug: str


@dataclass(frozen=True, slots=True)
class Item:
    """A post, a page or a file, as the export has it."""

    key: str
    # "post", "page", "attachment"…
    kind: str
    # "publish", "future", "draft"…
    state: str
    title: str
    slug: str
    link: str
    guid: str
    author: str
    body: str
    excerpt: str
    published_at: datetime | None
    # As it was written in the old site: it never changes, whatever its address becomes.
    local_date: str
    has_password: bool
    comments_open: bool
    is_sticky: bool
    parent: str
    order: int
    terms: tuple[Term, ...]
    meta: dict[str, str]
    # The address of a file.
    file: str
    comments: tuple[OldComment, ...] = ()

    def without_texts(self) -> Item:
        if self.kind == REUSABLE:
            return self
        # That of a picture is its caption.
        excerpt = self.excerpt if self.kind == "attachment" else ""
        return replace(self, body="", excerpt=excerpt, comments=())


@dataclass(frozen=True, slots=True)
class Category:
    """Or a tag: its number and that of its parent's word, as old addresses name them."""

    domain: str
    key: str
    slug: str
    name: str
    parent: str


@dataclass(frozen=True, slots=True)
class OldAuthor:
    key: str
    login: str
    name: str


@dataclass(slots=True)
class Export:
    """`site` is the old site's address, without a slash at the end; `items` have no text: `texts` reads them again."""

    open_files: Callable[[], Iterator[IO[bytes]]]
    site: str = ""
    # As the site says it: "fr-FR", "en-US"…
    language: str = ""
    authors: dict[str, OldAuthor] = field(default_factory=dict)
    categories: list[Category] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    zone: tzinfo = UTC
    repairs: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)

    def texts(self) -> Iterator[Item]:
        for node in self._nodes():
            if node.name == "item":
                yield _item(node, self.zone)

    def _nodes(self) -> Iterator[Node]:
        for stream in self.open_files():
            yield from Reader(stream).elements()


def read_export(file: Path | IO[bytes]) -> Export:
    """Of an XML file, or of a zip that holds some. Raises `NotAnExport`."""
    export = Export(lambda: _opened(file))
    guess = moments.ZoneGuess()
    is_export, nodes = False, []
    try:
        for stream in export.open_files():
            reader = Reader(stream)
            for node in reader.elements():
                is_export = is_export or _is_of_export(node)
                if node.name == "item":
                    guess.note(node.value("wp:post_date_gmt"), node.value("wp:post_date"))
                    nodes.append(_lightened(node))
                else:
                    _read_channel(export, node)
            export.repairs += reader.repairs
            export.repairs["truncated"] += not reader.is_whole
            export.lost += reader.lost
    except Refused as fault:
        raise NotAnExport(
            _("it declares a document type (DTD), which WordPress never does: nothing of it is read")
        ) from fault
    except (BadArchive, zipfile.BadZipFile) as fault:
        raise NotAnExport(_("this zip file is damaged, or is none")) from fault
    if not is_export:
        raise NotAnExport(
            _("it holds nothing of what WordPress writes (Tools, Export, All content, a file in .xml)")
        )
    export.zone = guess.zone()
    export.items = [_item(node, export.zone).without_texts() for node in nodes]
    export.site = next((found for found in export.addresses if found), "").rstrip("/")
    return export


def _opened(file: Path | IO[bytes]) -> Iterator[IO[bytes]]:
    with ExitStack() as stack:
        stream = stack.enter_context(file.open("rb")) if isinstance(file, Path) else file
        stream.seek(0)
        is_zip = stream.read(4) == b"PK\x03\x04"
        stream.seek(0)
        if not is_zip:
            yield stream
            return
        archive = stack.enter_context(open_archive(stream))
        for name in archive.names():
            if name.lower().endswith(".xml"):
                with archive.open(name) as member:
                    yield member


def _is_of_export(node: Node) -> bool:
    if node.name == "rss":
        return any("wordpress.org/export/" in value for value in node.attributes.values())
    return node.name.startswith("wp:") or any(child.name == "wp:post_type" for child in node.children)


def _lightened(node: Node) -> Node:
    """An item without what is read again, text by text."""
    if (kind := node.value("wp:post_type")) != REUSABLE:
        left = {"content:encoded", "wp:comment"} | (set() if kind == "attachment" else {"excerpt:encoded"})
        node.children = [child for child in node.children if child.name not in left]
    return node


def _read_channel(export: Export, node: Node) -> None:
    text = node.text.strip()
    if node.name == "wp:base_blog_url":
        export.addresses.insert(0, text)
    elif node.name in {"link", "wp:base_site_url"}:
        export.addresses.append(text)
    elif node.name == "language":
        export.language = export.language or text
    elif node.name == "wp:author":
        login = node.value("wp:author_login")
        name = plain_name(node.value("wp:author_display_name")) or plain_name(
            f"{node.value('wp:author_first_name')} {node.value('wp:author_last_name')}"
        )
        export.authors[login] = OldAuthor(node.value("wp:author_id"), login, name or login)
    elif node.name in {"wp:category", "wp:tag", "wp:term"}:
        export.categories.append(_category(node))


def _category(node: Node) -> Category:
    of = {
        "wp:category": ("category_nicename", "cat_name", "category_parent", "category"),
        "wp:tag": ("tag_slug", "tag_name", "", "post_tag"),
        "wp:term": ("term_slug", "term_name", "term_parent", node.value("wp:term_taxonomy")),
    }[node.name]
    slug, name, parent = (node.value(f"wp:{each}") if each else "" for each in of[:3])
    return Category(of[3], node.value("wp:term_id"), unquote(slug), plain_name(name), unquote(parent))


def _item(node: Node, zone: tzinfo) -> Item:
    gmt, local = node.value("wp:post_date_gmt"), node.value("wp:post_date")
    order = node.value("wp:menu_order")
    terms = (
        Term(
            each.attributes.get("domain", ""),
            plain_name(each.text),
            unquote(each.attributes.get("nicename", "")),
        )
        for each in node.all("category")
    )
    return Item(
        key=node.value("wp:post_id"),
        kind=node.value("wp:post_type"),
        state=node.value("wp:status"),
        title=plain_name(node.value("title")),
        slug=unquote(node.value("wp:post_name")),
        link=node.value("link"),
        guid=node.value("guid"),
        author=node.value("dc:creator"),
        body=next((each.text for each in node.all("content:encoded")), ""),
        excerpt=node.value("excerpt:encoded"),
        published_at=moments.published_at(gmt, local, node.value("pubDate"), zone),
        local_date=local,
        has_password=bool(node.value("wp:post_password")),
        comments_open=node.value("wp:comment_status") == "open",
        is_sticky=node.value("wp:is_sticky") == "1",
        parent=node.value("wp:post_parent"),
        order=int(order) if order.isascii() and order.isdigit() and len(order) < 6 else 0,
        terms=tuple(term for term in terms if term.name),
        meta={each.value("wp:meta_key"): each.value("wp:meta_value") for each in node.all("wp:postmeta")},
        file=node.value("wp:attachment_url"),
        comments=tuple(_comment(each, zone) for each in node.all("wp:comment")),
    )


def _comment(node: Node, zone: tzinfo) -> OldComment:
    return OldComment(
        key=node.value("wp:comment_id"),
        parent=node.value("wp:comment_parent"),
        name=plain_name(node.value("wp:comment_author")),
        text=node.value("wp:comment_content"),
        written_at=moments.published_at(
            node.value("wp:comment_date_gmt"), node.value("wp:comment_date"), "", zone
        ),
        state=node.value("wp:comment_approved"),
        kind=node.value("wp:comment_type") or "comment",
    )
