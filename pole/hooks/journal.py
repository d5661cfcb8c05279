"""How this package, which imports no other, notes a decision of the team in its journal."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


def note(**decision: Any) -> None:
    """With the keywords of `accounts.journal.note`, in the transaction of what was decided."""
    import_string(settings.JOURNAL_NOTE)(**decision)
