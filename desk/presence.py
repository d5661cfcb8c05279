"""Who has a text open in the editor: two writers are told about each other."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import User
from desk.models import Draft, Presence

# The editor says every twenty seconds that it is open; one that has not for this long is closed.
SILENCE = timedelta(seconds=50)


def note(*, draft: Draft, user: User, now: datetime) -> None:
    """Says that `user` has this text open. One statement, whatever was there."""
    Presence.objects.bulk_create(
        [Presence(draft=draft, user=user, seen_at=now)],
        update_conflicts=True,
        unique_fields=["draft", "user"],
        update_fields=["seen_at"],
    )


def others(*, draft: Draft, user: User, now: datetime) -> list[str]:
    """The names of those who have this text open too: one query."""
    here = Presence.objects.filter(draft=draft, seen_at__gt=now - SILENCE).exclude(user=user)
    return list(here.order_by("user__name").values_list("user__name", flat=True))


def leave(*, draft: Draft, user: User) -> None:
    Presence.objects.filter(draft=draft, user=user).delete()
