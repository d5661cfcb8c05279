"""The text of a WordPress post as the portal's prose: paragraphs, captions, galleries, links, pictures.

What the files and addresses become is asked of a `Site`, so that nothing here reads or writes.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from pole.text.html import start_tag, walk
from pole.text.richtext import ready_to_read

_BLOCKS = "p|div|h[1-6]|ul|ol|li|blockquote|table|figure|pre|hr|section|article|aside|iframe|dl|form"
_STARTS_WITH_BLOCK = re.compile(rf"\s*</?(?:{_BLOCKS})\b", re.IGNORECASE)
_CAPTION = re.compile(r"\[caption[^\]]*\](.*?)\[/caption\]", re.DOTALL | re.IGNORECASE)
_INSIDE_TAG = r"(?:[^>\"']|\"[^\"]*\"|'[^']*')*"
_PICTURE = re.compile(rf"(?:<a\b{_INSIDE_TAG}>\s*)?<img\b{_INSIDE_TAG}>(?:\s*</a>)?", re.IGNORECASE)
_GALLERY = re.compile(r"\[gallery([^\]]*)\]", re.IGNORECASE)
_EMBED = re.compile(r"\[embed[^\]]*\]\s*(\S+?)\s*\[/embed\]", re.IGNORECASE)
_KEYS = re.compile(r"\b(?:ids|include)=[\"']?([\d,\s]+)", re.IGNORECASE)
_SHORTCODE = re.compile(r"\[/?([a-z][\w-]*)(?:\s[^\]\[<>]*)?/?\]", re.IGNORECASE)


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
    """Markup ready to be sanitised. Raises `ValidationError` as `richtext.ready_to_read` does."""
    converted = Converted("")
    text = _CAPTION.sub(_caption, body)
    text = _GALLERY.sub(lambda match: _gallery(match[1], site, converted), text)
    text = _EMBED.sub(lambda match: _as_link(match[1]), text)
    text = paragraphs("".join(_as_here(text, site, converted)))
    converted.markup = _SHORTCODE.sub(lambda match: _dropped(match, converted), text)
    return converted


def paragraphs(text: str) -> str:
    """Text typed in the old editor, where an empty line made a paragraph and a line end a break."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    # An end tag alone makes an empty one.
    if re.search(r"<p[\s>](?!</p>)", text, re.IGNORECASE):
        return text
    parts = []
    for part in re.split(r"\n\s*\n", text):
        is_block = _STARTS_WITH_BLOCK.match(part)
        parts.append(part if is_block or not part.strip() else f"<p>{part.strip().replace('\n', '<br>')}</p>")
    return "\n".join(parts)


def _caption(match: re.Match[str]) -> str:
    picture = _PICTURE.search(match[1])
    if picture is None:
        return match[1]
    words = (match[1][: picture.start()] + match[1][picture.end() :]).strip()
    return f"\n\n<figure>{picture[0]}<figcaption>{words}</figcaption></figure>\n\n"


def _gallery(attributes: str, site: Site, converted: Converted) -> str:
    found = _KEYS.search(attributes)
    keys = re.findall(r"\d+", found[1]) if found else []
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


def _as_here(markup: str, site: Site, converted: Converted) -> Iterator[str]:
    """The same with pictures and links as they are here; a frame is a link too, and a gallery leaves its figures."""
    galleries: list[bool] = []  # the figures that are open: whether each is one
    for event in walk(ready_to_read(markup)):
        name, is_end, _text, attributes = event
        written = event.markup
        if name == "img" and "data-picture" not in attributes:
            written = _image(attributes.get("src", ""), attributes.get("alt", ""), site, converted)
        elif name == "a" and (address := attributes.get("href")):
            written = start_tag("a", {**attributes, "href": site.link(address) or address})
        elif name == "iframe":
            # The sanitiser drops the frame itself, with what is inside.
            link = _as_link(attributes["src"]) if attributes.get("src") else ""
            written = f"{written}\n\n" if is_end else f"{link}{written}"
        elif name == "figure":
            if not is_end:
                galleries.append("wp-block-gallery" in attributes.get("class", "").split())
            written = "" if (galleries.pop() if is_end else galleries[-1]) else written
        elif name == "figcaption" and galleries and galleries[-1]:
            written = "</p>" if is_end else "<p>"
        yield written


def _image(address: str, alternative: str, site: Site, converted: Converted) -> str:
    found = site.image(address, alternative)
    if found is None:
        converted.lost.append(f"image {address.rpartition('/')[2] or address}")
    return found or ""


def _as_link(address: str) -> str:
    safe = html.escape(address)
    # Not a paragraph: `paragraphs` would take the text for one that has its own.
    return f'\n\n<div><a href="{safe}">{safe}</a></div>\n\n'


def _dropped(match: re.Match[str], converted: Converted) -> str:
    converted.lost.append(f"code court [{match[1]}]")
    return ""
