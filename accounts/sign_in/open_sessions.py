"""The sessions of a person: which are open, and closing them from elsewhere.

No confirmation of who they are is asked: an owner who has lost a telephone must close its session at once, and
whoever holds a session of theirs gains nothing by closing the others, which are opened again by signing in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.sign_in import devices
from accounts.sign_in.sessions import Session, is_live

# On the page; « all the others » closes those that don't fit too.
MOST_SHOWN = 50
# For a page, which counts the rest.
MOST_READ = 500


@dataclass(frozen=True, slots=True)
class OpenSession:
    handle: str
    browser: str
    system: str
    begun_at: datetime | None
    last_used_on: date | None
    expires_at: datetime
    ways: list[str]
    is_current: bool

    @property
    def device(self) -> str:
        return devices.in_words(self.browser, self.system)

    @property
    def way(self) -> str:
        return devices.ways_in_words(self.ways)


@dataclass(frozen=True, slots=True)
class Listed:
    """What a page shows; `unseen` are open too, and older."""

    own: list[OpenSession]
    others: list[OpenSession]
    unseen: int

    @property
    def total(self) -> int:
        return len(self.own) + len(self.others) + self.unseen


def rows_of(user: AbstractBaseUser) -> QuerySet[Session]:
    return Session.objects.filter(user=user.pk, expire_date__gt=timezone.now())


def open_sessions(
    user: AbstractBaseUser, *, current: str | None = None, most: int | None = None
) -> list[OpenSession]:
    """Those that open the account, the current one first, then the last used; of the rows but that one, `most` are read."""
    auth_hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    read = [(row, row.get_decoded()) for row in _last_used_first(user, current, most)]
    return [
        _described(row, data, is_current=row.pk == current)
        for row, data in read
        if is_live(row, data, auth_hashes)
    ]


def _last_used_first(user: AbstractBaseUser, current: str | None, most: int | None) -> list[Session]:
    """By the index, to which a day that is not known comes first: these, begun before it was noted, are asked last."""
    own = list(rows_of(user).filter(pk=current)) if current else []
    others = rows_of(user).exclude(pk=current or "")
    used = list(others.exclude(last_used_on=None).order_by("-last_used_on", "-expire_date", "pk")[:most])
    left = None if most is None else most - len(used)
    return [*own, *used, *others.filter(last_used_on=None).order_by("-expire_date", "pk")[:left]]


def listed(user: AbstractBaseUser, *, current: str | None = None) -> Listed:
    """Of the first `MOST_READ`, those that no longer open the account are neither shown nor counted."""
    found = open_sessions(user, current=current, most=MOST_READ)
    own = [session for session in found if session.is_current]
    others = [session for session in found if not session.is_current]
    not_read = max(rows_of(user).exclude(pk=current or "").count() - MOST_READ, 0)
    return Listed(own, others[:MOST_SHOWN], max(len(others) - MOST_SHOWN, 0) + not_read)


def _described(row: Session, data: dict[str, Any], *, is_current: bool) -> OpenSession:
    device = data.get(devices.KEY) or {}
    return OpenSession(
        handle=row.handle,
        browser=device.get("browser", ""),
        system=device.get("system", ""),
        begun_at=parse_datetime(device.get("begun_at", "")),
        last_used_on=row.last_used_on,
        expires_at=row.expire_date,
        ways=devices.ways_of(data),
        is_current=is_current,
    )


def close(user: AbstractBaseUser, handle: str) -> bool:
    """Closes this session of theirs; False when they have none of this name, any more or at all."""
    keys = [row.pk for row in rows_of(user).only("session_key") if row.handle == handle]
    return bool(Session.objects.filter(user=user.pk, pk__in=keys).delete()[0])


def close_others(user: AbstractBaseUser, *, current: str | None) -> int:
    """How many were closed: every one but `current`, those that a page has no room for too."""
    return rows_of(user).exclude(pk=current or "").delete()[0]


def forget_expired(now: datetime) -> int:
    """How many had expired: they opened nothing any more."""
    return Session.objects.filter(expire_date__lt=now).delete()[0]
