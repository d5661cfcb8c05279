"""The blocks of WordPress's editor: their comments read as a tree, and each one's markup as it would be shown."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import Any

_MARK = re.compile(
    r"<!--\s+(?P<end>/)?wp:(?:(?P<space>[a-z][a-z0-9_-]*)/)?(?P<name>[a-z][a-z0-9_-]*)\s+"
    r"(?:(?P<attributes>\{(?:(?!\}\s+/?-->).)*\})\s+)?(?P<alone>/)?-->",
    re.DOTALL,
)
MAX_DEPTH = 40
# What stands between two parts of a text, and is nothing by itself.
_NOTHING = frozenset({"more", "nextpage", "spacer", "post-content"})
# The same markup as that of a text typed in the old editor.
CLASSIC = frozenset({"freeform", "core/freeform", "shortcode"})


@dataclass(slots=True)
class Block:
    """`name` is empty for what stands between blocks."""

    name: str
    attributes: dict[str, Any] = field(default_factory=dict)
    parts: list[str | Block] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return all(not part.strip() if isinstance(part, str) else part.is_empty for part in self.parts)


def has_blocks(text: str) -> bool:
    return "<!-- wp:" in text


def parse_blocks(text: str) -> list[Block]:
    """In order; a block that is never closed goes to the end of what holds it, and an end alone is none."""
    root = Block("")
    opened, position = [root], 0
    for mark in _MARK.finditer(text):
        opened[-1].parts.append(text[position : mark.start()])
        position = mark.end()
        name = _name_of(mark)
        if mark["end"]:
            depth = next((at for at in range(len(opened) - 1, 0, -1) if opened[at].name == name), 0)
            del opened[depth or len(opened) :]
            continue
        block = Block(name, _attributes(mark["attributes"]))
        opened[-1].parts.append(block)
        if not mark["alone"] and len(opened) < MAX_DEPTH:
            opened.append(block)
    opened[-1].parts.append(text[position:])
    return [part if isinstance(part, Block) else Block("", parts=[part]) for part in root.parts]


def _name_of(mark: re.Match[str]) -> str:
    if mark["space"] == "core-embed":
        return "embed"
    return mark["name"] if mark["space"] in {None, "core"} else f"{mark['space']}/{mark['name']}"


def _attributes(written: str | None) -> dict[str, Any]:
    try:
        found = json.loads(written) if written else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


@dataclass(slots=True)
class Renderer:
    """`classic` makes markup of what was typed in the old editor; the others answer for what a block names."""

    classic: Callable[[str], str]
    # The text of a block that several texts share, by its key.
    shared: Callable[[str], str]
    # The markup of pictures, by their keys; without any, of those of the text.
    gallery: Callable[[list[str]], str]
    footnotes: Callable[[], str]
    # Told the name of a block that shows something computed, which does not come in.
    left_out: Callable[[str], None]

    def render(self, text: str, depth: int = 0) -> str:
        return "\n\n".join(self._block(block, depth) for block in parse_blocks(text))

    def _block(self, block: Block, depth: int) -> str:
        name = block.name
        if name in _NOTHING:
            return ""
        if name == "block":
            return self._shared(block, depth)
        if name == "footnotes":
            return self.footnotes()
        inner = "".join(part if isinstance(part, str) else self._block(part, depth) for part in block.parts)
        if not name or name in CLASSIC:
            return self.classic(inner)
        if name == "gallery" and "<img" not in inner:
            return self.gallery([str(key) for key in _list(block.attributes.get("ids"))]) + inner
        inner += _missing_address(name, block.attributes, inner)
        if not inner.strip():
            self.left_out(name)
        return inner

    def _shared(self, block: Block, depth: int) -> str:
        key = str(block.attributes.get("ref", ""))
        text = self.shared(key) if depth < 5 else ""
        if not text.strip():
            self.left_out("block")
            return ""
        return self.render(text, depth + 1) if has_blocks(text) else self.classic(text)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _missing_address(name: str, attributes: dict[str, Any], inner: str) -> str:
    """What a block says in its comment alone: the address that it embeds, the picture behind a cover."""
    address = attributes.get("url")
    if not isinstance(address, str) or not address.startswith(("https://", "http://", "/")):
        return ""
    if name == "embed" and address not in inner.replace("&amp;", "&"):
        return f"<p>{escape(address)}</p>"
    if name == "cover" and "<img" not in inner and attributes.get("backgroundType", "image") == "image":
        alternative = attributes.get("alt")
        described = escape(alternative) if isinstance(alternative, str) else ""
        return f'<figure><img src="{escape(address)}" alt="{described}"></figure>'
    return ""
