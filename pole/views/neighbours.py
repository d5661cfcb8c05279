"""What stands before and after an item in the list that holds it."""

from __future__ import annotations

from collections.abc import Iterable
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


def neighbours_by_moment(rows: QuerySet[Any], item: Any, moment: str) -> Neighbours:
    """Among `rows`, the ones whose `moment` is just before and just after that of `item`: one query.

    Of rows of one moment, the one that was made first comes first.
    """
    at = getattr(item, moment)
    return on_both_sides(nearest(rows, item.pk, at, moment), item.pk, at, moment)


def nearest(rows: QuerySet[Any, Any], pk: int, at: datetime, moment: str) -> QuerySet[Any, Any]:
    """The row just before what has this key and this moment, and the one just after."""
    others = rows.exclude(pk=pk)
    before = others.filter(Q(**{f"{moment}__lt": at}) | Q(**{moment: at, "pk__lt": pk}))
    after = others.filter(Q(**{f"{moment}__gt": at}) | Q(**{moment: at, "pk__gt": pk}))
    first = before.order_by(f"-{moment}", "-pk")[:1]
    return first.union(after.order_by(moment, "pk")[:1], all=True)


def on_both_sides(found: Iterable[Any], pk: int, at: datetime, moment: str) -> Neighbours:
    """What `nearest` found, each on its side."""
    sides = {(getattr(row, moment), row.pk) < (at, pk): row for row in found}
    return Neighbours(sides.get(True), sides.get(False))


def neighbours_in_order(keys: list[int], rows: QuerySet[Any], key: int) -> Neighbours:
    """Those that stand beside `key` in `keys`, read from `rows`: one query, or none where there is nobody."""
    if key not in keys:
        return Neighbours(None, None)
    place = keys.index(key)
    beside = [*keys[max(0, place - 1) : place], *keys[place + 1 : place + 2]]
    found = rows.in_bulk(beside)
    before = found.get(keys[place - 1]) if place else None
    after = found.get(keys[place + 1]) if place + 1 < len(keys) else None
    return Neighbours(before, after)
