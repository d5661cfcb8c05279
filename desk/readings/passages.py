"""What can be remarked upon in a text: each block of its prose, and each item of its lists, known by its words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from desk.reading_models import MAX_WORDS_LENGTH
from pole.text.html import Event, walk
from pole.text.plaintext import clean_line

_LISTS = frozenset({"ul", "ol"})
_INLINE = frozenset({"a", "code", "em", "s", "strong", "sub", "sup"})
_VOID = frozenset({"br", "hr", "img"})


@dataclass(frozen=True, slots=True)
class Passage:
    """`occurrence` tells those of the same words apart, from 0; a picture without a description has no words."""

    field: str
    words: str
    occurrence: int = 0


# What stands after a passage: HTML, or nothing.
type Note = Callable[[Passage], str]


@dataclass(slots=True)
class _Reader:
    """Where one is in the text: the elements that are open, and the words of each passage among them."""

    opened: list[str] = field(default_factory=list)
    passages: list[tuple[int, list[str]]] = field(default_factory=list)

    def begins_passage(self, name: str) -> bool:
        if name == "li":
            return all(each in _LISTS or each == "li" for each in self.opened)
        return not self.opened and name not in _LISTS and name != "hr"

    def add(self, text: str) -> None:
        if self.passages:
            self.passages[-1][1].append(text)


def with_notes(markup: str, name: str, note: Note) -> str:
    """Sanitised HTML with the note of each passage: after a block, at the end of an item. `name` is the field's."""
    seen: Counter[str] = Counter()
    output: list[str] = []
    for event, texts in _events(markup):
        if texts is None:
            output.append(event.markup)
            continue
        words = shortened(clean_line("".join(texts)))
        written = note(Passage(name, words, seen[words]))
        seen[words] += 1
        output += [written, event.markup] if event.name == "li" else [event.markup, written]
    return "".join(output)


def _events(markup: str) -> Iterator[tuple[Event, list[str] | None]]:
    """Each event; with the words of the passage that it ends, if it ends one."""
    reader = _Reader()
    for event in walk(markup):
        texts = None
        if not event.name:
            reader.add(event.text)
        elif event.name in _VOID:
            reader.add(f" {event.attributes.get('alt', '')} ")
        elif event.is_end:
            reader.opened.pop()
            if reader.passages and reader.passages[-1][0] == len(reader.opened):
                texts = reader.passages.pop()[1]
        else:
            if reader.begins_passage(event.name):
                reader.passages.append((len(reader.opened), []))
            reader.opened.append(event.name)
        if event.name and event.name not in _INLINE:
            reader.add(" ")
        yield event, texts


def passages_of(markup: str, name: str) -> list[Passage]:
    found: list[Passage] = []

    def keep(passage: Passage) -> str:
        found.append(passage)
        return ""

    with_notes(markup, name, keep)
    return found


def shortened(words: str) -> str:
    """As many of them as are kept beside a remark."""
    return words if len(words) <= MAX_WORDS_LENGTH else clean_line(f"{words[: MAX_WORDS_LENGTH - 1]}…")
