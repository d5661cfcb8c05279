"""« C’est mon entreprise » : asking to manage a listing, and proving it.

A code mailed to the listing's own address, or to an address at its site's own domain, proves it at
once when nobody owns the listing; otherwise staff decide.

Locks: the listing's row (FOR UPDATE), then its claims and roles.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts import journal, mailing
from accounts.models import User
from accounts.suspending import check_not_suspended
from enterprises.listing.refusals import AlreadyDecided
from enterprises.models import Claim, Listing, ListingRole
from enterprises.ownership.email_domains import is_at_own_domain, own_domain
from pole.hooks.moderation import ChangedMeanwhile
from pole.refusals import Refusal

CODE_LIFETIME = timedelta(minutes=10)
MAX_TRIES = 5
# Codes mailed for one claim, and for one listing in a day: nobody can flood an address.
MAX_CODES = 3
MAX_CODES_A_DAY = 10
OPEN_STATES = (Claim.State.CODE_SENT, Claim.State.WAITING)


class ClaimRefused(Refusal):
    messages = {
        "already_manager": _("You already keep this listing."),
        "claim_address": _("An address at this domain proves nothing: ask the team."),
        "too_many_codes": _(
            "Too many codes were mailed for this listing. Try again tomorrow, or ask the team."
        ),
        "no_code": _("This code is no longer good. Ask for another one."),
    }


class WrongCode(Refusal):
    messages = {
        "wrong_code": ngettext_lazy(
            "This is not the code. One try is left.",
            "This is not the code. %(count)d tries are left.",
            "count",
        )
    }


def _lock_listing(listing_id: int) -> Listing:
    listing = Listing.objects.lock(listing_id)
    if listing.state == Listing.State.ARCHIVED:
        raise Listing.DoesNotExist
    return listing


def _get_or_build_claim(listing: Listing, person: User) -> Claim:
    if listing.roles.filter(user=person).exists():
        raise ClaimRefused("already_manager")
    known = listing.claims.select_for_update().filter(user=person, state__in=OPEN_STATES).first()
    return known or Claim(listing=listing, user=person, state=Claim.State.CODE_SENT)


@transaction.atomic
def send_code(*, listing_id: int, by: User, address: str, now: datetime) -> Claim:
    """Mails a code to an address that proves something. Raises `ClaimRefused`, `WritingSuspended`."""
    check_not_suspended(by, now)
    listing = _lock_listing(listing_id)
    claim = _get_or_build_claim(listing, by)
    is_listed = bool(listing.email) and address.lower() == listing.email.lower()
    if not is_listed and not is_at_own_domain(address, listing.website):
        raise ClaimRefused("claim_address")
    today = sum(
        listing.claims.filter(created_at__gt=now - timedelta(days=1)).values_list("codes_sent", flat=True)
    )
    if claim.codes_sent >= MAX_CODES or today >= MAX_CODES_A_DAY:
        raise ClaimRefused("too_many_codes")
    code = f"{secrets.randbelow(10**8):08}"
    claim.state, claim.address, claim.is_proven = Claim.State.CODE_SENT, address, False
    claim.code_expires_at, claim.tries_left = now + CODE_LIFETIME, MAX_TRIES
    claim.codes_sent += 1
    claim.save()
    claim.code_hash = _hash_code(claim, code)
    claim.save(update_fields=["code_hash"])
    context = {"listing": listing, "person": by, "code": f"{code[:4]}-{code[4:]}"}
    mailing.send(prefix="enterprises/mail/claim_code", to=address, context=context)
    return claim


def _hash_code(claim: Claim, code: str) -> str:
    return salted_hmac("enterprises.claiming", f"{claim.pk}:{code}", algorithm="sha256").hexdigest()


@transaction.atomic
def confirm_or_count_try(*, listing_id: int, by: User, typed: str, now: datetime) -> Claim:
    """The claim, accepted, or waiting for staff when someone owns the listing already.

    Raises `ClaimRefused` without a live code, `WritingSuspended`. A wrong code costs a try: see `confirm_code`.
    """
    check_not_suspended(by, now)
    listing = _lock_listing(listing_id)
    claim = listing.claims.select_for_update().filter(user=by, state=Claim.State.CODE_SENT).first()
    if claim is None or not claim.tries_left or not claim.code_expires_at or claim.code_expires_at <= now:
        raise ClaimRefused("no_code")
    digits = "".join(char for char in typed if char.isdecimal())
    if not constant_time_compare(_hash_code(claim, digits), claim.code_hash):
        claim.tries_left -= 1
        claim.save(update_fields=["tries_left"])
        return claim
    claim.is_proven, claim.tries_left, claim.code_hash = True, 0, ""
    if listing.roles.filter(role=ListingRole.Role.OWNER).exists():
        claim.state = Claim.State.WAITING
        _notify_owners(listing, by)
    else:
        claim.state, claim.decided_at = Claim.State.ACCEPTED, now
        _make_owner(listing, by)
    claim.save()
    return claim


def confirm_code(*, listing_id: int, by: User, typed: str, now: datetime) -> Claim:
    """`confirm_or_count_try`, raising `WrongCode` once the lost try is committed."""
    claim = confirm_or_count_try(listing_id=listing_id, by=by, typed=typed, now=now)
    if not claim.is_proven:
        raise WrongCode(count=claim.tries_left)
    return claim


@transaction.atomic
def request_staff_decision(*, listing_id: int, by: User, message: str, now: datetime) -> Claim:
    """Puts the claim in the team's queue. Raises `ClaimRefused`, `WritingSuspended`."""
    check_not_suspended(by, now)
    listing = _lock_listing(listing_id)
    claim = _get_or_build_claim(listing, by)
    claim.state, claim.message, claim.code_hash, claim.tries_left = Claim.State.WAITING, message, "", 0
    claim.save()
    return claim


