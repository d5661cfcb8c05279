"""The two pages that come first in a dossier, however long the texts are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.text import Truncator

from forums import printing
from pole.text.bilingual import current_language

PAGES = 2
# Size of the text in points, and longest description of a priority in characters; None is whole.
LAYOUTS: tuple[tuple[float, int | None], ...] = ((10.5, None), (10, 320), (9.5, 140), (9, 0))


def compile_summary(data: dict[str, Any], *, at: datetime) -> bytes:
    """The PDF of `summary.typ`, with descriptions cut until it holds in two pages."""
    for size, longest in LAYOUTS:
        attempt = _shorten_descriptions(data, longest) | {"size": size}
        if printing.count_pages("summary", attempt, current_language()) <= PAGES:
            break
    return printing.compile("summary", attempt, current_language(), at=at)


def _shorten_descriptions(data: dict[str, Any], longest: int | None) -> dict[str, Any]:
    if longest is None:
        return data
    groups = [
        {
            **group,
            "priorities": [
                {**each, "description": _truncated(each["description"], longest)}
                for each in group["priorities"]
            ],
        }
        for group in data["groups"]
    ]
    return {**data, "groups": groups, "next_steps": [] if longest == 0 else data["next_steps"]}


def _truncated(text: Any, longest: int) -> Any:
    if isinstance(text, dict):
        return {**text, "text": _truncated(text["text"], longest)} if longest else ""
    return Truncator(text).chars(longest) if longest else ""
