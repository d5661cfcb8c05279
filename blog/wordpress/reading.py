"""A WordPress export (WXR) as plain values. Entities and document types are refused: nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from defusedxml import ElementTree

# The export's version is part of some of its namespaces.
_EXPORT = re.compile(r"\{http://wordpress\.org/export/[0-9.]+/(excerpt/)?\}")
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
_DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"


class NotAnExport(Exception):
    """This file is not a WordPress export that can be read."""


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
    author: str
    body: str
    excerpt: str
    published_at: datetime | None
    has_password: bool
    comments_open: bool
    # (domain, name) of each: "category", "post_tag"…
    terms: tuple[tuple[str, str], ...]
    meta: dict[str, str]
    # The address of a file.
    file: str
    comments: tuple[OldComment, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Export:
    """`site` is the old site's address, without a slash at the end; `authors` their names by login."""

    site: str
    authors: dict[str, str]
    items: tuple[Item, ...]


def read_export(file: Path | IO[bytes]) -> Export:
    """Raises `NotAnExport`."""
    try:
        root = ElementTree.parse(file).getroot()
    except (ElementTree.ParseError, ValueError) as error:
        raise NotAnExport(f"this XML can't be read: {error}") from error
    channel = root.find("channel") if root is not None else None
    if channel is None or _text(channel, "wxr_version") == "":
        raise NotAnExport("this XML is not a WordPress export")
    site = _text(channel, "base_blog_url") or _text(channel, "base_site_url")
    authors = {
        _text(row, "author_login"): _text(row, "author_display_name") for row in _all(channel, "author")
    }
    return Export(site.rstrip("/"), authors, tuple(_item(row) for row in channel.iter("item")))


def _all(parent: Element, name: str) -> Iterator[Element]:
    """The children of this name in the export's namespace, whatever its version."""
    return (child for child in parent if _EXPORT.sub("", str(child.tag)) == name and child.tag != name)


def _text(parent: Element, name: str) -> str:
    return next((child.text or "" for child in _all(parent, name)), "").strip()


def _plain(parent: Element, tag: str) -> str:
    return (parent.findtext(tag) or "").strip()


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:  # WordPress writes 0000-00-00 for drafts
        return None


def _item(row: Element) -> Item:
    # The excerpt's tag has the name of the content's, in a namespace of its own.
    excerpt = next((child.text or "" for child in row if "/excerpt/}" in str(child.tag)), "")
    terms = tuple(
        (term.get("domain", ""), (term.text or "").strip()) for term in row.findall("category") if term.text
    )
    return Item(
        key=_text(row, "post_id"),
        kind=_text(row, "post_type"),
        state=_text(row, "status"),
        title=_plain(row, "title"),
        slug=unquote(_text(row, "post_name")),
        link=_plain(row, "link"),
        author=_plain(row, f"{_DUBLIN_CORE}creator"),
        body=row.findtext(f"{_CONTENT}encoded") or "",
        excerpt=excerpt.strip(),
        published_at=_moment(_text(row, "post_date_gmt")),
        has_password=bool(_text(row, "post_password")),
        comments_open=_text(row, "comment_status") == "open",
        terms=terms,
        meta={_text(meta, "meta_key"): _text(meta, "meta_value") for meta in _all(row, "postmeta")},
        file=_text(row, "attachment_url"),
        comments=tuple(_comment(comment) for comment in _all(row, "comment")),
    )


def _comment(row: Element) -> OldComment:
    return OldComment(
        key=_text(row, "comment_id"),
        parent=_text(row, "comment_parent"),
        name=_text(row, "comment_author"),
        text=_text(row, "comment_content"),
        written_at=_moment(_text(row, "comment_date_gmt")),
        state=_text(row, "comment_approved"),
        kind=_text(row, "comment_type") or "comment",
    )
