"""How this package, which imports no other, notes a decision of the team in its journal, and reads who took the last one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


def note(**decision: Any) -> None:
    """With the keywords of `accounts.journal.note`, in the transaction of what was decided."""
    import_string(settings.JOURNAL_NOTE)(**decision)


def last_decisions(kind: str, keys: Collection[int]) -> dict[int, tuple[str, datetime]]:
    """(the name of who decided, when) for each key that the journal knows: one query."""
    found: dict[int, tuple[str, datetime]] = import_string(settings.JOURNAL_LAST)(kind, keys)
    return found
