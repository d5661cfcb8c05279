"""The text of a WordPress post as the portal's prose: paragraphs, captions, galleries, links, pictures.

What the files and addresses become is asked of a `Site`, so that nothing here reads or writes.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

_BLOCK_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_BLOCKS = "p|div|h[1-6]|ul|ol|li|blockquote|table|figure|pre|hr|section|article|aside|iframe|dl|form"
_STARTS_WITH_BLOCK = re.compile(rf"\s*</?(?:{_BLOCKS})\b", re.IGNORECASE)
_CAPTION = re.compile(r"\[caption[^\]]*\](.*?)\[/caption\]", re.DOTALL | re.IGNORECASE)
_PICTURE = re.compile(r"(?:<a\b[^>]*>\s*)?<img\b[^>]*>(?:\s*</a>)?", re.IGNORECASE)
_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_GALLERY = re.compile(r"\[gallery([^\]]*)\]", re.IGNORECASE)
_EMBED = re.compile(r"\[embed[^\]]*\]\s*(\S+?)\s*\[/embed\]", re.IGNORECASE)
_FRAME = re.compile(r"<iframe\b[^>]*\bsrc=[\"']([^\"']+)[\"'][^>]*>.*?</iframe>", re.DOTALL | re.IGNORECASE)
_SHORTCODE = re.compile(r"\[/?([a-z][\w-]*)(?:\s[^\]\[<>]*)?/?\]", re.IGNORECASE)
_LINK = re.compile(r"(<a\b[^>]*?\bhref=)([\"'])(.*?)\2", re.DOTALL | re.IGNORECASE)
_OPENS_FIGURE = re.compile(r"<figure\b[^>]*wp-block-gallery[^>]*>(.*?</figure>)\s*(?:<figcaption.*?</figcaption>)?\s*</figure>", re.DOTALL)  # fmt: skip


class Site(Protocol):
    """Where the files and texts of the old site are now: markup or an address, None when it has none."""

    def image(self, address: str, alternative: str) -> str | None: ...
    def image_of(self, key: str) -> str | None: ...
    def link(self, address: str) -> str | None: ...


@dataclass(slots=True)
class Converted:
    markup: str
    # What could not be converted, in French, for the report.
    lost: list[str] = field(default_factory=list)


def convert(body: str, site: Site) -> Converted:
    """Markup ready to be sanitised."""
    converted = Converted("")
    text = _OPENS_FIGURE.sub(r"\1", body)
    text = _BLOCK_COMMENT.sub("", text)
    text = _CAPTION.sub(_caption, text)
    text = _GALLERY.sub(lambda match: _gallery(match[1], site, converted), text)
    text = _EMBED.sub(lambda match: _as_link(match[1]), text)
    text = _FRAME.sub(lambda match: _as_link(match[1]), text)
    text = paragraphs(text)
    text = _IMAGE.sub(lambda match: _image(match[0], site, converted), text)
    text = _LINK.sub(_rewrite_link(site), text)
    converted.markup = _SHORTCODE.sub(lambda match: _dropped(match, converted), text)
    return converted


def paragraphs(text: str) -> str:
    """Text typed in the old editor, where an empty line made a paragraph and a line end a break."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if re.search(r"<p[\s>]", text, re.IGNORECASE):
        return text
    parts = []
    for part in re.split(r"\n\s*\n", text):
        is_block = _STARTS_WITH_BLOCK.match(part)
        parts.append(part if is_block or not part.strip() else f"<p>{part.strip().replace('\n', '<br>')}</p>")
    return "\n".join(parts)


def attribute(tag: str, name: str) -> str:
    found = re.search(rf"\s{name}=(?:\"([^\"]*)\"|'([^']*)')", tag, re.IGNORECASE)
    return html.unescape(found[1] or found[2] or "") if found else ""


def _caption(match: re.Match[str]) -> str:
    picture = _PICTURE.search(match[1])
    if picture is None:
        return match[1]
    words = (match[1][: picture.start()] + match[1][picture.end() :]).strip()
    return f"\n\n<figure>{picture[0]}<figcaption>{words}</figcaption></figure>\n\n"


def _gallery(attributes: str, site: Site, converted: Converted) -> str:
    keys = re.findall(r"\d+", attribute(f" {attributes}", "ids") or attribute(f" {attributes}", "include"))
    figures = []
    for key in keys:
        image = site.image_of(key)
        if image:
            figures.append(f"<figure>{image}</figure>")
        else:
            converted.lost.append(f"image {key} d’une galerie")
    if not keys:
        converted.lost.append("une galerie sans liste d’images")
    return "\n\n" + "\n\n".join(figures) + "\n\n"


def _image(tag: str, site: Site, converted: Converted) -> str:
    if attribute(tag, "data-picture"):
        return tag
    address = attribute(tag, "src")
    found = site.image(address, attribute(tag, "alt"))
    if found is None:
        converted.lost.append(f"image {address.rpartition('/')[2] or address}")
        return ""
    return found


def _as_link(address: str) -> str:
    safe = html.escape(address)
    return f'\n\n<p><a href="{safe}">{safe}</a></p>\n\n'


def _rewrite_link(site: Site) -> Callable[[re.Match[str]], str]:
    def rewrite(match: re.Match[str]) -> str:
        new_address = site.link(html.unescape(match[3]))
        return f'{match[1]}"{html.escape(new_address)}"' if new_address else match[0]

    return rewrite


def _dropped(match: re.Match[str], converted: Converted) -> str:
    converted.lost.append(f"code court [{match[1]}]")
    return ""
