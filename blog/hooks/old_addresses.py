"""Where a text that has moved is now, and what was at an address of the site before this one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from blog.redirects import missed
from blog.redirects.lookup import new_address, was_brought_in
from blog.redirects.shapes import shape_of


def current_address(path: str, query: Mapping[str, str], now: datetime) -> str | None:
    """The address in use; one of WordPress that is not known is counted, for the team to lead it somewhere."""
    found = new_address(path, query, now)
    if found is None and shape_of(path, query).is_wordpress and was_brought_in():
        missed.note(path, query)
    return found


def write_missed() -> None:
    """Now and then, once an address was not found."""
    missed.write_if_due()
