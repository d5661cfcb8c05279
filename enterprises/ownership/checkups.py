"""« Votre fiche est-elle toujours exacte ? » : a mail a year, two reminders, then a telephone call.

A mailed link is signed, expires, serves one question only, and changes nothing by being opened.

Locks: the listing's row (FOR UPDATE), then its question.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, TruncDate
from django.urls import reverse
from django.utils import timezone, translation

from accounts import mailing
from enterprises.listing.history import recorded
from enterprises.models import Checkup, Listing, ListingRole

EVERY = timedelta(days=365)
# Older, the team is told that nobody vouches for a listing.
STALE_AFTER = timedelta(days=365)
BETWEEN_MAILS = timedelta(days=14)
REMINDERS = 2
LINK_LIFETIME = timedelta(days=60)
# Mails of one day: a hub's relay is small, and so is its team when answers come.
MOST_A_DAY = 100
_SALT = "enterprises.verifying"


def ask_for_news(*, now: datetime) -> dict[str, int]:
    """The work of one day: new questions, reminders, and listings to call. Each in its own transaction."""
    day = timezone.localdate(now)
    asked = reminded = to_call = 0
    open_checkups = Checkup.objects.filter(answer="", to_call=False, sent_at__lte=now - BETWEEN_MAILS)
    for key in list(open_checkups.order_by("sent_at").values_list("pk", flat=True)[:MOST_A_DAY]):
        outcome = _remind(key, now)
        reminded, to_call = reminded + (outcome == "reminded"), to_call + (outcome == "to_call")
    stale = (
        Listing.objects.published()
        .alias(known_on=Coalesce("verified_on", TruncDate("created_at")))
        .filter(known_on__lte=day - EVERY)
        .exclude(pk__in=Checkup.objects.filter(Q(answer="") | Q(asked_at__gt=now - EVERY)).values("listing"))
    )
    for key in list(stale.order_by("known_on", "pk").values_list("pk", flat=True)[: MOST_A_DAY - reminded]):
        asked += _ask(key, now)
    return {"asked": asked, "reminded": reminded, "to_call": to_call}


@transaction.atomic
def _ask(key: int, now: datetime) -> bool:
    listing = Listing.objects.defer("document").select_for_update().get(pk=key)
    if listing.checkups.filter(answer="").exists():
        return False
    checkup = listing.checkups.create(asked_at=now, sent_at=now)
    if not _mail(checkup, listing, is_reminder=False):
        checkup.to_call = True
        checkup.save(update_fields=["to_call"])
    return True


@transaction.atomic
def _remind(key: int, now: datetime) -> str:
    listing_id = Checkup.objects.values_list("listing_id", flat=True).get(pk=key)
    listing = Listing.objects.defer("document").select_for_update().get(pk=listing_id)
    checkup = Checkup.objects.select_for_update().get(pk=key)
    if checkup.answer or checkup.to_call or checkup.sent_at > now - BETWEEN_MAILS:
        return ""
    if checkup.reminders >= REMINDERS or not _mail(checkup, listing, is_reminder=True):
        checkup.to_call = True
        checkup.save(update_fields=["to_call"])
        return "to_call"
    checkup.reminders, checkup.sent_at = checkup.reminders + 1, now
    checkup.save(update_fields=["reminders", "sent_at"])
    return "reminded"


def _mail(checkup: Checkup, listing: Listing, *, is_reminder: bool) -> bool:
    """Writes to the owners, else to the listing's address; False when there is none."""
    owners = [
        role.user.email for role in listing.roles.filter(role=ListingRole.Role.OWNER).select_related("user")
    ]
    addresses = owners or ([listing.email] if listing.email else [])
    for address in addresses:
        with translation.override(mailing.language_of(address)):
            path = reverse("enterprises:verify", args=[token_of(checkup)])
        context = {
            "listing": listing,
            "link": f"{settings.BASE_URL}{path}",
            "is_reminder": is_reminder,
        }
        mailing.send(prefix="enterprises/mail/still_exact", to=address, context=context)
    return bool(addresses)


def token_of(checkup: Checkup) -> str:
    return signing.dumps(checkup.pk, salt=_SALT)


def checkup_of(token: str) -> Checkup | None:
    """The question that a mailed link is about; None when the link is expired, forged or for something else."""
    try:
        key = signing.loads(token, salt=_SALT, max_age=LINK_LIFETIME)
    except (signing.BadSignature, ValueError):
        return None
    found = Checkup.objects.select_related("listing__municipality").filter(pk=key).first()
    return found if found and found.listing.state == Listing.State.PUBLISHED else None


@transaction.atomic
def answer(*, checkup_id: int, as_: Checkup.Answer, now: datetime) -> bool:
    """Notes an answer; « Tout est exact » and a call date the listing's verification. False when it was answered."""
    listing_id = Checkup.objects.values_list("listing_id", flat=True).get(pk=checkup_id)
    listing = Listing.objects.only("pk", "verified_on").select_for_update().get(pk=listing_id)
    open_one = Checkup.objects.filter(pk=checkup_id, answer="")
    if not open_one.update(answer=as_, answered_at=now, to_call=False):
        return False
    if as_ != Checkup.Answer.CORRECTED:
        with recorded(by=None, reason=str(as_.label)):
            Listing.objects.filter(pk=listing.pk).update(
                verified_on=timezone.localdate(now), version=F("version") + 1
            )
    return True


def not_verified_since(day: object) -> Q:
    return Q(state=Listing.State.PUBLISHED) & (Q(verified_on=None) | Q(verified_on__lt=day))
