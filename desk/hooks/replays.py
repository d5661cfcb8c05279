"""What of the desk a restore brings back, and that goes again (`accounts.privacy.replaying`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from accounts.privacy.replaying import Known, Replay
from desk.models import Reading


def _readings(known: Known) -> list[int]:
    rows = Reading.objects.order_by("pk").values_list("pk", "email", "created_at")
    return [pk for pk, email, created_at in rows if known.address_at(email, created_at)]


def _delete(keys: Sequence[int], now: datetime) -> None:
    Reading.objects.filter(pk__in=keys).delete()


READINGS = Replay("relectures", _readings, _delete)
