"""Lists that are too long to be counted at each page: one goes on from a row, by its place in the order.

What would be skipped is then never read, and no row is seen twice or missed when others come and go.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist, FieldError, ValidationError
from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import BooleanField, Count, F, Field, Func, Min, Q, QuerySet, Value
from django.utils.timezone import is_naive

# As far as rows are counted, and found by their rank.
MAX_COUNTED = 10_000
# In the parameter of the page, after its number: which side of a row, and where it stands.
_ASKED = re.compile(
    r"(?P<number>[1-9][0-9]{0,5})\.(?P<side>apres|avant)-(?P<place>[A-Za-z0-9_-]{2,400})", re.ASCII
)
# What no text of PostgreSQL holds: a NUL, half of a character.
_NEVER_STORED = re.compile("[\0\ud800-\udfff]")


class AtLeast(int):
    """A number of rows that were counted no further; the filter `number` says so."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The page that lies just after a row, or just before it."""

    number: int
    is_before: bool
    # What the row holds of each field of the order, as text.
    place: tuple[str | None, ...]


class LongPaginator(Paginator):  # type: ignore[type-arg]  # not subscriptable when it runs
    """Counts so far and no further; beyond, pages are those of `page_beside`."""

    @property
    def is_long(self) -> bool:
        return isinstance(self.count, AtLeast)

    def _get_page(self, *args: Any, **kwargs: Any) -> Page[Any]:
        """As Django’s own documentation has it: the class of the pages."""
        return PageByNumber(*args, **kwargs)


class PageByNumber(Page[Any]):
    """After the last one of a long list, there is more."""

    def has_next(self) -> bool:
        return super().has_next() or self.paginator.is_long  # type: ignore[attr-defined]  # a LongPaginator


class PageBeside(Page[Any]):
    """A page that is found from one of its ends. Its number says where it was; rows may have come or gone before it."""

    def __init__(self, rows: list[Any], number: int, paginator: Any, *, before: bool, after: bool) -> None:
        super().__init__(rows, number, paginator)
        self._before, self._after = before, after

    def has_previous(self) -> bool:
        return self._before

    def has_next(self) -> bool:
        return self._after


def bounded_count(rows: Any) -> int:
    """How many there are; AtLeast(MAX_COUNTED) of more than that."""
    if not isinstance(rows, QuerySet):
        return len(rows)
    # Of a list that is cut already, its own length is the bound.
    found = (rows if rows.query.is_sliced else rows.order_by()[: MAX_COUNTED + 1]).count()
    return AtLeast(MAX_COUNTED) if found > MAX_COUNTED else found


def bounded_counts(many: Sequence[QuerySet[Any]]) -> list[int]:
    """As `bounded_count`, of each: one query."""
    limited = [rows.order_by().values("pk")[: MAX_COUNTED + 1].query.sql_with_params() for rows in many]
    columns = ", ".join(f"(SELECT count(*) FROM ({sql}) AS counted)" for sql, _values in limited)  # noqa: S608 - Django’s own
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns}", [value for _sql, values in limited for value in values])
        found = cursor.fetchone()
    return [AtLeast(MAX_COUNTED) if count > MAX_COUNTED else count for count in found]


def added(counts: Iterable[int]) -> int:
    """Their sum; no more than a least one if one of them is."""
    listed = list(counts)
    total = sum(listed)
    return AtLeast(total) if any(isinstance(count, AtLeast) for count in listed) else total


def count_and_first(rows: QuerySet[Any], moment: str) -> dict[str, Any]:
    """`count`, bounded, and `since`: the earliest `moment` among them. One query, which reads no more rows than it counts."""
    found: dict[str, Any] = rows.order_by(moment)[: MAX_COUNTED + 1].aggregate(
        count=Count("pk"), since=Min(moment)
    )
    if found["count"] > MAX_COUNTED:
        found["count"] = AtLeast(MAX_COUNTED)
    return found


def numbers_around(page: Page[Any]) -> list[int | None]:
    """The first, the last and those around this one; None where some are left out, and where nobody knows the last."""
    paginator = page.paginator
    is_long = getattr(paginator, "is_long", False)
    if page.number > paginator.num_pages:
        return [1, None, page.number, None]
    shown = paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    numbers = [number if isinstance(number, int) else None for number in shown]
    return [*numbers, None] if is_long else numbers


def read_asked(typed: str) -> Asked | None:
    """What `link_beside` wrote; None of anything else."""
    if not (found := _ASKED.fullmatch(typed)):
        return None
    try:
        place = json.loads(base64.urlsafe_b64decode(found["place"] + "=" * (-len(found["place"]) % 4)))
    except ValueError:
        return None
    if not isinstance(place, list) or not all(value is None or isinstance(value, str) for value in place):
        return None
    return Asked(int(found["number"]), found["side"] == "avant", tuple(place))


