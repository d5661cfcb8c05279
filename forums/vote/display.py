"""What the room's screen asks for every second or two, for five hundred screens at almost no cost.

A process reads a round's state and turnout once a second, whoever asks; meanwhile, and while one
thread reads, others answer with what is known.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from dataclasses import dataclass

from django.utils import timezone

from forums.models import Round
from forums.vote.casting import turnout
from forums.vote.roll import roll_changes

READ_EVERY_SECONDS = 1.0
MAX_ROUNDS = 50


@dataclass(frozen=True, slots=True)
class ScreenState:
    """JSON and its ETag. `read_at` is of the monotonic clock, in seconds."""

    body: bytes
    etag: str
    read_at: float


_known: dict[tuple[str, int], ScreenState] = {}
_reading = threading.Lock()


def screen_state(slug: str, number: int) -> ScreenState | None:
    """What the screen of a round shows now; None when there is no such round. At most three queries a second."""
    known = _known.get((slug, number))
    if known and time.monotonic() - known.read_at < READ_EVERY_SECONDS:
        return known
    # Whoever knows nothing yet waits for the one who reads.
    if not _reading.acquire(blocking=known is None):
        return known
    try:
        fresh = _known.get((slug, number))
        if fresh is not known and fresh is not None:
            return fresh
        fresh = _read(slug, number)
        if fresh is not None:
            if len(_known) >= MAX_ROUNDS:
                _known.clear()
            _known[slug, number] = fresh
        return fresh
    finally:
        _reading.release()


def forget() -> None:
    """Drops what this process remembers: for tests."""
    _known.clear()


def state_of(round: Round) -> dict[str, object]:
    """State; while open or closed, turnout, changes of the roll and closing time. Three queries at most, never a choice."""
    state = round.state_at(timezone.now())
    shown: dict[str, object] = {"state": state.value}
    if state in {Round.State.OPEN, Round.State.CLOSED}:
        voted, on_roll = turnout(round.pk)
        added, voided = roll_changes(round.pk)
        shown |= {"voted": voted, "roll": on_roll, "added": added, "voided": voided}
        shown["closes_at"] = round.closes_at.isoformat()
    return shown


def _read(slug: str, number: int) -> ScreenState | None:
    read_at = time.monotonic()
    rounds = Round.objects.filter(forum__slug=slug, forum__announced_at__lte=timezone.now())
    round = rounds.filter(number=number).first()
    if round is None:
        return None
    body = json.dumps(state_of(round)).encode()
    return ScreenState(body, f'"{hashlib.sha256(body).hexdigest()[:16]}"', read_at)
