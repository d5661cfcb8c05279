"""An activity in sessions."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from forums.models import Session
from tests.factories import ForumFactory

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LINK = "https://rencontre.exemple.example/salle-7"


def series(starts=(10 * DAY, 17 * DAY, 24 * DAY), **changes):
    """A training whose sessions, of two hours, begin so long from now; registration is open until the first."""
    now = timezone.now().replace(microsecond=0)
    forum = ForumFactory(
        **{
            "kind": "training",
            "has_participation": False,
            "title": "Tenir ses livres",
            "starts_at": now + min(starts),
            "ends_at": now + max(starts) + 2 * HOUR,
            "registration_opens_at": now - 2 * DAY,
        }
        | changes
    )
    for position, start in enumerate(starts, start=1):
        Session.objects.create(
            forum=forum, position=position, starts_at=now + start, ends_at=now + start + 2 * HOUR
        )
    return forum


def sessions_of(forum):
    return list(forum.sessions.order_by("position"))
