"""What each room offers to the moderation queue, and what the queue asks of a room.

`settings.MODERATION` lists callables `(limit) -> Queue`. Each room keeps its own addresses for the
decisions; they are POSTs that the queue sends with `next`, the way back, and for hiding with `reason`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.safestring import SafeString


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for the team's decision."""

    # Unique in the whole queue, fit for an `id`: "commentaire-12".
    key: str
    # What it is, for people: "Comment", "Proposed change".
    kind: str | Promise
    # Who wrote or sent it.
    author: str
    # Why it waits: "First comment of this account", "Flagged: …".
    why: str | Promise
    since: datetime
    # Its words, made safe.
    text: SafeString
    # The page that it belongs to, and its title.
    place: str = ""
    place_url: str = ""
    # Where its room decides, when two buttons are not enough.
    more_url: str = ""
    approve_url: str = ""
    approve_label: str | Promise = ""
    hide_url: str = ""
    # The account that may be suspended.
    person_id: int | None = None


@dataclass(frozen=True, slots=True)
class Queue:
    """A room's part: how many wait in all, and the first of them, oldest first."""

    label: str | Promise
    total: int
    items: Sequence[Waiting] = ()
