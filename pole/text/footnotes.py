"""Footnotes of sanitised HTML: calls numbered in their order, notes at the end in the same, each with a way back.

A call is `<sup><a href="#note-…">`, its note the `<li id="note-…">` of an `<ol class="notes">`. Keys are the editor's or
the importer's; what is stored has numbers.
"""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING

from pole.text.bilingual import ENGLISH
from pole.text.typography import html_tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pole.text.html import Event

_CALL = re.compile(r'<sup>\s*<a\b[^>]*href="#note-([a-z0-9]{1,16})"[^>]*>([^<]*)</a>\s*</sup>')
_BACK = re.compile(r' ?<a\b[^>]*href="#appel-[a-z0-9]{1,16}"[^>]*>[^<]*</a>')
_KEY = re.compile(r'\bid="note-([a-z0-9]{1,16})"')
_LINK_OF_NOTE = re.compile("#(?:note|appel)-")


def with_notes(markup: str, language: str) -> str:
    """The HTML with its notes in the order of their calls; idempotent. No word of a note is lost, called or not."""
    if 'class="notes"' not in markup and "#note-" not in markup:
        return markup
    body, notes = _parted(markup)
    numbers = _numbers(body, dict(notes))
    called: set[str] = set()

    def call(match: re.Match[str]) -> str:
        number = numbers.get(match[1])
        if number is None:
            return f"<sup>{match[2]}</sup>"
        identifier = "" if match[1] in called else f' id="appel-{number}"'
        called.add(match[1])
        return f'<sup><a href="#note-{number}"{identifier}>{number}</a></sup>'

    body = _CALL.sub(call, body)
    title = "Back to the text" if language.startswith(ENGLISH) else "Retour au texte"
    ordered = sorted(notes, key=lambda note: numbers.get(note[0], len(notes) + 1))
    items = [
        _item(
            _CALL.sub(call, inner),
            place,
            f' <a href="#appel-{place}" title="{title}">↩</a>' if key in numbers else "",
        )
        for place, (key, inner) in enumerate(ordered, start=1)
    ]
    return body + (f'<ol class="notes">{"".join(items)}</ol>' if items else "")


def _numbers(body: str, notes: dict[str, str]) -> dict[str, int]:
    """Those of the notes that the text calls, or that a note which it calls does, in the order in which they are met."""
    numbers: dict[str, int] = {}
    to_read = deque([body])
    while to_read:
        for match in _CALL.finditer(to_read.popleft()):
            if match[1] in notes and match[1] not in numbers:
                numbers[match[1]] = len(numbers) + 1
                to_read.append(notes[match[1]])
    return numbers


def _item(inner: str, number: int, back: str) -> str:
    inner = _BACK.sub("", inner).strip()
    end = "</p>" if inner.endswith("</p>") else ""
    return f'<li id="note-{number}">{inner.removesuffix(end)}{back}{end}</li>'


def _parted(markup: str) -> tuple[str, list[tuple[str, str]]]:
    """The text without its lists of notes, and (key, content) of each note; a key that comes again is another note."""
    body: list[str] = []
    notes: list[tuple[str, str]] = []
    inner: list[str] = []
    opened: list[str] = []  # elements, from the list of notes inwards
    taken: set[str] = set()
    key = ""
    for token in html_tokens(markup):
        if not opened:
            if token.name == "ol" and not token.is_end and 'class="notes"' in token.raw:
                opened.append("ol")
            else:
                body.append(token.raw)
        elif token.name == "li" and not token.is_end and len(opened) == 1:
            found = _KEY.search(token.raw)
            key = found[1] if found and found[1] not in taken else ""
            taken.add(key)
            opened.append("li")
        elif token.is_end and token.name == opened[-1] and len(opened) <= 2:
            if opened.pop() == "li":
                notes.append((key, "".join(inner)))
                inner = []
        else:
            inner.append(token.raw)
            if token.name in {"ol", "li"}:
                opened = opened[:-1] if token.is_end else [*opened, token.name]
    return "".join(body), [(key, inner) for key, inner in notes if inner.strip()]


def is_note_link(address: str) -> bool:
    """Of a call, or of the way back to it."""
    return bool(_LINK_OF_NOTE.match(address))


def without_note_links(events: Iterable[Event]) -> Iterator[Event]:
    """The events without the words of the calls and of the ways back: "nuance", not "nuance1"."""
    for event, link in _within_links(events):
        if event.name or not is_note_link(link):
            yield event


def with_numbers(events: Iterable[Event]) -> Iterator[Event]:
    """The events for paper: "nuance[1]", and no way back."""
    for event, link in _within_links(events):
        if event.name or not link.startswith("#appel-"):
            is_call = not event.name and link.startswith("#note-")
            yield event._replace(text=f"[{event.text}]") if is_call else event


def _within_links(events: Iterable[Event]) -> Iterator[tuple[Event, str]]:
    """Each event, with where the link that holds it leads."""
    link = ""
    for event in events:
        if event.name == "a":
            link = "" if event.is_end else event.attributes.get("href", "")
        yield event, link