def link_beside(page: Page[Any], *, is_before: bool) -> str:
    """The parameter of the page before or after this one; its number alone where it is found by that."""
    number = page.number - 1 if is_before else page.number + 1
    rows, paginator = page.object_list, page.paginator
    whole: Any = paginator.object_list
    order = order_of(whole) if getattr(paginator, "is_long", False) else None
    if (
        order is None
        or (number * paginator.per_page <= MAX_COUNTED and not isinstance(page, PageBeside))
        or not len(rows)
    ):
        return str(number)
    row = rows[0] if is_before else rows[len(rows) - 1]
    values = whole.filter(pk=row.pk).values_list(*(name for name, _desc in order)).first()
    if values is None:
        return str(number)
    place = [None if value is None else _as_text(value) for value in values]
    packed = base64.urlsafe_b64encode(json.dumps(place, ensure_ascii=False).encode()).decode().rstrip("=")
    return (
        f"{max(1, number)}.{'avant' if is_before else 'apres'}-{packed}"
        if len(packed) <= 400
        else str(number)
    )


def page_beside(paginator: LongPaginator, asked: Asked) -> Page[Any] | None:
    """The page on that side of the row; None if the list has another order, or if it is the first one."""
    rows: Any = paginator.object_list
    size = paginator.per_page
    order = order_of(rows)
    if order is None or len(order) != len(asked.place):
        return None
    try:
        values = [
            _value(_field(rows, name), text) for (name, _desc), text in zip(order, asked.place, strict=True)
        ]
    except (ValidationError, ValueError, TypeError, OverflowError):
        return None
    if asked.is_before:
        order = [(name, not desc) for name, desc in order]
    found = list(
        _beyond(rows, order, values).order_by(*(f"-{name}" if desc else name for name, desc in order))[
            : size + 1
        ]
    )
    has_more, shown = len(found) > size, found[:size]
    if asked.is_before:
        if not has_more:
            return None
        return PageBeside(shown[::-1], max(2, asked.number), paginator, before=True, after=True)
    if not shown:
        return None
    return PageBeside(shown, max(2, asked.number), paginator, before=True, after=has_more)


def _value(field: Field[Any, Any], text: str | None) -> Any:
    """What the link was made of; ValueError, among others, if no row holds such a value."""
    if text is not None and _NEVER_STORED.search(text):
        raise ValueError(text)
    value = field.to_python(text)
    if isinstance(value, datetime) and is_naive(value):
        raise ValueError(text)
    return value


def order_of(rows: Any) -> list[tuple[str, bool]] | None:
    """(field, whether descending) by which rows are in order, the key last; None when it is not by fields alone."""
    if not isinstance(rows, QuerySet):
        return None
    query = rows.query
    if query.is_sliced or query.distinct_fields or query.combinator:
        return None
    names = list(rows.query.order_by or rows.model._meta.ordering)
    if not all(isinstance(name, str) and name != "?" for name in names):
        return None
    order = [(name.removeprefix("-"), name.startswith("-")) for name in names]
    keys = {"pk", rows.model._meta.pk.name}
    if not keys & {name for name, _desc in order}:
        order.append(("pk", bool(order and order[-1][1])))
    try:
        for name, _desc in order:
            _field(rows, name)
    except (FieldDoesNotExist, FieldError):
        return None
    return order


def _field(rows: QuerySet[Any], name: str) -> Field[Any, Any]:
    """That of a path of fields, or of an annotation."""
    if annotation := rows.query.annotations.get(name):
        return annotation.output_field
    *path, last = name.split("__")
    model = rows.model
    for step in path:
        model = model._meta.get_field(step).related_model
    field = model._meta.pk if last == "pk" else model._meta.get_field(last)
    found: Field[Any, Any] = getattr(field, "target_field", field)
    return found


def _beyond(rows: QuerySet[Any], order: list[tuple[str, bool]], values: list[Any]) -> QuerySet[Any]:
    """Those after a place of the order. Of one direction without NULL, a comparison of rows, which an index answers."""
    can_be_null = any(
        value is None or _may_be_null(rows, name) for (name, _desc), value in zip(order, values, strict=True)
    )
    if len({desc for _name, desc in order}) == 1 and not can_be_null:
        sign = "<" if order[0][1] else ">"
        return rows.filter(_compared([name for name, _desc in order], values, sign))
    beyond, tied = Q(pk__in=[]), Q()
    for (name, desc), value in zip(order, values, strict=True):
        beyond |= tied & _after(name, desc=desc, value=value)
        tied &= Q(**{f"{name}__isnull": True}) if value is None else Q(**{name: value})
    return rows.filter(beyond)


def _may_be_null(rows: QuerySet[Any], name: str) -> bool:
    return name in rows.query.annotations or "__" in name or _field(rows, name).null


def _after(name: str, *, desc: bool, value: Any) -> Q:
    """PostgreSQL has NULLs last, and first in descending order."""
    if value is None:
        return Q(**{f"{name}__isnull": False}) if desc else Q(pk__in=[])
    return (
        Q(**{f"{name}__lt": value}) if desc else Q(**{f"{name}__gt": value}) | Q(**{f"{name}__isnull": True})
    )


def _compared(names: list[str], values: list[Any], sign: str) -> Func:
    """(a, b) < (x, y), as PostgreSQL compares rows."""
    rows = [
        Func(*each, function="ROW", output_field=BooleanField())
        for each in (map(F, names), map(Value, values))
    ]
    return Func(*rows, template="%(expressions)s", arg_joiner=f" {sign} ", output_field=BooleanField())


def _as_text(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
