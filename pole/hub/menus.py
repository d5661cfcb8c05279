"""Which entries of the menus lead to a text."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from pole.models import MenuItem


def entries_leading_to(paths: Collection[str]) -> list[MenuItem]:
    """The entries of the menus whose address, without its query or its fragment, is one of `paths`."""
    return [item for item in MenuItem.objects.all() if _path(item.address) in paths] if paths else []


def _path(address: str) -> str:
    parts = urlsplit(address)
    return "" if parts.netloc else f"{parts.path.rstrip('/')}/"
