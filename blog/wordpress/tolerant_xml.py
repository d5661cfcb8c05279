"""The elements of an export, whatever was damaged on its way: read as a stream, and by whole elements.

An XML parser stops at the first fault. This one knows that an export is made of groups (an item, a comment) of
fields, and reads a field up to its own end, so that a fault costs what it touches at most. No entity is declared,
nothing is fetched: a document type is refused.
"""

from __future__ import annotations

import codecs
import html
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO

CHUNK_BYTES = 1 << 18
# A text of a site has no such size: what is read of one element stays within memory.
MAX_ELEMENT_LENGTH = 24 * 1024 * 1024
GROUPS = frozenset(
    {"item", "image", "wp:author", "wp:category", "wp:tag", "wp:term"}
    | {"wp:comment", "wp:postmeta", "wp:commentmeta", "wp:termmeta"}
)
_TRANSPARENT = frozenset({"rss", "channel"})
_PREFIXES = (
    (re.compile(r"wordpress\.org/export/[^/]*/excerpt", re.IGNORECASE), "excerpt"),
    (re.compile(r"wordpress\.org/export/", re.IGNORECASE), "wp"),
    (re.compile(r"purl\.org/rss/1\.0/modules/content", re.IGNORECASE), "content"),
    (re.compile(r"purl\.org/dc/", re.IGNORECASE), "dc"),
)
_START_TAG = re.compile(r"<([A-Za-z_][\w:.-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>")
_ATTRIBUTE = re.compile(r"([\w:.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_END_TAG = re.compile(r"</([A-Za-z_][\w:.-]*)\s*>")
_NEXT_MARK = re.compile(r"<(?=[A-Za-z_/!?])")
_CDATA_BEGINS = re.compile(r"\s*<!\[CDATA\[")
_NEXT_ITEM = re.compile(r"</item\s*>\s*<item[\s>]")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# Neither XML nor anybody has a use for them.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
# Windows's own signs, read as if they were of another alphabet.
_MISREAD = re.compile("[\x80-\x9f]")


class Refused(Exception):
    """A document type: it could declare entities."""


class Truncated(Exception):
    """The file ends, or an element goes on for ever, before its end."""


@dataclass(slots=True)
class Node:
    """A field has a text, a group has children."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def all(self, name: str) -> Iterator[Node]:
        return (child for child in self.children if child.name == name)

    def value(self, name: str) -> str:
        """The text of the first child of this name, without the spaces around."""
        return next((child.text for child in self.all(name)), "").strip()


class Reader:
    """`repairs` counts what was mended, and `lost` names the elements that did not come whole."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._buffer, self._at, self._is_over = "", 0, False
        self._prefixes: dict[str, str] = {}
        self.repairs: Counter[str] = Counter()
        self.lost: list[str] = []
        # Whether the end of the channel was seen.
        self.is_whole = False
        self._decoder = codecs.getincrementaldecoder(self._encoding())(errors=self._stray_errors())
        self._more()

    # --- Characters ------------------------------------------------------------------------------

    def _encoding(self) -> str:
        self._head = self._stream.read(CHUNK_BYTES)
        if self._head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        declared = re.search(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.-]{1,40})", self._head[:2000])
        name = declared[1].decode("ascii") if declared else "utf-8"
        try:
            name = codecs.lookup(name).name
        except LookupError:
            return "utf-8"
        # Every page that says « latin 1 » means Windows's own.
        name = "cp1252" if name in {"iso8859-1", "ascii"} else name
        return name if name in {"cp1252", "iso8859-15"} else "utf-8"

    def _stray_errors(self) -> str:
        """A byte that is not of the encoding is one of Windows's, from a text that was pasted once."""

        def mend(error: UnicodeError) -> tuple[str, int]:
            if not isinstance(error, UnicodeDecodeError):
                raise error
            self.repairs["bytes"] += 1
            found = error.object[error.start : error.end]
            return found.decode("cp1252", "ignore"), error.end

        name = f"blog-wordpress-{id(self)}"
        codecs.register_error(name, mend)
        return name

    def _more(self) -> bool:
        """Whether there was something left to read."""
        if self._is_over:
            return False
        read, self._head = self._head or self._stream.read(CHUNK_BYTES), b""
        text = self._decoder.decode(read, final=not read)
        self._is_over = not read
        text, dropped = _CONTROLS.subn("", text.replace("\ufeff", ""))
        self.repairs["controls"] += dropped
        text, misread = _MISREAD.subn(lambda sign: sign[0].encode("latin-1").decode("cp1252", "ignore"), text)
        self.repairs["bytes"] += misread
        self._buffer += text
        return True

    def _find(self, pattern: re.Pattern[str], start: int) -> re.Match[str] | None:
        begun = start
        while True:
            found = pattern.search(self._buffer, start)
            # A match that touches the end of what is read could go on.
            if found and (found.end() < len(self._buffer) or self._is_over):
                return found
            if len(self._buffer) - begun > MAX_ELEMENT_LENGTH:
                return None
            start = max(begun, len(self._buffer) - 400)
            if not self._more():
                return None

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        while True:
            found = pattern.match(self._buffer, self._at)
            if found or len(self._buffer) - self._at > 20_000 or not self._more():
                return found

    # --- Elements --------------------------------------------------------------------------------

    def elements(self) -> Iterator[Node]:
        """Those of the channel, in order."""
        while mark := self._find(_NEXT_MARK, self._at):
            # What was read is forgotten.
            self._buffer, self._at = self._buffer[mark.start() :], 0
            if self._passed():
                continue
            begun = self._buffer[:60]
            try:
                node = self._element()
            except Truncated as fault:
                self._recover(str(fault), begun)
                continue
            if node is not None:
                yield node

    def _recover(self, title: str, begun: str) -> None:
        """Goes on at the next item, the damaged one being named."""
        if begun.startswith("<item") or title:
            self.lost.append(title)
        following = self._find(re.compile(r"<item[\s>]"), 5)
        self._at = following.start() if following else len(self._buffer)

    def _passed(self) -> bool:
        """Goes over what is no element: comments, instructions, ends."""
        for begins, ends in (("<!--", "-->"), ("<?", "?>"), ("<![CDATA[", "]]>"), ("</", ">")):
            while len(self._buffer) - self._at < len(begins) and self._more():
                pass
            if self._buffer.startswith(begins, self._at):
                self.is_whole = self.is_whole or self._buffer.startswith("</channel", self._at)
                found = self._find(re.compile(re.escape(ends)), self._at)
                self._at = found.end() if found else len(self._buffer)
                return True
        if self._buffer.startswith("<!", self._at):
            raise Refused
        return False

    def _element(self) -> Node | None:
        """The element that begins here, None for one whose children are read as if they had no parent."""
        tag = self._match(_START_TAG)
        if tag is None:
            self._at += 1
            return None
        self._at = tag.end()
        attributes = {
            name: _unescaped(double or single) for name, double, single in _ATTRIBUTE.findall(tag[2])
        }
        self._note_prefixes(attributes)
        node = Node(self._canonical(tag[1]), attributes)
        if tag[2].endswith("/"):
            return node
        if node.name in _TRANSPARENT:
            # Said, for a reader to know what the file is.
            return Node(node.name, attributes)
        if node.name in GROUPS:
            self._read_children(node, tag[1])
        else:
            node.text = self._text(tag[1])
        return node

    def _note_prefixes(self, attributes: Mapping[str, str]) -> None:
        for name, address in attributes.items():
            if name.startswith("xmlns:"):
                for pattern, prefix in _PREFIXES:
                    if pattern.search(address):
                        self._prefixes[name.removeprefix("xmlns:")] = prefix
                        break

    def _canonical(self, name: str) -> str:
        prefix, colon, local = name.partition(":")
        return f"{self._prefixes.get(prefix, prefix)}:{local}" if colon else name

    def _read_children(self, parent: Node, written: str) -> None:
        while True:
            mark = self._find(_NEXT_MARK, self._at)
            if mark is None:
                raise Truncated(parent.value("title"))
            self._at = mark.start()
            end = self._match(_END_TAG) if self._buffer.startswith("</", self._at) else None
            if end:
                if end[1] == "item" != written:
                    # This group was not closed: its item is.
                    return
                self._at = end.end()
                if end[1] == written:
                    return
            elif self._match(re.compile(r"<item[\s>]")):
                # The item before was not closed.
                self.repairs["unclosed"] += 1
                return
            elif not self._passed():
                try:
                    child = self._element()
                except Truncated as fault:
                    raise Truncated(str(fault) or parent.value("title")) from fault
                if child is not None:
                    parent.children.append(child)

    def _text(self, written: str) -> str:
        """The text of a field, up to its own end."""
        start, name = self._at, re.escape(written)
        closing = re.compile(rf"</{name}\s*>")
        opened = self._match(_CDATA_BEGINS)
        if opened:
            end = self._find(re.compile(rf"\]\]>\s*</{name}\s*>"), opened.end())
            if end is None or _NEXT_ITEM.search(self._buffer, start, end.start()):
                # Its section was never closed; nor was the field, if its end is that of another item's.
                end = closing.search(self._buffer, start)
                end = None if end and _NEXT_ITEM.search(self._buffer, start, end.start()) else end
                self.repairs["sections"] += end is not None
        else:
            end = self._find(closing, start)
        if end is None:
            raise Truncated
        self._at = end.end()
        raw = self._buffer[start : end.end()]
        return self._decoded(raw[: raw.rindex("</")])

    def _decoded(self, raw: str) -> str:
        """Sections as they are, references outside them resolved. A section whose text holds its own end goes on."""
        parts, position = [], 0
        while (opened := raw.find("<![CDATA[", position)) >= 0:
            parts.append(_unescaped(raw[position:opened]) if raw[position:opened].strip() else "")
            start = opened + len("<![CDATA[")
            end = raw.find("]]>", start)
            while end >= 0 and self._goes_on(raw, end + 3):
                self.repairs["sections"] += 1
                end = raw.find("]]>", end + 3)
            end = len(raw) if end < 0 else end
            parts.append(raw[start:end])
            position = end + 3
        parts.append(_unescaped(raw[position:]) if raw[position:].strip() or not parts else "")
        return "".join(parts).replace("\r\n", "\n").replace("\r", "\n")

    @staticmethod
    def _goes_on(raw: str, after: int) -> bool:
        """Whether the end of a section before `after` was part of its text: another end comes before a beginning."""
        end, begin = raw.find("]]>", after), raw.find("<![CDATA[", after)
        return end >= 0 and (begin < 0 or end < begin)


def _unescaped(text: str) -> str:
    """References resolved once, those of HTML too; an ampersand that begins none is one."""
    return _REFERENCE.sub(lambda reference: html.unescape(reference[0]), text) if "&" in text else text
