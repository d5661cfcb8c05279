"""Counting tries: unknown voting codes, and checks of receipts, by address and by minute.

A whole room votes behind one address, so only codes that nobody has are counted, and one that
someone has is never refused. A code has 50 random bits: the limit spares the server and raises an
alarm, guessing is hopeless without it.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from allauth.account.adapter import get_adapter
from django.db import connection
from django.http import HttpRequest

from forums.models import Attempts
from pole.client_ip import hash_ip_address

log = logging.getLogger(__name__)

UNKNOWN_CODES_A_MINUTE = 300
# Loose: five hundred people check theirs as soon as the box is sealed.
RECEIPTS_A_MINUTE = 600
RETRY_AFTER_SECONDS = 60
KEPT = timedelta(days=2)
SHOWN_TO_STAFF = timedelta(days=1)
_LIMITS = {Attempts.What.CODE: UNKNOWN_CODES_A_MINUTE, Attempts.What.RECEIPT: RECEIPTS_A_MINUTE}


def is_over_limit(request: HttpRequest, what: Attempts.What, now: datetime) -> bool:
    """Counts one try, in one statement, and says whether it is one too many for its minute."""
    address = hash_ip_address(get_adapter().get_client_ip(request), salt="forums.attempts")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO forums_attempts (what, address_hash, minute, count) VALUES (%s, %s, %s, 1)"
            " ON CONFLICT (what, address_hash, minute) DO UPDATE SET count = forums_attempts.count + 1"
            " RETURNING count",
            [what, address, now.replace(second=0, microsecond=0)],
        )
        count: int = cursor.fetchone()[0]
    if count == _LIMITS[what] + 1:
        log.warning("more than %s tries of %s in a minute from one address", _LIMITS[what], what.name.lower())
    return count > _LIMITS[what]


def alarms(now: datetime) -> int:
    """Minutes of the last day in which one address tried too many codes that nobody has. One query."""
    rows = Attempts.objects.filter(what=Attempts.What.CODE, minute__gt=now - SHOWN_TO_STAFF)
    return rows.filter(count__gt=UNKNOWN_CODES_A_MINUTE).count()


def forget_old(now: datetime) -> None:
    Attempts.objects.filter(minute__lt=now - KEPT).delete()
