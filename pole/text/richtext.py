"""Rich text: what people write or paste in an editor, made safe to show to everyone.

The allow-list is applied by nh3 (ammonia, on the HTML parser of Servo); what an allow-list cannot
say is done here, between two passes of nh3, until nothing changes: old tags get their modern names,
`div` becomes a paragraph, links and images without an address go away, and so do empty paragraphs.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

import nh3
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from pole.text.focus import focus_classes
from pole.text.footnotes import with_notes, without_note_links
from pole.text.html import Event, walk
from pole.text.plaintext import LINK_SCHEMES, clean_line, safe_url, strip_invisible
from pole.text.typography import NBSP, fix_html, html_tokens
from pole.text.videos import with_cards

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django_stubs_ext import StrOrPromise

MAX_HTML_LENGTH = 400_000  # characters
# Deeply nested tags cost the parser a time, and sometimes a size, that grows as their square.
MAX_TAGS = 10_000
MAX_TABLES = 100
MAX_DEPTH = 30

FORMATTING_TAGS = frozenset({"a", "code", "em", "s", "strong", "sub", "sup"})
BLOCK_TAGS = frozenset(
    {"blockquote", "figcaption", "figure", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "ul"}
    | {"table", "tbody", "td", "th", "thead", "tr"}
)
ALLOWED_TAGS = FORMATTING_TAGS | BLOCK_TAGS | {"br", "img"}
FIGURE_CLASSES = ("figure--start", "figure--end", "figure--wide", "figure--video", "figure--gallery")

_RENAMED = {"b": "strong", "i": "em", "strike": "s", "del": "s"} | {"h1": "h2", "h5": "h4", "h6": "h4"}
# Containers of pasted pages: each becomes a paragraph, or goes away when it holds blocks.
_CONTAINERS = frozenset(
    {"address", "article", "aside", "center", "details", "div", "fieldset", "footer", "form", "header"}
    | {"dd", "dl", "dt", "main", "nav", "section", "summary"}
)
_DROPPED_WITH_CONTENT = frozenset(
    {"audio", "canvas", "embed", "iframe", "math", "object", "svg", "video", "xml"}
    | {"noembed", "noframes", "noscript", "script", "select", "style", "template", "textarea", "title"}
)
# They hold words, and no block: what separates two blocks that were in one.
_LINE_TAGS = dict.fromkeys(("p", "h2", "h3", "h4", "figcaption"), "<br>") | {"pre": "\n"}
_VOID_TAGS = frozenset({"br", "hr", "img"})
_ALLOWED_EMPTY_TAGS = frozenset({"td", "th", "tr", "tbody", "thead"})


# --- Attributes ---------------------------------------------------------------------------------


def _picture_url(url: str) -> str | None:
    """An address on this site, from its root: the content security policy shows no other image."""
    safe = safe_url(url)
    return safe if safe and safe.startswith("/") else None


def _picture_set(value: str) -> str | None:
    """A `srcset` whose every image is on this site, else None."""
    candidates = []
    for candidate in value.split(","):
        url, _space, descriptor = candidate.strip().partition(" ")
        if not _picture_url(url) or not re.fullmatch(r"(?:[0-9]{1,5}w|[1-4](?:\.[0-9])?x)?", descriptor):
            return None
        candidates.append(f"{url} {descriptor}".strip())
    return ", ".join(candidates)


def _whole_number(low: int, high: int) -> Callable[[str], str | None]:
    def check(value: str) -> str | None:
        digits = re.fullmatch(r"\s*([0-9]{1,5})\s*", value, re.ASCII)
        return str(int(digits[1])) if digits and low <= int(digits[1]) <= high else None

    return check


def _start(value: str) -> str | None:
    number = _whole_number(0, 99_999)(value)
    return None if number == "1" else number


def _matching(pattern: str) -> Callable[[str], str | None]:
    def check(value: str) -> str | None:
        return value if re.fullmatch(pattern, value, re.ASCII) else None

    return check


def _figure_class(value: str) -> str | None:
    return " ".join(name for name in FIGURE_CLASSES if name in value.split()) or None


_ATTRIBUTES: dict[str, dict[str, Callable[[str], str | None]]] = {
    # The identifiers are those of footnotes: pole.text.footnotes.
    "a": {
        "href": safe_url,
        "title": lambda value: clean_line(value) or None,
        "id": _matching(r"appel-[a-z0-9]{1,16}"),
    },
    "li": {"id": _matching(r"note-[a-z0-9]{1,16}")},
    "img": {
        "src": _picture_url,
        "srcset": _picture_set,
        "sizes": _matching(r"[\w\s(),.:%-]{1,200}"),
        "alt": clean_line,
        "width": _whole_number(1, 20_000),
        "height": _whole_number(1, 20_000),
        "loading": _matching("lazy|eager"),
        "data-picture": _matching(r"[\w-]{1,64}"),
        # The author marked the image as decorative: its alt is empty on purpose.
        "data-decorative": lambda _value: "",
        "class": focus_classes,
    },
    "figure": {"class": _figure_class},
    "ol": {"start": _start, "type": _matching("[aAiI]"), "class": _matching("notes")},
    "td": {"colspan": _whole_number(1, 100), "rowspan": _whole_number(1, 100)},
    "th": {
        "colspan": _whole_number(1, 100),
        "rowspan": _whole_number(1, 100),
        "scope": _matching("row|col|rowgroup|colgroup"),
    },
}


def _attribute(tag: str, name: str, value: str) -> str | None:
    # nh3 also asks about the tags and attributes that it is about to drop.
    check = _ATTRIBUTES.get(tag, {}).get(name)
    return check(value) if check else None


_CLEANER = nh3.Cleaner(
    tags=ALLOWED_TAGS | _CONTAINERS | set(_RENAMED),
    clean_content_tags=set(_DROPPED_WITH_CONTENT),
    attributes={tag: set(checks) for tag, checks in _ATTRIBUTES.items()},
    attribute_filter=_attribute,
    url_schemes=set(LINK_SCHEMES),
    link_rel=None,
)


# --- Sanitising ---------------------------------------------------------------------------------


def sanitise(markup: str) -> str:
    """Any HTML as safe HTML of `ALLOWED_TAGS`; idempotent.

    Raises `ValidationError` with code "html_too_long" or "html_too_complex".
    """
    _check_size(markup)
    # Half a character cannot be given to nh3.
    result = _without_costly_attributes(markup.encode("utf-8", "ignore").decode())
    for _attempt in range(10):
        cleaned = _rebuild(_CLEANER.clean(result))
        if cleaned == result:
            # Closing what was left open may have made it longer.
            _check_size(result)
            return result
        result = cleaned
    # Two parsers that never agree are a danger: only the text is left.
    return f"<p>{html.escape(plain_text(result), quote=False)}</p>"


def _check_size(markup: str) -> None:
    if len(markup) > MAX_HTML_LENGTH:
        raise ValidationError(
            _("This text is too long: %(length)d characters with its formatting, at most %(limit)d."),
            code="html_too_long",
            params={"length": len(markup), "limit": MAX_HTML_LENGTH},
        )
    _check_tags(markup, markup.count("<"))


def _check_tags(markup: str, count: int) -> None:
    tables = len(re.findall("<table", markup, re.IGNORECASE))
    if count > MAX_TAGS or tables > MAX_TABLES:
        raise ValidationError(
            _("The formatting of this text is too complex: paste it without formatting."),
            code="html_too_complex",
        )


def ready_to_read(markup: str) -> str:
    """What a parser may be given of HTML from elsewhere, however long its texts and comments are.

    Raises `ValidationError` with code "html_too_complex".
    """
    _check_tags(markup, markup.count("<") - markup.count("<!--"))
    return _without_costly_attributes(markup)


# Google Docs wraps all that is copied from it in a <b> that is not bold.
_FALSE_BOLD = re.compile(r"<b\s[^>]*font-weight:\s*normal[^>]*>", re.IGNORECASE)
# HTML opens these again in each block until they are closed. With equal attributes three at most;
# with different ones, without limit.
_FORMATTING_WITH_ATTRIBUTES = re.compile(
    r"<(b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)[\s/][^>]*>", re.IGNORECASE
)


def _without_costly_attributes(markup: str) -> str:
    return _FORMATTING_WITH_ATTRIBUTES.sub(r"<\1>", _FALSE_BOLD.sub("", markup))


@dataclass(slots=True)
class _Element:
    """An element being rebuilt: `parts` are the finished children, blocks marked True."""

    tag: str
    opening: str = ""
    parts: list[tuple[bool, str]] = field(default_factory=list)
    has_content: bool = False
    line_break: str = ""  # inside an element that holds no paragraph: what stands for the end of one

    @property
    def inner(self) -> str:
        return "".join(part for _is_block, part in self.parts)


def _rebuild(markup: str) -> str:
    """The output of nh3 with only `ALLOWED_TAGS`, their attributes complete, nothing empty."""
    root = _Element("")
    open_elements = [root]
    for token in html_tokens(markup):
        tag = _RENAMED.get(token.name, token.name)
        if not token.name:
            _add_text(open_elements[-1], token.raw)
        elif tag in _VOID_TAGS:
            _add_void(open_elements[-1], tag, token.raw)
        elif not token.is_end:
            line_break = open_elements[-1].line_break or _LINE_TAGS.get(tag, "")
            open_elements.append(_Element(tag, _opening(tag, token.raw), line_break=line_break))
        elif len(open_elements) > 1:
            _close(open_elements)
    while len(open_elements) > 1:
        _close(open_elements)
    return root.inner


def _add_text(parent: _Element, raw: str) -> None:
    # A combining stroke that follows a tag would merge with its ">" in normal form C.
    text = strip_invisible(html.unescape(raw)).lstrip("\N{COMBINING LONG SOLIDUS OVERLAY}")
    if text.startswith("\n") and text.isspace() and parent.parts and not parent.parts[-1][0]:
        # The editor ignores a line end that is alone between two tags, and would join the words around it.
        if parent.line_break == "\n":
            parent.parts.append((False, "<br>"))
            text = text[1:]
        else:
            text = " "
    parent.parts.append((False, html.escape(text, quote=False)))
    parent.has_content = parent.has_content or bool(text.strip())


def _add_void(parent: _Element, tag: str, raw: str) -> None:
    if tag == "img" and "src" not in _attribute_names(raw):
        return
    if tag == "hr" and parent.line_break:
        parent.parts.append((False, parent.line_break))
        return
    parent.parts.append((tag in BLOCK_TAGS, _opening(tag, raw)))
    parent.has_content = parent.has_content or tag != "br"


def _opening(tag: str, raw: str) -> str:
    """The start tag that nh3 wrote, under its new name."""
    attributes = re.sub(r"^<[a-zA-Z0-9]+\s*|>$", "", raw).replace("&nbsp;", NBSP)
    if tag == "a" and re.search(' href="https?:', raw, re.IGNORECASE):
        attributes += ' rel="noopener"'
    return f"<{tag} {attributes}>" if attributes else f"<{tag}>"


def _close(open_elements: list[_Element]) -> None:
    element = open_elements.pop()
    parent = open_elements[-1]
    if parent.line_break and element.tag in BLOCK_TAGS:
        if element.has_content:
            parent.parts += _in_line(element, parent)
    else:
        parent.parts += _finished(element, len(open_elements))
    parent.has_content = parent.has_content or element.has_content


def _in_line(element: _Element, parent: _Element) -> list[tuple[bool, str]]:
    """A block within a line: its words, on a line of their own."""
    before = parent.line_break if parent.has_content else ""
    return [(False, f"{before}{element.inner.strip(' \n\t')} ")]


def _finished(element: _Element, depth: int) -> list[tuple[bool, str]]:
    """What an element leaves to its parent: itself, its children, or nothing."""
    if element.tag in _CONTAINERS:
        return [(False, f" {element.inner} ")] if element.line_break else _as_paragraphs(element.parts)
    is_block = element.tag in BLOCK_TAGS
    if not element.has_content and element.tag not in _ALLOWED_EMPTY_TAGS:
        return [] if is_block else [(False, element.inner)]
    if depth > MAX_DEPTH or (element.tag == "a" and "href" not in _attribute_names(element.opening)):
        return element.parts
    inner = element.inner if _LINE_TAGS.get(element.tag) != "<br>" else element.inner.strip(" \n\t")
    return [(is_block, f"{element.opening}{inner}</{element.tag}>")]


def _as_paragraphs(parts: Iterable[tuple[bool, str]]) -> list[tuple[bool, str]]:
    """The parts of a container, the loose text between its blocks made paragraphs."""
    finished: list[tuple[bool, str]] = []
    for is_block, group in groupby(parts, key=lambda part: part[0]):
        inner = "".join(part for _is_block, part in group)
        if is_block:
            finished.append((True, inner))
        elif plain_text(inner) or "<img" in inner:
            finished.append((True, f"<p>{inner.strip(' \n\t')}</p>"))
    return finished


def _attribute_names(raw: str) -> list[str]:
    """Of a start tag that nh3 wrote: every value is between double quotes, with none inside."""
    return re.findall(r'\s([a-z-]+)="[^"]*"', raw)


def clean_html(value: str, *, language: str) -> str:
    """What a form stores: `value` sanitised, with the typography of `language` ("fr", "en").

    Raises `ValidationError` as `sanitise` does.
    """
    markup = with_notes(with_cards(sanitise(value), language), language)
    # The second pass removes the tags that an ellipsis may have emptied.
    return sanitise(fix_html(markup, language))


# --- Reading ------------------------------------------------------------------------------------


def plain_text(markup: str) -> str:
    """The text of sanitised HTML on one line, blocks and cells separated by a space."""
    return _visible_text(walk(markup))


def _visible_text(events: Iterable[Event], *, with_alternatives: bool = False) -> str:
    parts = []
    for event in without_note_links(events):
        if not event.name:
            parts.append(event.text)
        elif event.name not in FORMATTING_TAGS:
            parts.append(" ")
            if with_alternatives and event.name == "img":
                parts.append(event.attributes.get("alt", ""))
    return clean_line("".join(parts))


def excerpt(markup: str, length_chars: int = 220) -> str:
    """The first words of sanitised HTML, at most `length_chars` characters, "…" included."""
    return _shortened(plain_text(markup), length_chars)


def _shortened(text: str, length_chars: int) -> str:
    if len(text) <= length_chars:
        return text
    # One character more tells whether the last word is whole; no-break spaces are no place to cut.
    head, _space, _rest = text[:length_chars].rpartition(" ")
    return (head or text[: length_chars - 1]).rstrip(" \u00a0,;:.!?…«([–—-") + "…"


# --- Checking before publication ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to correct before publishing; `excerpt` is the text around it."""

    code: str
    message: StrOrPromise
    excerpt: str


