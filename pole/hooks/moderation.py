"""What each package offers to the moderation queue, and how the queue sends a decision back.

`settings.MODERATION_QUEUES` lists, with the role of who decides, callables `(limit) -> ModerationQueue`. Each package has its own views for
decisions: the queue POSTs to them with `seen`, the `version` of the item shown; `next`, the place of what follows it in the
list; and `reason`, to hide something.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from pole.refusals import Refusal


class ChangedMeanwhile(Refusal):
    """What a decision is about is no longer what its form showed."""

    messages = {
        "changed_meanwhile": _("The text has changed since you opened it. Read it again, then decide.")
    }


def seen_version(*parts: object) -> str:
    """A short fingerprint of what a decision form shows; the function that decides compares it under its lock."""
    text = json.dumps(parts, default=str, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def check_seen(seen: str, *parts: object) -> None:
    """Raises `ChangedMeanwhile` unless `seen` is the fingerprint of `parts`."""
    if seen != seen_version(*parts):
        raise ChangedMeanwhile


@dataclass(frozen=True, slots=True)
class PendingItem:
    """Something that waits for a decision of the team."""

    # Unique in the whole queue, fit for an `id`: "commentaire-12".
    key: str
    # What it is, for people: "Comment", "Proposed change".
    kind: str | Promise
    # Who wrote or sent it.
    author: str
    # Why it waits: "First comment of this account", "Flagged: …".
    reason: str | Promise
    since: datetime
    # Its text, as safe HTML.
    text: SafeString
    # The page that it belongs to.
    page_title: str = ""
    page_url: str = ""
    # The page where it is decided, when two buttons are not enough.
    decision_url: str = ""
    approve_url: str = ""
    approve_label: str | Promise = ""
    hide_url: str = ""
    # `seen_version` of what is shown: posted back as `seen`.
    version: str = ""
    # The account that may be suspended.
    person_id: int | None = None
    # What else is known of it, in a sentence: who hid it and why, that it was changed.
    note: str | Promise = ""


@dataclass(frozen=True, slots=True)
class ModerationQueue:
    """One package's pending items: how many in all, and the first of them, oldest first."""

    label: str | Promise
    total: int
    items: Sequence[PendingItem] = ()
