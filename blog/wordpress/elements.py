"""The elements of an old text as they are here: pictures of the library, links to the new places, players as links.

Players are links because nothing of another site is shown; words in elements that the portal does not have stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape

from blog.wordpress.names import parts_of
from blog.wordpress.old_site import Site
from pole.text.html import Event, start_tag, walk
from pole.text.richtext import ready_to_read

_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_PLAYERS = frozenset({"audio", "embed", "iframe", "object", "video"})
# Shown by no reader, or twice: WordPress's own copy of a picture that loads late.
_UNSEEN = frozenset({"noscript", "script", "style", "template"})
_ADDRESS = re.compile(r"https?://[^\s<>\"]+\Z")
_LATE = ("data-orig-file", "data-src", "data-lazy-src", "data-original", "data-large-file")
_MEDIA_FILE = re.compile(
    r"\.(?:mp3|m4a|ogg|oga|wav|wma|flac|mp4|m4v|webm|ogv|mov|avi|flv|docx?|xlsx?|pptx?|odt|ods|odp|zip)\Z",
    re.IGNORECASE,
)
# A player's address, and that of the page where the same can be seen.
_PAGES = (
    (
        re.compile(r"//(?:www\.)?youtube(?:-nocookie)?\.com/(?:embed|v)/([\w-]{6,20})"),
        "https://www.youtube.com/watch?v=",
    ),
    (re.compile(r"//player\.vimeo\.com/video/([0-9]+)"), "https://vimeo.com/"),
    (re.compile(r"//(?:www\.)?dailymotion\.com/embed/video/([\w-]+)"), "https://www.dailymotion.com/video/"),
)

type Say = Callable[[str, str], None]


def as_here(markup: str, site: Site, say: Say) -> str:
    """`say` is told the reason, by its code, and the address of what could not be brought."""
    return _Rewriter(list(walk(ready_to_read(markup))), site, say).write()


class _Rewriter:
    def __init__(self, events: list[Event], site: Site, say: Say) -> None:
        self._events, self._site, self._say = events, site, say
        self._at = 0
        # The end of each element that is open, as it is written, and its name and classes.
        self._ends: list[tuple[str, str, frozenset[str]]] = []

    def write(self) -> str:
        parts = []
        while self._at < len(self._events):
            event = self._events[self._at]
            self._at += 1
            if not event.name:
                parts.append(self._text(event))
            elif event.is_end:
                parts.append(self._ends.pop()[0] if self._ends else "")
            else:
                parts.append(self._start(event))
        return "".join(parts)

    def _text(self, event: Event) -> str:
        """An address that is all of a paragraph, of a box or of a figure is a link."""
        address = event.text.strip()
        before, after = self._events[self._at - 2 : self._at - 1], self._events[self._at : self._at + 1]
        is_alone = (
            before and after and not before[0].is_end and after[0].is_end and before[0].name == after[0].name
        )
        if is_alone and before[0].name in {"p", "div", "figure"} and _ADDRESS.match(address):
            return self._link_to(address)
        return event.markup

    def _start(self, event: Event) -> str:
        name, attributes = event.name, event.attributes
        classes = frozenset(attributes.get("class", "").split())
        if name in _PLAYERS:
            return self._player(event)
        if name in _UNSEEN:
            self._skip(name)
            return ""
        if name == "img":
            return event.markup if "data-picture" in attributes else self._image(attributes)
        if name in _VOID:
            return event.markup
        opening, end = self._element(name, classes, attributes)
        self._ends.append((end, name, classes))
        return opening

    def _element(self, name: str, classes: frozenset[str], attributes: Mapping[str, str]) -> tuple[str, str]:
        if name == "a":
            return self._link(attributes)
        if name == "figure" and not self._is_picture():
            return ("<div>", "</div>") if self._holds_words() else ("", "")
        if name == "figcaption" and not self._is_in_figure():
            return "<p>", "</p>"
        if name in {"ul", "li"} and (
            classes & {"wp-block-gallery", "blocks-gallery-grid", "blocks-gallery-item"}
            or self._is_in_gallery_list(name)
        ):
            return "", ""
        return self._line(name) or (start_tag(name, attributes), f"</{name}>")

    def _line(self, name: str) -> tuple[str, str] | None:
        if name in {"caption", "summary"} or (name == "cite" and self._is_inside("blockquote")):
            return "<p>", "</p>"
        # Browsers show the marks of a quotation.
        return ('"', '"') if name == "q" else None

    # --- Where one is ----------------------------------------------------------------------------

    def _is_inside(self, name: str) -> bool:
        return any(opened == name for _end, opened, _classes in self._ends)

    def _is_in_figure(self) -> bool:
        """In one that stays a figure."""
        return any(opened == "figure" and end == "</figure>" for end, opened, _classes in self._ends[-2:])

    def _is_in_gallery_list(self, name: str) -> bool:
        return name == "li" and bool(self._ends) and "blocks-gallery-grid" in self._ends[-1][2]

    def _inside(self) -> list[Event]:
        """What the element that begins here holds, and a reader sees."""
        depth, unseen, found = 1, 0, []
        for event in self._events[self._at :]:
            if event.name and event.name not in _VOID:
                depth += -1 if event.is_end else 1
            if event.name in _UNSEEN:
                unseen += -1 if event.is_end else 1
            if depth == 0:
                break
            if not unseen:
                found.append(event)
        return found

    def _is_picture(self) -> bool:
        """Whether the figure that begins here holds one picture, and perhaps its caption: others hold figures or blocks."""
        names = [event.name for event in self._inside() if event.name and not event.is_end]
        return names.count("img") == 1 and not _PLAYERS.intersection(names) and not {
            "figure", "blockquote", "table", "pre", "ul", "ol",
        }.intersection(names)  # fmt: skip

    def _holds_words(self) -> bool:
        return any(not event.name and event.text.strip() for event in self._inside())

    def _skip(self, name: str) -> None:
        depth = 1
        while depth and self._at < len(self._events):
            event = self._events[self._at]
            self._at += 1
            if event.name == name:
                depth += -1 if event.is_end else 1

    # --- What is shown ---------------------------------------------------------------------------

    def _image(self, attributes: Mapping[str, str]) -> str:
        given = [attributes.get(name, "") for name in (*_LATE, "src")]
        given += [each.split()[0] for each in attributes.get("srcset", "").split(",") if each.split()]
        addresses = [address for address in given if address and not address.startswith("data:")]
        for address in dict.fromkeys(addresses):
            if found := self._site.image(address, attributes.get("alt", "")):
                return found
        address = addresses[-1] if addresses else ""
        self._say("picture", address.rpartition("/")[2] or address or "?")
        return ""

    def _link(self, attributes: Mapping[str, str]) -> tuple[str, str]:
        address = attributes.get("href", "").strip()
        # What a text names within itself has no name here: the words stay.
        if not address or address.startswith("#"):
            return "", ""
        found = self._site.link(address)
        if not found and _MEDIA_FILE.search(parts_of(address).path) and "/uploads/" in address:
            self._say("file", address)
        kept = {name: value for name, value in attributes.items() if name == "title"}
        # The button of a file stands beside its name.
        space = " " if "wp-block-file__button" in attributes.get("class", "") else ""
        return space + start_tag("a", {**kept, "href": found or address}), "</a>"

    def _player(self, event: Event) -> str:
        attributes = event.attributes
        addresses = [attributes.get(name, "") for name in ("src", "data-src", "data-lazy-src", "data")]
        if event.name != "embed":
            addresses += [each.attributes.get("src", "") for each in self._inside() if not each.is_end]
            self._skip(event.name)
        address = next(
            (each.strip() for each in addresses if each and not each.startswith(("data:", "about:"))), ""
        )
        if not address:
            return ""
        if event.name in {"audio", "video"}:
            self._say("file", address)
        # A block, which ends the paragraph around it.
        return f"<div>{self._link_to(address)}</div>"

    def _link_to(self, address: str) -> str:
        address = f"https:{address}" if address.startswith("//") else address
        for pattern, page in _PAGES:
            if found := pattern.search(address):
                address = page + found[1]
        shown = escape(address)
        if _MEDIA_FILE.search(parts_of(address).path) and "/uploads/" in address:
            self._say("file", address)
        return f'<a href="{escape(self._site.link(address) or address)}">{shown}</a>'
