"""What each package offers to the staff home."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class CardLine:
    """A linked line of a card: something that waits for the team, perhaps many times."""

    text: str
    url: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class StaffCard:
    """A package's card: its page, the button to create something, and what waits there."""

    title: str | Promise
    url: str
    lines: list[CardLine] = field(default_factory=list)
    new_label: str | Promise = ""
    new_url: str = ""


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """Something that happened, or is scheduled: when, what, and the page about it."""

    at: datetime
    text: str
    url: str = ""