_VAGUE_LINKS = frozenset(
    {
        *("ici", "cliquez ici", "cliquer ici", "clique ici", "cliquez", "lien", "ce lien", "suite"),
        *("lire la suite", "la suite", "lire plus", "en savoir plus", "plus", "voir plus"),
        *("here", "click here", "click", "link", "this link", "more", "read more", "learn more"),
    }
)
_FILE_NAME = re.compile(r"\S+\.(?:jpe?g|png|webp|gif)|(?:img|dsc|image)[ _-]?[0-9]+", re.IGNORECASE)


# As the model texts write it, whatever spaces typography has set since.
_LEFT_TO_COMPLETE = re.compile(r"\[(?:À compléter|To complete)\s*:[^\]]*\]")


def left_to_complete(markup: str) -> list[str]:
    """What a model text left to its reader: “[À compléter : nombre de jours]”."""
    return _LEFT_TO_COMPLETE.findall(plain_text(markup))


def problems(markup: str) -> list[Problem]:
    """What a careful editor would correct in sanitised HTML: images, headings, links, then capitals."""
    events = list(walk(markup))
    return [
        *_image_problems(events),
        *_heading_problems(events),
        *_link_problems(events),
        *_capital_problems(events),
        *(
            _problem("left_to_complete", _("Something is left to complete, between brackets."), found)
            for found in left_to_complete(markup)
        ),
    ]


