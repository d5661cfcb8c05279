"""Who has a text open in the editor: each writer sees the names of the others."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import User
from desk.models import Draft, Presence

# An open editor sends a signal every twenty seconds; one that is silent for longer counts as closed.
TIMEOUT = timedelta(seconds=50)


def record(*, draft: Draft, user: User, now: datetime) -> None:
    """Records that `user` has this text open at `now`, in one statement."""
    Presence.objects.bulk_create(
        [Presence(draft=draft, user=user, seen_at=now)],
        update_conflicts=True,
        unique_fields=["draft", "user"],
        update_fields=["seen_at"],
    )


def other_writers(*, draft: Draft, user: User, now: datetime) -> list[str]:
    """The names of those who have this text open too: one query."""
    here = Presence.objects.filter(draft=draft, seen_at__gt=now - TIMEOUT).exclude(user=user)
    return list(here.order_by("user__name").values_list("user__name", flat=True))


def clear(*, draft: Draft, user: User) -> None:
    Presence.objects.filter(draft=draft, user=user).delete()
