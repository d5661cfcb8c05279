"""« Votre fiche est-elle toujours exacte ? » : a mail a year, two reminders, then a telephone call.

A mailed link is signed, expires, serves one checkup only, and changes nothing by being opened.

Locks: the listing's row (FOR UPDATE), then its checkup.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, TruncDate
from django.urls import reverse
from django.utils import timezone, translation

from accounts import journal, mailing
from accounts.models import User
from enterprises.listing.history import attributed_edit
from enterprises.listing.refusals import AlreadyDecided
from enterprises.models import Checkup, Listing, ListingRole
from pole.access import SignedToken
from pole.hooks.moderation import ChangedMeanwhile

CHECKUP_INTERVAL = timedelta(days=365)
# Not verified for longer, a listing is shown to the team.
STALE_AFTER = timedelta(days=365)
REMINDER_INTERVAL = timedelta(days=14)
MAX_REMINDERS = 2
LINK_LIFETIME = timedelta(days=60)
# Checkups begun or reminded in one day, to however many owners each is sent: the relay is small, and so is the team
# that reads the answers.
MAX_CHECKUPS_A_DAY = 100
_TOKEN = SignedToken("enterprises.verifying", (int,), LINK_LIFETIME)


def send_checkups(*, now: datetime) -> dict[str, int]:
    """The work of one day, each checkup in its own transaction; how many were `asked`, `reminded` and `to_call`.

    `asked` counts every checkup begun, those of listings without any address too, which are marked "to call" at once;
    `to_call` counts those marked so instead of a reminder.
    """
    day = timezone.localdate(now)
    asked = reminded = to_call = 0
    open_checkups = Checkup.objects.filter(answer="", to_call=False, sent_at__lte=now - REMINDER_INTERVAL)
    for checkup_id in list(
        open_checkups.order_by("sent_at").values_list("pk", flat=True)[:MAX_CHECKUPS_A_DAY]
    ):
        outcome = _remind_or_mark_to_call(checkup_id, now)
        reminded, to_call = reminded + (outcome == "reminded"), to_call + (outcome == "to_call")
    due = (
        Listing.objects.published()
        .alias(known_on=Coalesce("verified_on", TruncDate("created_at")))
        .filter(known_on__lte=day - CHECKUP_INTERVAL)
        .exclude(
            pk__in=Checkup.objects.filter(Q(answer="") | Q(asked_at__gt=now - CHECKUP_INTERVAL)).values(
                "listing"
            )
        )
    )
    for listing_id in list(
        due.order_by("known_on", "pk").values_list("pk", flat=True)[: MAX_CHECKUPS_A_DAY - reminded]
    ):
        asked += _open_checkup(listing_id, now)
    return {"asked": asked, "reminded": reminded, "to_call": to_call}


@transaction.atomic
def _open_checkup(listing_id: int, now: datetime) -> bool:
    listing = Listing.objects.lock(listing_id)
    if listing.checkups.filter(answer="").exists():
        return False
    checkup = listing.checkups.create(asked_at=now, sent_at=now)
    if not _send_mail(checkup, listing, is_reminder=False):
        checkup.to_call = True
        checkup.save(update_fields=["to_call"])
    return True


@transaction.atomic
def _remind_or_mark_to_call(checkup_id: int, now: datetime) -> str:
    """What was done: "reminded", "to_call", or "" when someone settled the checkup meanwhile."""
    listing_id = Checkup.objects.values_list("listing_id", flat=True).get(pk=checkup_id)
    listing = Listing.objects.lock(listing_id)
    checkup = Checkup.objects.select_for_update().get(pk=checkup_id)
    if checkup.answer or checkup.to_call or checkup.sent_at > now - REMINDER_INTERVAL:
        return ""
    if checkup.reminders >= MAX_REMINDERS or not _send_mail(checkup, listing, is_reminder=True):
        checkup.to_call = True
        checkup.save(update_fields=["to_call"])
        return "to_call"
    checkup.reminders, checkup.sent_at = checkup.reminders + 1, now
    checkup.save(update_fields=["reminders", "sent_at"])
    return "reminded"


def _send_mail(checkup: Checkup, listing: Listing, *, is_reminder: bool) -> bool:
    """Writes to the owners, else to the listing's address; False when there is none."""
    owners = [
        role.user.email for role in listing.roles.filter(role=ListingRole.Role.OWNER).select_related("user")
    ]
    addresses = owners or ([listing.email] if listing.email else [])
    for address in addresses:
        with translation.override(mailing.language_of(address)):
            path = reverse("enterprises:verify", args=[make_token(checkup)])
        context = {
            "listing": listing,
            "link": f"{settings.BASE_URL}{path}",
            "is_reminder": is_reminder,
        }
        mailing.send(prefix="enterprises/mail/still_exact", to=address, context=context)
    return bool(addresses)


def make_token(checkup: Checkup) -> str:
    return _TOKEN.make(checkup.pk)


def get_checkup_of_token(token: str) -> Checkup | None:
    """The checkup that a mailed link is about; None when the link is expired, forged or for something else."""
    found = Checkup.objects.select_related("listing__municipality").filter(pk__in=_TOKEN.read(token)).first()
    return found if found and found.listing.state == Listing.State.PUBLISHED else None


@transaction.atomic
def record_answer(*, checkup_id: int, answer: Checkup.Answer, now: datetime, by: User | None = None) -> bool:
    """Records an answer, once; unless it is a correction, the listing is verified on this day. False when answered already."""
    listing_id = Checkup.objects.values_list("listing_id", flat=True).get(pk=checkup_id)
    listing = Listing.objects.only("pk", "verified_on").select_for_update().get(pk=listing_id)
    open_one = Checkup.objects.filter(pk=checkup_id, answer="")
    if not open_one.update(answer=answer, answered_at=now, to_call=False):
        return False
    journal.note(action="verified", kind="listing", key=listing_id, by=by)
    if answer != Checkup.Answer.CORRECTED:
        with attributed_edit(by=None, reason=str(answer.label)):
            Listing.objects.filter(pk=listing.pk).update(
                verified_on=timezone.localdate(now), version=F("version") + 1
            )
    return True


@transaction.atomic
def record_call(*, checkup_id: int, seen: str, now: datetime, by: User) -> None:
    """Someone was reached by telephone, and the listing is exact as `seen`, the `shown_version` of its checkup.

    Raises `AlreadyDecided`, and `ChangedMeanwhile`.
    """
    listing = Listing.objects.lock(Checkup.objects.values_list("listing_id", flat=True).get(pk=checkup_id))
    checkup = Checkup.objects.select_for_update().get(pk=checkup_id)
    checkup.listing = listing
    if checkup.answer:
        raise AlreadyDecided
    if seen != checkup.shown_version:
        raise ChangedMeanwhile
    record_answer(checkup_id=checkup_id, answer=Checkup.Answer.CALLED, now=now, by=by)


def not_verified_since(day: object) -> Q:
    return Q(state=Listing.State.PUBLISHED) & (Q(verified_on=None) | Q(verified_on__lt=day))
