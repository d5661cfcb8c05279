"""The figures that projector pages poll every second or two, cached so that five hundred cost almost nothing.

A process reads a round's state and turnout once a second, whoever asks; meanwhile, and while one
thread reads, others answer from the cache.
"""

from __future__ import annotations

import hashlib
import json
import math
import threading
import time
from dataclasses import dataclass

from django.utils import timezone

from forums.models import Round
from forums.vote.casting import turnout
from forums.vote.roll import roll_changes
from pole.caching.in_process import BoundedCache, process_cache

CACHE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class ScreenState:
    """JSON and its ETag. `read_at` is of the monotonic clock, in seconds."""

    body: bytes
    etag: str
    read_at: float

    @property
    def age(self) -> int:
        """Whole seconds since it was read, rounded up."""
        return math.ceil(time.monotonic() - self.read_at)


_cache: BoundedCache[tuple[str, int], ScreenState] = process_cache(limit=50)
_refresh_lock = threading.Lock()


def cached_screen_state(slug: str, number: int) -> ScreenState | None:
    """The figures of a round, a second old at most, older while one thread reads; None when there is no such round.

    At most three queries a second.
    """
    known = _cache.get((slug, number))
    if known and time.monotonic() - known.read_at < CACHE_SECONDS:
        return known
    # With nothing in the cache, wait for the thread that reads.
    if not _refresh_lock.acquire(blocking=known is None):
        return known
    try:
        fresh = _cache.get((slug, number))
        if fresh is not known and fresh is not None:
            return fresh
        fresh = _read(slug, number)
        if fresh is not None:
            _cache[slug, number] = fresh
        return fresh
    finally:
        _refresh_lock.release()


def screen_figures(round: Round) -> dict[str, object]:
    """The state; while open or closed, turnout, changes of the roll and closing time. Never choices. Three queries at most."""
    state = round.state_at(timezone.now())
    shown: dict[str, object] = {"state": state.value}
    if state in {Round.State.OPEN, Round.State.CLOSED}:
        voted, on_roll = turnout(round.pk)
        added, voided = roll_changes(round.pk)
        shown |= {"voted": voted, "roll": on_roll, "added": added, "voided": voided}
        shown["closes_at"] = round.closes_at.isoformat()
    if round.closed_at and state == Round.State.CLOSED:
        # The page is shown anew when one of them comes: the worker may close a while after the time.
        shown["fixed"] = [round.receipts_fingerprint, round.tellers_part, round.tellers_dropped_because]
    return shown


def _read(slug: str, number: int) -> ScreenState | None:
    read_at = time.monotonic()
    rounds = Round.objects.filter(forum__slug=slug, forum__announced_at__lte=timezone.now())
    round = rounds.filter(number=number).first()
    if round is None:
        return None
    body = json.dumps(screen_figures(round)).encode()
    return ScreenState(body, f'"{hashlib.sha256(body).hexdigest()[:16]}"', read_at)
