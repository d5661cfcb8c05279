"""The daily mail to each member of the team: what waits in the rooms of their roles, as the staff home says it.

Locks: the row of the member's choices.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from itertools import groupby

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.module_loading import import_string

from accounts.mailing.sending import send
from accounts.models import TeamMails, User
from pole.access import SignedToken
from pole.hooks.staff_home import StaffCard

log = logging.getLogger(__name__)

SATURDAY = 5
_TOKEN = SignedToken("accounts.team_mails", (int,), timedelta(days=365))


def is_due(choices: TeamMails, now: datetime) -> bool:
    """Once a day of the hub's calendar, from the hour chosen on: also when the worker was down at that hour, and on the
    day that has it twice or not at all."""
    local = timezone.localtime(now)
    if not choices.is_daily or (choices.on_weekdays_only and local.weekday() >= SATURDAY):
        return False
    return local.hour >= choices.hour and (
        choices.last_daily_on is None or choices.last_daily_on < local.date()
    )


def send_due(*, now: datetime) -> int:
    """One mail to each member for whom it is time and something waits; how many went. One that fails delays no other."""
    sent = 0
    members = User.objects.filter(is_active=True, is_staff=True).select_related("team_mails").order_by("pk")
    for user in members:
        if user.is_suspended(now) or not is_due(choices_of(user), now):
            continue
        try:
            sent += _send_to(user, now)
        except Exception:
            log.exception("the daily mail of account %s", user.pk)
    return sent


def choices_of(user: User) -> TeamMails:
    """The stored choices, or unsaved ones by default."""
    stored = getattr(user, "team_mails", None)
    return stored if isinstance(stored, TeamMails) else TeamMails(user=user)


@transaction.atomic
def _send_to(user: User, now: datetime) -> bool:
    TeamMails.objects.get_or_create(user=user)
    choices = TeamMails.objects.select_for_update().get(user=user)
    # Another worker may have sent it meanwhile, or its reader stopped it.
    if not is_due(choices, now):
        return False
    choices.last_daily_on = timezone.localdate(now)
    choices.save(update_fields=["last_daily_on"])
    with translation.override(user.language):
        cards = waiting_cards(user)
        path = reverse("account_team_mails_stop", args=[make_stop_token(user)])
    if not cards:
        return False
    lines = [line for card in cards for line in card.lines]
    context = {
        "user": user,
        "has_account": True,
        "groups": [
            (card.title, list(same), url)
            for card in cards
            for url, same in groupby(card.lines, key=lambda line: line.url)
        ],
        "total": sum(1 if line.count is None else line.count for line in lines),
        "choices_url": f"{settings.BASE_URL}{reverse('account_team_mails')}",
    }
    send(
        prefix="accounts/email/team_digest",
        to=user.email,
        context=context,
        unsubscribe_url=f"{settings.BASE_URL}{path}",
        is_to_team=True,
    )
    return True


def waiting_cards(user: User) -> list[StaffCard]:
    """The cards of the staff home that this member sees, with the lines that wait for someone alone."""
    cards: list[StaffCard] = [
        import_string(path)() for role, path in settings.STAFF_HOME_CARDS if user.has_role(role)
    ]
    return [waiting for card in cards if (waiting := card.waiting()).lines]


def make_stop_token(user: User) -> str:
    """Ends the daily mail of this person, and does nothing else."""
    return _TOKEN.make(user.pk)


def get_user_of_token(token: str) -> User | None:
    """The person whose daily mail a token ends; None when it is forged or a year old."""
    user: User | None = User.objects.filter(pk__in=_TOKEN.read(token)).first()
    return user
