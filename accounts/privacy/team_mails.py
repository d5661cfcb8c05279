"""What a member of the team wants to be told by mail; what they stop, no restore sends again.

Locks: the member's account row.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.mailing import team_digest
from accounts.models import TeamMails, User
from accounts.privacy import kept

# Each choice that is a mail or none, with what is kept of its end, and of its return.
KINDS = {
    "is_daily": (kept.TEAM_MAILS, kept.TEAM_MAILS_AGAIN),
    "takes_alerts": (kept.TEAM_ALERTS, kept.TEAM_ALERTS_AGAIN),
}


@transaction.atomic
def choose(*, user: User, now: datetime, **choices: object) -> None:
    """`choices` are fields of `TeamMails`; the others stay as they are."""
    locked: User = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    before = team_digest.choices_of(locked)
    for field, (stopped, wanted_again) in KINDS.items():
        wanted = choices.get(field, getattr(before, field))
        if wanted != getattr(before, field):
            kept.keep(wanted_again if wanted else stopped, user.pk, user.created_at, at=now)
    TeamMails.objects.update_or_create(user=user, defaults=choices)


def stop_daily(*, user: User, now: datetime) -> None:
    """What the link in the daily mail does."""
    choose(user=user, now=now, is_daily=False)
