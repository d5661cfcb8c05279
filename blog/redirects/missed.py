"""Old addresses that lead nowhere: counted in memory, written now and then, the most asked for kept."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from threading import Lock
from time import monotonic

from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone

from blog.models import MissedAddress
from blog.redirects.shapes import shape_of
from pole.server import bearer_links

MOST_ROWS = 500
# Of one process, between two writes.
MOST_WAITING, SECONDS_BETWEEN_WRITES = 200, 60.0
LONGEST = 200
# What no address of a text holds: a key, an e-mail address, an identifier.
_SECRET = re.compile(
    r"[^/?=&]*@[^/?=&]*|[0-9a-fA-F]{16,}|(?=[^/?=&]*[0-9])(?=[^/?=&]*[A-Za-z])(?=[^/?=&]*[A-Z])[A-Za-z0-9_~.]{20,}"
    r"|(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[A-Za-z0-9]{20,}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    r"|eyJ[\w.-]{10,}|[0-9]{9,}"
)

_waiting: Counter[str] = Counter()
_lock = Lock()
_written_at = float("-inf")


def note(path: str, query: Mapping[str, str]) -> None:
    """Counts, in memory, an address of a shape that WordPress gives; others are of robots, or mistyped."""
    shape = shape_of(path, query)
    if not shape.is_wordpress or shape.words or "\x00" in path:
        return
    named = next((found for found in shape.paths if "?" in found), path)
    kept = masked(named)
    with _lock:
        if kept in _waiting or len(_waiting) < MOST_WAITING:
            _waiting[kept] += 1


def write_if_due() -> None:
    with _lock:
        is_due = _waiting and monotonic() - _written_at >= SECONDS_BETWEEN_WRITES
    if is_due:
        write()


def masked(path: str) -> str:
    """What may be a secret becomes « … », and it is cut to what a list shows."""
    path = "".join(sign if sign.isprintable() else "…" for sign in bearer_links.masked(path))
    return _SECRET.sub("…", path)[:LONGEST]


def write() -> None:
    """Adds what waits to the stored counts. A database that is away loses some: they are counts."""
    global _written_at  # noqa: PLW0603 - of this process
    with _lock:
        counted = dict(_waiting)
        _waiting.clear()
        _written_at = monotonic()
    try:
        with transaction.atomic():
            for path, times in sorted(counted.items()):
                _add(path, times)
            _forget_beyond(MOST_ROWS)
    except DatabaseError:
        return


def _add(path: str, times: int) -> None:
    now = timezone.now()
    MissedAddress.objects.bulk_create([MissedAddress(path=path, first_at=now)], ignore_conflicts=True)
    MissedAddress.objects.filter(path=path).update(times=F("times") + times, last_at=now)


def _forget_beyond(most: int) -> None:
    """The least asked for go, of these the oldest."""
    kept = MissedAddress.objects.order_by("-times", "-last_at", "-pk").values("pk")[:most]
    if MissedAddress.objects.count() > most:
        MissedAddress.objects.exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()


def forget_waiting() -> None:
    """Tests begin without any."""
    global _written_at  # noqa: PLW0603 - of this process
    with _lock:
        _waiting.clear()
        _written_at = float("-inf")
