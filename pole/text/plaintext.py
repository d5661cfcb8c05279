"""Plain text that people type: cleaned before it is stored, made into safe HTML when it is shown."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.utils.html import escape, format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe

from pole.text.bilingual import LocalizedText
from pole.text.markup import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator

LINK_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
LINK_REL = "nofollow ugc noopener"

# Characters that nobody sees but that hide, reorder or forge text.
_INVISIBLE = re.compile(
    "["
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # controls, but tab and line ends
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # soft hyphen, joiners, fillers
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u061c"  # zero width, direction controls
    "\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"  # fillers, byte order mark, non-characters
    "\ud800-\udfff"  # halves of characters, which no encoding can write
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"  # musical controls, invisible tags
    "]+"
)
# Joiners bind emojis and some scripts; in Latin text they are noise.
_STRAY_JOINER = re.compile("[\u200c\u200d]+(?![\u0600-\U0010ffff])|(?<![\u0600-\U0010ffff])[\u200c\u200d]+")
_LINE_END = re.compile("\r\n?|[\u0085\u2028\u2029]")
_HORIZONTAL_SPACES = re.compile(r"[^\S\n]{2,}|[^\S\n \u00a0\u202f]")


# --- Cleaning -----------------------------------------------------------------------------------


def strip_invisible(text: str) -> str:
    """`text` in normal form C, without control, zero-width and direction characters.

    Line ends become "\\n"; tabs stay; joiners stay inside emojis and scripts that need them.
    """
    text = _LINE_END.sub("\n", text)
    text = _STRAY_JOINER.sub("", _INVISIBLE.sub("", text))
    return unicodedata.normalize("NFC", text)


def clean_line(text: str) -> str:
    """One line of plain text: no invisible characters, runs of spaces made one, ends trimmed.

    A single no-break space stays.
    """
    return _HORIZONTAL_SPACES.sub(" ", strip_invisible(text).replace("\n", " ")).strip()


def clean_paragraphs(text: str) -> str:
    """Lines of plain text, each cleaned; at most one empty line between two paragraphs."""
    lines = "\n".join(clean_line(line) for line in strip_invisible(text).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n")


# --- Addresses ----------------------------------------------------------------------------------

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")


def safe_url(url: str) -> str | None:
    """`url` when it may stand in an `href`, spaces escaped; None otherwise.

    Allowed: http(s) with a host and without a password, mailto, tel, and addresses within this
    site. Refused: other schemes, `//host`, backslashes and control characters, which browsers read
    in ways of their own.
    """
    url = url.strip(" \t\r\n\f").replace(" ", "%20")
    if not url or url.startswith("//") or "\\" in url or not url.isprintable():
        return None
    scheme = _SCHEME.match(url)
    if scheme is None:
        return url if ":" not in re.split("[/?#]", url, maxsplit=1)[0] else None
    if scheme[1].lower() not in LINK_SCHEMES:
        return None
    return url if scheme[1].lower() in {"mailto", "tel"} or _has_plain_host(url) else None


def _has_plain_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
    except ValueError:  # a port or an IPv6 address that is none
        return False


# --- Showing ------------------------------------------------------------------------------------

_URL = re.compile(r"(?<!\w)https?://[^\s<>\"«»“”‘’]+", re.IGNORECASE)
# What is elided before it is no part of it: « écrivez à l'info@exemple.ca ».
_MAIL = re.compile(
    r"(?<![\w@/.:+%-])[a-z0-9][a-z0-9._%+-]{0,63}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,63}(?![\w@])",
    re.IGNORECASE,
)
_TRAILING = ".,;:!?…'*_"


def _links(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, where it leads) of the addresses of `text`, of the Web and of mail, without the punctuation around them."""
    found = [(match.start(), match.end(), f"mailto:{match[0]}") for match in _MAIL.finditer(text)]
    for match in _URL.finditer(text):
        url = _without_trailing_punctuation(match[0])
        if safe_url(url):
            found.append((match.start(), match.start() + len(url), url))
    position = 0
    for start, end, url in sorted(found):
        if start >= position:
            yield start, end, url
            position = end


def _without_trailing_punctuation(url: str) -> str:
    while url:
        shorter = url.rstrip(_TRAILING)
        # "(see https://a.ca/b)" but "https://a.ca/b_(c)"
        if shorter.endswith(")") and shorter.count(")") > shorter.count("("):
            shorter = shorter[:-1]
        if shorter == url:
            return url
        url = shorter
    return url


def linkify(text: str) -> SafeString:
    """`text` escaped, with its bare addresses, of the Web and of mail, made into links that lend no authority."""
    if "://" not in text and "@" not in text:
        return SafeString(escaped(text))
    parts, position = [], 0
    for start, end, url in _links(text):
        parts += [
            escape(text[position:start]),
            format_html('<a href="{}" rel="{}">{}</a>', url, LINK_REL, text[start:end]),
        ]
        position = end
    parts.append(escape(text[position:]))
    return mark_safe("".join(parts))  # noqa: S308 - every part is escaped above


def render_plain(text: str, language: str = "") -> SafeString:
    """`text` as paragraphs (an empty line between two), line breaks and safe links.

    Each is marked with `language` unless the page is in it.
    """
    paragraphs = [part for part in re.split(r"\n[^\S\n]*\n\s*", text.strip()) if part]
    mark = LocalizedText(text, language).lang_attr if language else ""
    # `linkify` escapes.
    return SafeString("\n".join([f"<p{mark}>{_lines(part)}</p>" for part in paragraphs]))


def _lines(text: str) -> str:
    return "<br>".join([linkify(line) for line in text.split("\n")])


def shortened(text: str, most: int) -> str:
    """One line of at most `most` characters: whole sentences when they fill half of it, else whole words and "…"."""
    line = clean_line(text)
    if len(line) <= most:
        return line
    head = line[:most]
    sentences = [found.end() for found in re.finditer(r"[.!?…][”»\"’)]*(?=\s|\Z)", head)]
    if sentences and sentences[-1] >= most // 2:
        return head[: sentences[-1]]
    words = re.match(r"(.*\S)[ ](?=\S*\Z)", head[: most - 1])
    return (words[1] if words else head[: most - 1]).rstrip(" \u00a0,;:–—-(«“") + "…"


def bare_label(label: object) -> str:
    """The label of a field, for a sentence to hold it: without tags, nor the signs that end it."""
    return strip_tags(str(label or "")).strip(" .:?\N{NO-BREAK SPACE}")
