"""From when to when something is, as one value: an index of which finds what is at an instant, or meets a month."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import DateTimeRangeField
from django.db.models import Func


def span(starts: Any = "starts_at", ends: Any = "ends_at") -> Func:
    """With its first instant, without its last; of two columns, or of two expressions."""
    return Func(starts, ends, function="tstzrange", output_field=DateTimeRangeField())
