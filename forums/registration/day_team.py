"""The day team: volunteers whom a QR gives access to one forum, until the night after it.

A member may use the check-in pages, the tables' board and the typing of papers, and nothing else
(`forums.views.day.day_access`). The QR holds a token, of which only the SHA-256 is stored.

Locks: the forum row (FOR NO KEY UPDATE), then the member's.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import journal
from accounts.models import User
from forums.models import DayTeamMember, Forum
from pole.refusals import Refusal

DOOR_CLOSES = time(4)


class InvitationRefused(Refusal):
    messages = {
        "day_team_over": _("The night after this activity has passed: its day team is over."),
        "day_team_known": _(
            "Someone of this name is in the team already. Make a new code for that person instead."
        ),
    }


# --- Inviting ------------------------------------------------------------------------------------


def door_closes_at(forum: Forum) -> datetime:
    """When check-in and the access of the day team end: 04:00, local time, on the day after the forum ends."""
    next_day = timezone.localdate(forum.ends_at) + timedelta(days=1)
    return timezone.make_aware(datetime.combine(next_day, DOOR_CLOSES))


@transaction.atomic
def invite(*, forum: Forum, name: str, now: datetime, by: User | None = None) -> tuple[DayTeamMember, str]:
    """A new member and the token of their QR, stored as a hash alone. Raises `InvitationRefused`."""
    row = Forum.objects.select_for_update(no_key=True).get(pk=forum.pk)
    _check_may_join(row, name, now)
    token = secrets.token_urlsafe(24)
    member = DayTeamMember.objects.create(
        forum=row, name=name, token_hash=_hash_token(token), valid_until=door_closes_at(row), created_at=now
    )
    journal.note(action="invited", kind="day_team", key=member.pk, by=by)
    return member, token


@transaction.atomic
def renew_invitation(*, member: DayTeamMember, now: datetime, by: User | None = None) -> str:
    """Another token, for a lost QR; the former one and its cookies stop working. Raises `InvitationRefused`."""
    forum = Forum.objects.select_for_update(no_key=True).get(pk=member.forum_id)
    row = DayTeamMember.objects.select_for_update().get(pk=member.pk)
    _check_may_join(forum, row.name, now, member_id=row.pk)
    token = secrets.token_urlsafe(24)
    row.token_hash, row.valid_until, row.revoked_at = _hash_token(token), door_closes_at(forum), None
    row.save(update_fields=["token_hash", "valid_until", "revoked_at"])
    journal.note(action="renewed", kind="day_team", key=row.pk, by=by)
    return token


def _check_may_join(forum: Forum, name: str, now: datetime, *, member_id: int = 0) -> None:
    if now >= door_closes_at(forum):
        raise InvitationRefused("day_team_over")
    if forum.day_team.filter(name__iexact=name, revoked_at=None).exclude(pk=member_id).exists():
        raise InvitationRefused("day_team_known")


@transaction.atomic
def revoke(*, member: DayTeamMember, now: datetime, by: User | None = None) -> None:
    """Ends the access of a member at once. Idempotent: a second call does not change `revoked_at`."""
    if DayTeamMember.objects.filter(pk=member.pk, revoked_at=None).update(revoked_at=now):
        journal.note(action="revoked", kind="day_team", key=member.pk, by=by)


def update_access_end(forum: Forum) -> None:
    """Aligns the end of every member's access with the present dates of the forum."""
    forum.day_team.exclude(valid_until=door_closes_at(forum)).update(valid_until=door_closes_at(forum))


def _hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


# --- Coming in -----------------------------------------------------------------------------------


def find_by_token(*, slug: str, token: str, now: datetime) -> DayTeamMember | None:
    """The member whose QR holds `token`, if their access is valid."""
    members = DayTeamMember.objects.select_related("forum").filter(forum__slug=slug)
    member = members.filter(token_hash=_hash_token(token)).first()
    return member if member and member.is_valid(now) else None
