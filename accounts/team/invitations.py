"""Inviting a colleague by mail: a link for one address, with its roles, which serves once within a week.

Only the latest link mailed for an invitation is good, and only while whoever sent it has the direction.
Locks: the accounts (`accounts.team.roles`), then the invitation's row.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts import journal, mailing
from accounts.models import Role, TeamInvitation, User
from accounts.rules import has_address, may_change_roles
from accounts.suspending import check_not_suspended
from accounts.team.roles import RoleRefused, lock_people, record_changes, role_columns, set_roles
from pole.access import SignedToken
from pole.refusals import Refusal

LIFETIME = TeamInvitation.LIFETIME
# How long an invitation that was not accepted stays on the list after it expired.
EXPIRED_KEPT = timedelta(days=30)
MAX_PENDING = 50
_TOKEN = SignedToken("accounts.invitation", (int, float), LIFETIME)


class TeamInvitationRefused(Refusal):
    messages = {
        "team_invitation_over": "",
        "team_invitation_address": _(
            "This invitation is for another address: sign in with the account of %(email)s to accept it."
        ),
        "already_member": _("%(name)s is already on the team: change their roles on their own page."),
        "too_many_invitations": _("Many invitations wait already. Withdraw some first."),
        "inviter_refused": _("Only someone who has the direction may do this."),
    }


@transaction.atomic
def invite(*, email: str, roles: Collection[str], by: User, now: datetime) -> TeamInvitation:
    """Mails an invitation; the same address again gets a fresh one. Raises `TeamInvitationRefused`, `RoleRefused`."""
    _check_may_invite(by)
    known = User.objects.filter(Q(email=email) | Q(emailaddress__email=email, emailaddress__verified=True))
    member = known.filter(is_staff=True).first()
    if member is not None:
        raise TeamInvitationRefused("already_member", name=member.name)
    if known.filter(is_active=False).exists():
        # Nobody could sign in to accept.
        raise RoleRefused("role_of_closed")
    if TeamInvitation.objects.exclude(email=email).count() >= MAX_PENDING:
        raise TeamInvitationRefused("too_many_invitations")
    invitation, _new = TeamInvitation.objects.update_or_create(
        email=email,
        defaults={"roles": [role for role in Role if role in roles], "invited_by": by, "sent_at": now},
    )
    _note_and_mail(invitation, action="invite", by=by)
    return invitation


@transaction.atomic
def resend(*, invitation_id: int, by: User, now: datetime) -> TeamInvitation | None:
    """Mails it again, with a new link, in the name of `by`; None when it is gone. Raises `TeamInvitationRefused`."""
    _check_may_invite(by)
    invitation = TeamInvitation.objects.select_for_update().filter(pk=invitation_id).first()
    if invitation is not None:
        invitation.invited_by, invitation.sent_at = by, now
        invitation.save(update_fields=["invited_by", "sent_at"])
        _note_and_mail(invitation, action="resend", by=by)
    return invitation


@transaction.atomic
def revoke(*, invitation_id: int, by: User) -> bool:
    """Withdraws it: its link opens nothing any more; False when it is gone. Raises `TeamInvitationRefused`."""
    _check_may_invite(by)
    count, _rows = TeamInvitation.objects.filter(pk=invitation_id).delete()
    if count:
        journal.record(action="revoke", kind="invitation", key=invitation_id, by=by)
    return bool(count)


def waiting() -> QuerySet[TeamInvitation]:
    """The invitations that nobody has accepted, expired ones too, with who sent each."""
    return TeamInvitation.objects.select_related("invited_by").order_by("email")


def find(token: str, now: datetime) -> TeamInvitation | None:
    """The invitation that a mailed link names; None when it is expired, used, withdrawn, void, replaced or forged."""
    held = _TOKEN.read(token)
    found = TeamInvitation.objects.select_related("invited_by").filter(pk__in=held[:1]).first()
    if found is None or found.sent_at.timestamp() != held[1] or not found.is_good(now):
        return None
    return found


def make_token(invitation: TeamInvitation) -> str:
    return _TOKEN.make(invitation.pk, invitation.sent_at.timestamp())


@transaction.atomic
def accept(*, token: str, by: User, now: datetime) -> User:
    """Gives `by` the roles of the invitation, beside their own. Raises `TeamInvitationRefused`, `WritingSuspended`."""
    invitation = find(token, now)
    if invitation is None:
        raise TeamInvitationRefused
    people = lock_people([by.pk])
    # Read again: it may have been used, withdrawn or sent anew before the locks were held.
    row = TeamInvitation.objects.select_for_update(of=("self",)).filter(pk=invitation.pk).first()
    inviter, person = people.get(invitation.invited_by_id), people[by.pk]
    if row is None or row.sent_at != invitation.sent_at or inviter is None or not may_change_roles(inviter):
        raise TeamInvitationRefused
    if not has_address(person, row.email):
        raise TeamInvitationRefused("team_invitation_address", email=row.email)
    check_not_suspended(person, now)
    before = role_columns(person)
    set_roles(person, {*person.roles, *row.roles})
    record_changes(person, before=before, by=inviter)
    row.delete()
    return person


def delete_expired(now: datetime) -> int:
    """Deletes the invitations that expired a month ago, and returns how many."""
    count, _rows = TeamInvitation.objects.filter(sent_at__lte=now - LIFETIME - EXPIRED_KEPT).delete()
    return count


def _check_may_invite(by: User) -> None:
    if not may_change_roles(User.objects.get(pk=by.pk)):
        raise TeamInvitationRefused("inviter_refused")


def _note_and_mail(invitation: TeamInvitation, *, action: str, by: User) -> None:
    journal.record(action=action, kind="invitation", key=invitation.pk, by=by)
    with translation.override(mailing.language_of(invitation.email)):
        path = reverse("team_invitation", args=[make_token(invitation)])
    context = {"invitation": invitation, "person": by, "link": f"{settings.BASE_URL}{path}"}
    mailing.send(prefix="accounts/email/team_invitation", to=invitation.email, context=context)
