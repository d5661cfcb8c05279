"""One page of a list, whatever the address asks for."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page
from django.http import Http404

from pole.server import long_lists
from pole.server.long_lists import LongPaginator

# Beyond a million pages nobody wrote the number by following links.
MAX_DIGITS = 6


def asked_number(asked: str | None) -> int:
    """The number that the address has, or 1 when it is none: `-1`, `abc`, `2abc`, nothing at all."""
    typed = asked or ""
    return max(1, int(typed)) if typed.isdecimal() and len(typed) <= MAX_DIGITS else 1


def page_at(rows: Any, size: int, number: int, *, count: int | None = None) -> Page[Any]:
    """The page of this number, or the last one that exists. `count`: how many rows there are, when that is known."""
    return _paginator(rows, size, count).get_page(number)


def page_of(rows: Any, size: int, asked: str | None, *, count: int | None = None) -> Page[Any]:
    """The page that the address asks for: the first when it names none, the last when it is past the end.

    For whoever works through a list (the team, someone’s account): their own act may have made it shorter. Of more than
    `long_lists.MAX_COUNTED` rows, the last is that of the last row counted; those after it are found from one another.
    """
    paginator = _paginator(rows, size, long_lists.bounded_count(rows) if count is None else count)
    beside = long_lists.read_asked(asked or "")
    found = long_lists.page_beside(paginator, beside) if beside else None
    if found is None and beside and not beside.is_before:
        return paginator.get_page(beside.number)
    return found or paginator.get_page(asked_number(asked))


def page_or_404(rows: Any, size: int, asked: str | None, *, count: int | None = None) -> Page[Any]:
    """As `page_of`, of what visitors and search engines read: past the end there is no page."""
    number = asked_number(asked)
    return if_it_exists(page_at(rows, size, number, count=count), number)


def if_it_exists(page: Page[Any], number: int) -> Page[Any]:
    """The page, if it is the one of this number; Http404 if it is the last one instead."""
    if page.number != number:
        raise Http404
    return page


def _paginator(rows: Any, size: int, count: int | None) -> LongPaginator:
    paginator = LongPaginator(rows, size)
    if count is not None:
        paginator.count = count
    return paginator
