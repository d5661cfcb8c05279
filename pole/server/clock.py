"""A wall clock that jumped while this process ran: what it deletes by date would be deleted for good."""

from __future__ import annotations

import time
from typing import Final

MAX_JUMP_SECONDS: Final = 3600


class ClockJumped(Exception):
    """The task fails, so that the team is told; it runs again once the clock is right, or the worker restarted."""


def _since_boot() -> float:
    """The wall clock less one that nothing sets: the same for ever, but for jumps."""
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)


_at_start = _since_boot()


def check_clock_has_not_jumped() -> None:
    """Raises `ClockJumped` when the wall clock moved by more than an hour since this process started."""
    jump = _since_boot() - _at_start
    if abs(jump) > MAX_JUMP_SECONDS:
        raise ClockJumped(
            f"the clock jumped by {jump:.0f} s: set it, or restart the worker if it is right now"
        )