def _problem(code: str, message: StrOrPromise, text: str) -> Problem:
    return Problem(code, message, _shortened(text, 80))


def _image_problems(events: list[Event]) -> Iterator[Problem]:
    for name, _is_end, _text, attributes in events:
        if name != "img":
            continue
        alternative, where = attributes.get("alt", ""), attributes.get("src", "").rpartition("/")[2]
        if not alternative and "data-decorative" not in attributes:
            message = _("An image has no alternative text: describe it, or mark it as decorative.")
            yield _problem("image_without_alternative", message, where)
        elif _FILE_NAME.fullmatch(alternative):
            message = _("An image’s alternative text is a file name: describe the image.")
            yield _problem("image_alternative_is_file_name", message, alternative)


def _elements(events: list[Event], names: tuple[str, ...]) -> Iterator[tuple[Event, list[Event]]]:
    """(start tag, events inside) of the elements of these names, which are never nested."""
    start: int | None = None
    for index, event in enumerate(events):
        if event.name in names and not event.is_end:
            start = index
        elif event.name in names and start is not None:
            yield events[start], events[start + 1 : index]
            start = None


def _heading_problems(events: list[Event]) -> Iterator[Problem]:
    level_before = 1  # the page's title
    for heading, inside in _elements(events, ("h2", "h3", "h4")):
        level = int(heading.name[1])
        if level > level_before + 1:
            message = _("A heading skips a level: choose the level just below the previous heading’s.")
            yield _problem("heading_skips_level", message, _visible_text(inside))
        level_before = level


def _link_problems(events: list[Event]) -> Iterator[Problem]:
    for link, inside in _elements(events, ("a",)):
        text = _visible_text(inside, with_alternatives=True)
        if not text:
            message = _("A link has no text: describe its image, or write where it leads.")
            yield _problem("link_without_text", message, link.attributes.get("href", ""))
        elif re.sub(r"^\W+|\W+$", "", text).casefold() in _VAGUE_LINKS:
            message = _("A link’s text does not say where it leads: name the page or the document.")
            yield _problem("link_text_vague", message, text)
        elif re.fullmatch(r"(?:https?://|www\.)\S+", text, re.IGNORECASE):
            message = _("A link shows its address: write where it leads in words.")
            yield _problem("link_text_is_address", message, text)


def _capital_problems(events: list[Event]) -> Iterator[Problem]:
    for _block, inside in _elements(events, ("p", "h2", "h3", "h4")):
        text = _visible_text(inside)
        if text.isupper() and len(text.split()) >= 3 and sum(map(str.isalpha, text)) >= 15:
            message = _("A text is all in capitals, which is hard to read: use small letters.")
            yield _problem("all_capitals", message, text)
