"""What each room offers to the staff home."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Line:
    """Something that waits, or is planned: a text and where one click leads."""

    text: str
    url: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A room's card: its page, the button to begin something new, and what waits there."""

    title: str | Promise
    url: str
    lines: list[Line] = field(default_factory=list)
    new_label: str | Promise = ""
    new_url: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened, or will by itself: when, in words, and where one click leads."""

    at: datetime
    text: str
    url: str = ""
