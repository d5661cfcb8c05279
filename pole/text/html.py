"""HTML as browsers read it: the portal's one reader (ADR 15). It makes nothing safe: `pole.text.richtext` does."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode

_VOID_TAGS = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)


class Event(NamedTuple):
    """A start tag, an end tag, or a text (`name` is "")."""

    name: str
    is_end: bool = False
    text: str = ""
    attributes: Mapping[str, str] = {}

    @property
    def markup(self) -> str:
        if not self.name:
            return html.escape(self.text, quote=False)
        return f"</{self.name}>" if self.is_end else start_tag(self.name, self.attributes)


def start_tag(name: str, attributes: Mapping[str, str]) -> str:
    values = ((key, html.escape(value, quote=False)) for key, value in attributes.items())
    return f"<{name}{''.join(f' {key}="{value.replace('"', "&quot;")}"' for key, value in values)}>"


def walk(markup: str) -> Iterator[Event]:
    """The elements and texts of a fragment, in order, each element closed; comments are left out."""
    node: LexborNode | None = LexborHTMLParser(markup, is_fragment=True).root
    opened: list[LexborNode] = []
    while node or opened:
        if node is None:
            node = opened.pop()
            if (name := node.tag or "") not in _VOID_TAGS:
                yield Event(name, is_end=True)
            node = node.next
        elif node.is_element_node:
            yield Event(
                node.tag or "", attributes={key: value or "" for key, value in node.attributes.items()}
            )
            opened.append(node)
            node = node.child
        else:
            if node.is_text_node:
                yield Event("", text=node.text_content or "")
            node = node.next


_ADDRESSES = frozenset(["href", "src", "cite", "poster"])


def with_absolute_addresses(markup: str, page: str) -> str:
    """The same fragment, where each address is whole, as a reader of `page`, a whole address, would follow it."""
    return "".join(_absolute(event, page).markup for event in walk(markup))


def _absolute(event: Event, page: str) -> Event:
    if event.is_end or not event.attributes:
        return event
    values = dict(event.attributes)
    for name in _ADDRESSES & values.keys():
        values[name] = _joined(page, values[name])
    if "srcset" in values:
        candidates = (candidate.split(maxsplit=1) for candidate in values["srcset"].split(", "))
        values["srcset"] = ", ".join(" ".join([_joined(page, first), *rest]) for first, *rest in candidates)
    return event._replace(attributes=values)


def _joined(page: str, address: str) -> str:
    try:
        return urljoin(page, address)
    except ValueError:  # "http://[", which leads nowhere either way
        return address
