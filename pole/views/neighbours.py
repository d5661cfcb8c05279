"""What stands before and after an item in the list that holds it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db.models import Q, QuerySet

from pole.text.bilingual import LocalizedText


class Neighbour(Protocol):
    @property
    def shown_title(self) -> LocalizedText: ...
    def get_absolute_url(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Neighbours:
    """For `components/neighbours.html`."""

    previous: Neighbour | None
    next: Neighbour | None


def nearest(rows: QuerySet[Any, Any], pk: int, at: datetime, moment: str) -> QuerySet[Any, Any]:
    """The row just before what has this key and this moment, and the one just after.

    Of rows of one moment, the one that was made first comes first.
    """
    others = rows.exclude(pk=pk)
    # The moment alone is said too: an index begins there, which it can't at either of two conditions.
    before = others.filter(Q(**{f"{moment}__lt": at}) | Q(pk__lt=pk), **{f"{moment}__lte": at})
    after = others.filter(Q(**{f"{moment}__gt": at}) | Q(pk__gt=pk), **{f"{moment}__gte": at})
    first = before.order_by(f"-{moment}", "-pk")[:1]
    return first.union(after.order_by(moment, "pk")[:1], all=True)


def on_both_sides(found: Iterable[Any], pk: int, at: datetime, moment: str) -> Neighbours:
    """What `nearest` found, each on its side."""
    sides = {(getattr(row, moment), row.pk) < (at, pk): row for row in found}
    return Neighbours(sides.get(True), sides.get(False))


def neighbours_in_order(keys: list[int], read: Callable[[list[int]], Iterable[Any]], key: int) -> Neighbours:
    """Those that stand beside `key` in `keys`, which `read` reads: once, or not where there is nobody."""
    if key not in keys:
        return Neighbours(None, None)
    place = keys.index(key)
    beside = [*keys[max(0, place - 1) : place], *keys[place + 1 : place + 2]]
    found = {row.pk: row for row in read(beside)} if beside else {}
    before = found.get(keys[place - 1]) if place else None
    after = found.get(keys[place + 1]) if place + 1 < len(keys) else None
    return Neighbours(before, after)
