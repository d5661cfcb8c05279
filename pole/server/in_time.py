"""What asks a disk or the network, and may never be answered: in a thread, left behind when its time is over.

Nothing ends a thread that a dead mount holds. So the same question is not asked again while a former one still waits:
one thread is lost for each, not one every ten minutes. What is asked here uses no database: connections belong to threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.utils import translation

# Of a disk that is only slow.
SECONDS = 30.0
_waiting: dict[str, threading.Thread] = {}


class TookTooLong(Exception):
    """No `OSError`: whoever reads what a disk refuses has not been refused anything."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:g} s")
        self.seconds = seconds


def in_time[T](question: str, ask: Callable[[], T], *, seconds: float | None = None) -> T:
    """What `ask` returns, or raises. `question` names it, whatever it asks about. Raises `TookTooLong`."""
    limit = SECONDS if seconds is None else seconds
    if (former := _waiting.get(question)) and former.is_alive():
        raise TookTooLong(limit)
    returned: list[T] = []
    raised: list[BaseException] = []

    language = translation.get_language()

    def answer() -> None:
        try:
            with translation.override(language):
                returned.append(ask())
        except BaseException as error:  # noqa: BLE001 - raised again by whoever asked
            raised.append(error)

    thread = threading.Thread(target=answer, daemon=True, name=f"in_time {question}")
    _waiting[question] = thread
    thread.start()
    thread.join(limit)
    if raised:
        raise raised[0]
    if not returned:
        raise TookTooLong(limit)
    return returned[0]
