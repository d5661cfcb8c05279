"""Prose of the desk as plain blocks that a template can set: paragraphs, headings, items, quotations."""

from __future__ import annotations

from pole.text.html import walk

KINDS = {
    "p": "paragraph",
    "h2": "heading",
    "h3": "heading",
    "h4": "heading",
    "li": "item",
    "blockquote": "quote",
}


def blocks(html: str) -> list[dict[str, str]]:
    """[{"kind", "text"}] of sanitised HTML; links, emphasis and pictures leave their words alone."""
    found: list[dict[str, str]] = []
    opened: list[str] = []
    written = ""

    def close_block() -> None:
        nonlocal written
        text = "\n".join(written.strip().splitlines())
        if text:
            # The outermost element gives the kind: a paragraph in an item is an item.
            found.append({"kind": KINDS[opened[0]] if opened else "paragraph", "text": text})
        written = ""

    for name, is_end, text, _attributes in walk(html):
        written += "\n" if name == "br" else text
        if name in KINDS:
            close_block()
            if is_end:
                opened.pop()
            else:
                opened.append(name)
    close_block()
    return found
