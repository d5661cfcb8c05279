"""Addresses of the directory's pages, made of the one that is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import urlencode

from django.http import QueryDict


def query_without(asked: QueryDict, *names: str) -> str:
    """The parameters of an address but these, encoded, in their order."""
    if not asked:
        return ""
    return urlencode(
        [(name, value) for name, values in asked.lists() if name not in names for value in values]
    )


def address_with(rest: str, name: str, values: Iterable[str]) -> str:
    """`?` and these parameters, `rest` being encoded already."""
    pairs = [_encoded(name, value) for value in values]
    return f"?{'&'.join([rest, *pairs] if rest else pairs)}"


@lru_cache(4_000)
def _encoded(name: str, value: str) -> str:
    return urlencode([(name, value)])


def url_changed(asked: QueryDict, *names: str, **changed: str) -> str:
    """The same page without some parameters, then with others."""
    rest = query_without(asked, *names, *changed)
    return f"?{'&'.join(filter(None, [rest, urlencode(list(changed.items()))]))}"