@transaction.atomic
def abandon(*, listing_id: int, by: User) -> None:
    Claim.objects.filter(listing=listing_id, user=by, state__in=OPEN_STATES).update(
        state=Claim.State.DROPPED, code_hash=""
    )


@transaction.atomic
def decide(
    *, claim_id: int, accepted: bool, role: str, seen: str, reason: str, by: User, now: datetime
) -> Claim:
    """Staff accept or refuse a waiting claim, and the person receives a mail. `seen` is its `shown_version`.

    Raises `AlreadyDecided`, and `ChangedMeanwhile`.
    """
    listing = _lock_listing(Claim.objects.values_list("listing_id", flat=True).get(pk=claim_id))
    claim = Claim.objects.select_for_update(of=("self",)).select_related("user").get(pk=claim_id)
    claim.listing = listing
    if claim.state in {Claim.State.ACCEPTED, Claim.State.REFUSED}:
        raise AlreadyDecided
    if claim.state != Claim.State.WAITING or seen != claim.shown_version:
        raise ChangedMeanwhile
    claim.state = Claim.State.ACCEPTED if accepted else Claim.State.REFUSED
    claim.decided_at, claim.decided_by, claim.decision_reason = now, by, reason
    claim.save()
    if accepted:
        _make_owner(
            listing, claim.user, role=role if role in ListingRole.Role.values else ListingRole.Role.OWNER
        )
    journal.record(
        action=f"claim_{claim.state}",
        kind="listing",
        key=listing.pk,
        by=by,
        person_id=claim.user_id,
        reason=reason,
        at=now,
    )
    context = {"user": claim.user, "has_account": True, "listing": listing, "claim": claim}
    mailing.send(prefix="enterprises/mail/claim_decided", to=claim.user.email, context=context)
    return claim


def _make_owner(listing: Listing, person: User, role: str = ListingRole.Role.OWNER) -> None:
    ListingRole.objects.update_or_create(listing=listing, user=person, defaults={"role": role})


def _notify_owners(listing: Listing, claimant: User) -> None:
    for role in listing.roles.filter(role=ListingRole.Role.OWNER).select_related("user"):
        context = {"user": role.user, "has_account": True, "listing": listing, "person": claimant}
        mailing.send(prefix="enterprises/mail/claim_of_kept", to=role.user.email, context=context)


# --- What the page offers -------------------------------------------------------------------------


def mask_email(email: str) -> str:
    """ "i•••@ruche.example": those who know the address recognise it, others do not learn it."""
    local, _at, domain = email.partition("@")
    return f"{local[:1]}•••@{domain}" if domain else ""


def domain_to_prove(listing: Listing) -> str:
    """The domain at which any e-mail address proves control of the site, or ""."""
    return own_domain(listing.website)
