"""A draft with a note under each of its passages: a form for its reader, what was said of it for the team."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from desk.models import Publishable, Remark
from desk.readings.passages import Passage, passages_of, with_notes

# The HTML of what stands beside a passage, or of what is said of the whole text and of passages that are gone.
type Draw = Callable[[Passage, list[Remark]], str]


@dataclass(slots=True)
class Placed:
    """Remarks by the passage that they stand beside; `elsewhere`, of the whole text, or of words that have changed."""

    beside: dict[Passage, list[Remark]] = field(default_factory=lambda: defaultdict(list))
    elsewhere: list[Remark] = field(default_factory=list)


def place(owner: Publishable, content: dict[str, Any], remarks: Iterable[Remark]) -> Placed:
    """Beside the same words, the nearest of those repeated: one may have been taken away."""
    repeated: dict[tuple[str, str], int] = {}
    for name in owner.HTML_FIELDS:
        for passage in passages_of(str(content.get(name) or ""), name):
            repeated[name, passage.words] = passage.occurrence
    placed = Placed()
    for remark in remarks:
        last = repeated.get((remark.field, remark.words))
        if last is None:
            placed.elsewhere.append(remark)
        else:
            passage = Passage(remark.field, remark.words, min(remark.occurrence, last))
            placed.beside[passage].append(remark)
    return placed


def annotated(owner: Publishable, content: dict[str, Any], placed: Placed, draw: Draw) -> dict[str, Any]:
    """The working copy whose prose holds the notes. It is for a page, and never stored."""
    texts = {name: str(content.get(name) or "") for name in owner.HTML_FIELDS}
    drawn = {
        name: with_notes(text, name, lambda passage: draw(passage, placed.beside.get(passage, [])))
        for name, text in texts.items()
    }
    return {**content, **drawn}


def first_fields(owner: Publishable, content: dict[str, Any]) -> list[str]:
    """Where the page of each language begins: the first prose that is written, and its English."""
    written = [name for name in owner.HTML_FIELDS if content.get(name)]
    first = (written or list(owner.HTML_FIELDS))[0]
    english = f"{first.removesuffix('_en')}_en"
    return [first, *({english} & set(written) - {first})]
