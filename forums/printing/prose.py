"""Prose of the desk as plain blocks that a template can set: paragraphs, headings, items, quotations."""

from __future__ import annotations

from html.parser import HTMLParser

KINDS = {
    "p": "paragraph",
    "h2": "heading",
    "h3": "heading",
    "h4": "heading",
    "li": "item",
    "blockquote": "quote",
}


class _Blocks(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[dict[str, str]] = []
        self._open: list[str] = []
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._text += "\n"
        elif tag in KINDS:
            self._close_block()
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in KINDS:
            self._close_block()
            if tag in self._open:
                self._open.remove(tag)

    def handle_data(self, data: str) -> None:
        self._text += data

    def _close_block(self) -> None:
        text = "\n".join(" ".join(line.split(" ")) for line in self._text.strip().splitlines())
        if text:
            # The outermost element gives the kind: a paragraph in an item is an item.
            self.blocks.append({"kind": KINDS[self._open[0]] if self._open else "paragraph", "text": text})
        self._text = ""

    def close(self) -> None:
        super().close()
        self._close_block()


def blocks(html: str) -> list[dict[str, str]]:
    """[{"kind", "text"}] of sanitised HTML; links, emphasis and pictures leave their words alone."""
    parser = _Blocks()
    parser.feed(html)
    parser.close()
    return parser.blocks
