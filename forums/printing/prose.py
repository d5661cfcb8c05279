"""Prose of the desk as plain blocks that a template can set: paragraphs, headings, items, quotations."""

from __future__ import annotations

from pole.text.footnotes import with_numbers
from pole.text.html import Event, walk

KINDS = {
    "p": "paragraph",
    "h2": "heading",
    "h3": "heading",
    "h4": "heading",
    "li": "item",
    "blockquote": "quote",
    "pre": "paragraph",
    "figcaption": "paragraph",
    "td": "paragraph",
    "th": "paragraph",
}


def blocks(html: str) -> list[dict[str, str]]:
    """[{"kind", "text"}] of sanitised HTML; links, emphasis and pictures leave their words alone.

    A note begins by its number, which its call has too: nothing leads from one to the other on paper.
    """
    found: list[dict[str, str]] = []
    opened: list[str] = []
    written = number = ""
    # One more tag, for what is written after the last.
    for name, is_end, text, attributes in [*with_numbers(walk(html)), Event("p")]:
        written += "\n" if name == "br" else text
        if name in KINDS:
            if lines := written.strip().splitlines():
                # The outermost element gives the kind: a paragraph in an item is an item.
                kind = KINDS[opened[0]] if opened else "paragraph"
                found.append({"kind": kind, "text": number + "\n".join(lines)})
                number = ""
            written = ""
            opened = opened[:-1] if is_end else [*opened, name]
            if attributes.get("id", "").startswith("note-"):
                number = f"[{attributes['id'].removeprefix('note-')}] "
    return found
