"""What the page of an activity asks of the directory."""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings
from django.utils.module_loading import import_string


class Owner(NamedTuple):
    """Who proposed an activity: a name, and the address of a page."""

    name: str
    address: str


def owner_of(listing: int) -> Owner | None:
    """That of the listing of this key; None where visitors can't read it."""
    found: Owner | None = import_string(settings.ACTIVITY_OWNER)(listing)
    return found
