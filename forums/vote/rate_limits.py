"""Rate limits of the vote: unknown voting codes, and checks of receipts, by address and by minute.

Everyone at a forum votes behind one address, so only codes that nobody has are counted, and one that
someone has is never refused. A code has 50 random bits: the limit spares the server and raises an
alarm, guessing is hopeless without it.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import connection
from django.urls import reverse

from accounts.mailing.team_alerts import team_alert
from forums.models import RateLimitCounter
from pole.client_ip import hash_ip_address

log = logging.getLogger(__name__)

MAX_UNKNOWN_CODES_A_MINUTE = 300
# Loose: five hundred people check theirs as soon as the box is sealed.
MAX_RECEIPTS_A_MINUTE = 600
RETRY_AFTER_SECONDS = 60
RETENTION = timedelta(days=2)
ALARM_WINDOW = timedelta(days=1)
_LIMITS = {
    RateLimitCounter.Kind.CODE: MAX_UNKNOWN_CODES_A_MINUTE,
    RateLimitCounter.Kind.RECEIPT: MAX_RECEIPTS_A_MINUTE,
}


def count_attempt(*, client_ip: str, kind: RateLimitCounter.Kind, now: datetime) -> bool:
    """Counts one attempt, in one statement, and returns whether it is over the limit of its minute."""
    address_hash = hash_ip_address(client_ip, salt="forums.attempts")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO forums_ratelimitcounter AS counter (kind, address_hash, minute, count)"
            " VALUES (%s, %s, %s, 1)"
            " ON CONFLICT (kind, address_hash, minute) DO UPDATE SET count = counter.count + 1"
            " RETURNING count",
            [kind, address_hash, now.replace(second=0, microsecond=0)],
        )
        count: int = cursor.fetchone()[0]
    if count == _LIMITS[kind] + 1:
        if kind == RateLimitCounter.Kind.CODE:
            team_alert(
                "vote_codes", path=reverse("staff:forum_list"), values={"limit": _LIMITS[kind]}, now=now
            )
        log.warning("more than %s tries of %s in a minute from one address", _LIMITS[kind], kind.name.lower())
    return count > _LIMITS[kind]


def minutes_over_limit(now: datetime) -> int:
    """In how many minutes of the last day one address tried too many codes that nobody has. One query."""
    counters = RateLimitCounter.objects.filter(kind=RateLimitCounter.Kind.CODE, minute__gt=now - ALARM_WINDOW)
    return counters.filter(count__gt=MAX_UNKNOWN_CODES_A_MINUTE).count()


def delete_old_counters(now: datetime) -> int:
    return RateLimitCounter.objects.filter(minute__lt=now - RETENTION).delete()[0]
