"""When a text of the old site was published: exports say it in universal time, else in the site's own, else for feeds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.utils import timezone as django_timezone

# Tried before all the others of the world.
_LIKELY = (
    *("America/Halifax", "America/Moncton", "America/Winnipeg", "America/Vancouver", "America/Blanc-Sablon"),
    *("America/New_York", "Europe/Paris", "Europe/London", "UTC"),
)
# So many pairs tell the zone of a site.
_ENOUGH = 400

type Pair = tuple[datetime, datetime]


def read_moment(text: str) -> datetime | None:
    """Without a zone; None for `0000-00-00 00:00:00`, which WordPress writes for drafts, and for what is no date."""
    try:
        found = datetime.strptime(text.strip().replace("T", " ")[:19], "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - the caller knows the zone
    except ValueError:
        return None
    return found if found.year > 1900 else None


def read_feed_date(text: str) -> datetime | None:
    if re.search(r"-\d{4}", text.partition(":")[0]):
        # "30 Nov -0001", which WordPress writes for drafts.
        return None
    try:
        found = parsedate_to_datetime(text.strip())
    except (ValueError, TypeError, IndexError):
        return None
    if found.year <= 1900:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def universal(found: datetime) -> datetime:
    return found.replace(tzinfo=UTC)


def published_at(gmt: str, local: str, feed: str, zone: tzinfo) -> datetime | None:
    """The first of the three that is a date; None when none is."""
    if found := read_moment(gmt):
        return universal(found)
    if found := read_moment(local):
        return found.replace(tzinfo=zone).astimezone(UTC)
    return read_feed_date(feed)


class ZoneGuess:
    """Of the site: whichever gives most of its local times from their universal ones, the hub's own first."""

    def __init__(self) -> None:
        self._pairs: dict[tuple[timedelta, int, int], Pair] = {}

    def note(self, gmt: str, local: str) -> None:
        here, there = read_moment(local), read_moment(gmt)
        if here and there and len(self._pairs) < _ENOUGH:
            self._pairs.setdefault((here - there, here.year, here.month), (there, here))

    def zone(self) -> tzinfo:
        own = django_timezone.get_default_timezone()
        pairs = list(self._pairs.values())
        if not pairs:
            return own
        best, fits = own, _fitting(own, pairs)
        for name in _names():
            if fits == len(pairs):
                break
            zone = ZoneInfo(name)
            if (found := _fitting(zone, pairs)) > fits:
                best, fits = zone, found
        offset, times = Counter(here - there for there, here in pairs).most_common(1)[0]
        if times > fits and abs(offset) < timedelta(hours=24):
            return timezone(offset)
        return best


@cache
def _names() -> tuple[str, ...]:
    return (*_LIKELY, *sorted(available_timezones() - set(_LIKELY)))


def _fitting(zone: tzinfo, pairs: Iterable[Pair]) -> int:
    return sum(universal(there).astimezone(zone).replace(tzinfo=None) == here for there, here in pairs)
