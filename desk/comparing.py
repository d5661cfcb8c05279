"""Two states of a text, compared word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from django.utils.functional import Promise

from desk.models import Part, Publishable
from pole.text.footnotes import is_note_link, with_numbers
from pole.text.html import walk
from pole.text.richtext import FORMATTING_TAGS

SAME: Literal["same"] = "same"
ADDED: Literal["added"] = "added"
REMOVED: Literal["removed"] = "removed"
# Comparing words costs as the square of their number: longer passages are shown whole, before and after.
MAX_WORDS_COMPARED = 4_000
# How far to look for the paragraph that a changed one became, and the share of words that they have in common.
LINES_AHEAD, ALIKE = 12, 0.25

_WORDS = re.compile(r"\s+|[\w’'-]+|[^\w\s]")
_BLOCK_PREFIXES = {"h2": "## ", "h3": "### ", "h4": "#### ", "li": "• ", "blockquote": "> "}


@dataclass(frozen=True, slots=True)
class Piece:
    """Consecutive words of one `kind`: "same", "added" or "removed"."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """One part of a text; `lines` are its paragraphs, each in pieces."""

    label: str | Promise
    lines: list[list[Piece]]

    @property
    def is_changed(self) -> bool:
        return any(piece.kind != SAME for line in self.lines for piece in line)


def compare(owner: Publishable, before: dict[str, Any], after: dict[str, Any]) -> list[Comparison]:
    """Every part of either state, in order, with what was added and removed."""
    old = {str(part.label): part for part in owner.parts(before)}
    new = {str(part.label): part for part in owner.parts(after)}
    compared = []
    for label in [*new, *(label for label in old if label not in new)]:
        lines = list(_compare_lines(lines_of(old.get(label)), lines_of(new.get(label))))
        compared.append(Comparison(label, lines))
    return compared


def lines_of(part: Part | None) -> list[str]:
    """The paragraphs of a part; of HTML, as text, with prefixes for titles and items, and brackets for links and pictures."""
    if part is None or not part.text:
        return []
    return _html_lines(part.text) if part.is_html else part.text.split("\n")


def _html_lines(markup: str) -> list[str]:
    lines, line = [], ""
    for name, is_end, text, attributes in with_numbers(walk(markup)):
        if not name:
            line += text
        elif name == "img":
            line += f" [{attributes.get('alt', '')}, {attributes.get('src', '').rpartition('/')[2]}] "
        elif name == "a" and not is_end:
            address = attributes.get("href", "")
            line += "" if is_note_link(address) else f"[{address}] "
        elif name not in FORMATTING_TAGS:
            if line.strip(" •#>"):
                lines.append(line.strip())
                line = ""
            # The first paragraph of an item has the sign of the item.
            line = "" if is_end else _BLOCK_PREFIXES.get(name, line)
    return [*lines, line.strip()] if line.strip() else lines


def _compare_lines(before: list[str], after: list[str]) -> Iterator[list[Piece]]:
    """Paragraphs first; then the words of those that changed."""
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for kind, first, last, start, end in matcher.get_opcodes():
        if kind == "equal":
            yield from ([Piece(SAME, line)] for line in before[first:last])
            continue
        yield from _align_lines(before[first:last], after[start:end])


def _align_lines(old: list[str], new: list[str]) -> Iterator[list[Piece]]:
    """Each old paragraph beside the most similar new one, both texts in their order."""
    done = 0
    for line in old:
        words = set(line.split())
        ahead = new[done : done + LINES_AHEAD]
        likeness = [_likeness(words, set(candidate.split())) for candidate in ahead]
        if not likeness or max(likeness) < ALIKE:
            yield [Piece(REMOVED, line)]
            continue
        found = done + likeness.index(max(likeness))
        yield from ([Piece(ADDED, added)] for added in new[done:found])
        yield _compare_words(line, new[found])
        done = found + 1
    yield from ([Piece(ADDED, added)] for added in new[done:])


def _likeness(one: set[str], other: set[str]) -> float:
    return len(one & other) / max(1, len(one | other))


def _compare_words(before: str, after: str) -> list[Piece]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if max(len(old), len(new)) > MAX_WORDS_COMPARED:
        return [Piece(REMOVED, before), Piece(ADDED, after)]
    pieces = []
    for kind, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(Piece(SAME, "".join(old[first:last])))
            continue
        if last > first:
            pieces.append(Piece(REMOVED, "".join(old[first:last])))
        if end > start:
            pieces.append(Piece(ADDED, "".join(new[start:end])))
    return pieces
