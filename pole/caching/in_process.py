"""What a process remembers between requests, and the one way to make it forget."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

_caches: list[BoundedCache[Any, Any]] = []


class BoundedCache[K, V](dict[K, V]):
    """A dictionary of the `limit` values set last. With a limit of 1 and versions as keys: one value, swapped whole."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit, self._lock = limit, Lock()

    def __setitem__(self, key: K, value: V) -> None:
        with self._lock:
            super().__setitem__(key, value)
            while len(self) > self._limit:
                del self[next(iter(self))]

    def get_or_make(self, key: K, make: Callable[[], V]) -> V:
        """Threads that find nothing at the same time each make the value."""
        try:
            return self[key]
        except KeyError:
            value = make()
        self[key] = value
        return value


def process_cache[K, V](limit: int) -> BoundedCache[K, V]:
    """A cache of this process, to keep in a module; `clear_caches` empties it."""
    cache = BoundedCache[K, V](limit)
    _caches.append(cache)
    return cache


def clear_caches() -> None:
    """For tests, whose rollbacks also undo the content versions."""
    for cache in _caches:
        cache.clear()
