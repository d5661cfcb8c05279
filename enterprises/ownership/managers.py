"""The managers of a listing: inviting, leaving, removing.

Locks: the listing's row (FOR UPDATE), then its roles and invitations.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from accounts import mailing
from accounts.models import User
from accounts.suspending import check_not_suspended
from enterprises.models import Invitation, Listing, ListingRole
from pole.access import SignedToken
from pole.refusals import Refusal

INVITATION_LIFETIME = timedelta(days=14)
MAX_MANAGERS = 12
_TOKEN = SignedToken("enterprises.invitation", (int, float), INVITATION_LIFETIME)


class LastOwner(Refusal):
    messages = {
        "last_owner": _(
            "Someone has to own the listing: first make another person its owner, or write to the team."
        )
    }


class TooManyManagers(Refusal):
    messages = {"too_many_managers": _("This listing has as many managers as it may. Remove someone first.")}


class InvitationRefused(Refusal):
    messages = {
        "invitation_expired": "",
        "invitation_address": _(
            "This invitation is for another address. Add it to your account, or sign in with it."
        ),
        "invitation_too_many": _("Enough invitations were sent today. Send this one again tomorrow."),
    }


@transaction.atomic
def invite(*, listing_id: int, email: str, role: str, by: User, now: datetime) -> Invitation:
    """Mails an invitation; the same address again gets a fresh one. Raises `TooManyManagers`, `WritingSuspended`."""
    check_not_suspended(by, now)
    listing = Listing.objects.lock(listing_id)
    if listing.roles.count() + listing.invitations.exclude(email=email).count() >= MAX_MANAGERS:
        raise TooManyManagers
    values = {"role": role, "invited_by": by, "sent_at": now}
    invitation, _new = listing.invitations.update_or_create(email=email, defaults=values)
    with translation.override(mailing.language_of(email)):
        path = reverse("enterprises:invitation", args=[make_token(invitation)])
    context = {"listing": listing, "person": by, "link": f"{settings.BASE_URL}{path}"}
    mailing.send(prefix="enterprises/mail/invitation", to=email, context=context)
    return invitation


def make_token(invitation: Invitation) -> str:
    return _TOKEN.make(invitation.pk, invitation.sent_at.timestamp())


def get_invitation_of_token(token: str) -> Invitation | None:
    """The invitation that a mailed link names; None when it is expired, used, withdrawn or forged."""
    held = _TOKEN.read(token)
    found = Invitation.objects.select_related("listing", "invited_by").filter(pk__in=held[:1]).first()
    return found if found and found.sent_at.timestamp() == held[1] else None


@transaction.atomic
def accept_invitation(*, token: str, by: User) -> Listing:
    """Makes the invited person a manager. Raises `InvitationRefused`, `WritingSuspended`."""
    check_not_suspended(by, timezone.now())
    invitation = get_invitation_of_token(token)
    if invitation is None:
        raise InvitationRefused("invitation_expired")
    listing = Listing.objects.lock(invitation.listing_id)
    if not Invitation.objects.filter(pk=invitation.pk).exists() or listing.state == Listing.State.ARCHIVED:
        raise InvitationRefused("invitation_expired")
    if not by.emailaddress_set.filter(email__iexact=invitation.email, verified=True).exists():  # type: ignore[attr-defined]  # allauth's
        raise InvitationRefused("invitation_address")
    role, is_new = ListingRole.objects.get_or_create(
        listing=listing, user=by, defaults={"role": invitation.role}
    )
    if not is_new and invitation.role == ListingRole.Role.OWNER:
        ListingRole.objects.filter(pk=role.pk).update(role=ListingRole.Role.OWNER)
    invitation.delete()
    return listing


@transaction.atomic
def cancel_invitation(*, listing_id: int, invitation_id: int) -> None:
    Listing.objects.lock(listing_id).invitations.filter(pk=invitation_id).delete()


@transaction.atomic
def remove_manager(*, listing_id: int, role_id: int, by: User) -> ListingRole | None:
    """An owner removes someone, or anyone leaves; who is removed receives a mail.

    None when the person no longer is a manager. Raises `LastOwner`, and `WritingSuspended` unless they leave.
    """
    listing = Listing.objects.lock(listing_id)
    role = listing.roles.select_related("user").filter(pk=role_id).first()
    if role is None:
        return None
    if role.user_id != by.pk:
        check_not_suspended(by, timezone.now())
    if role.role == ListingRole.Role.OWNER and listing.roles.filter(role=ListingRole.Role.OWNER).count() == 1:
        raise LastOwner
    role.delete()
    if role.user_id != by.pk:
        context = {"user": role.user, "has_account": True, "listing": listing, "person": by}
        mailing.send(prefix="enterprises/mail/removed", to=role.user.email, context=context)
    return role


@transaction.atomic
def change_role(*, listing_id: int, role_id: int, role: str) -> None:
    """Makes a manager an owner, or a co-editor. Raises `LastOwner`."""
    listing = Listing.objects.lock(listing_id)
    owners = listing.roles.filter(role=ListingRole.Role.OWNER)
    if role != ListingRole.Role.OWNER and not owners.exclude(pk=role_id).exists():
        raise LastOwner
    if role in ListingRole.Role.values:
        listing.roles.filter(pk=role_id).update(role=role)
