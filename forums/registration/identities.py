"""Registrations and accounts: linking those of one person, and anonymising them when the account is erased.

Locks: those of `forums.registration.capacity`; then the entries of an open round, then slips.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from forums.models import Forum, Registration, RegistrationAnswer
from forums.registration.capacity import lock_forum, promote_from_waitlist
from forums.vote import slips
from forums.vote.roll import add_latecomers, merge_entries

State = Registration.State
# The name of an anonymised person.
ANONYMOUS_NAME = "—"


def link_registrations_to_account(user: User) -> None:
    """Links to the account the registrations made with its verified addresses, one for each forum."""
    addresses = _verified_emails(user)
    unlinked = Registration.objects.filter(email__in=addresses, user=None).exclude(state=State.CANCELLED)
    for forum in Forum.objects.filter(pk__in=unlinked.values("forum_id")).only("pk").order_by("pk"):
        with transaction.atomic():
            merge_registrations_of_person(lock_forum(forum.pk), user, timezone.now())


def _verified_emails(user: User) -> list[str]:
    rows = user.emailaddress_set.filter(verified=True)  # type: ignore[attr-defined]  # allauth's reverse relation
    return [address.lower() for address in rows.values_list("email", flat=True)]


def merge_registrations_of_person(forum: Forum, user: User, now: datetime) -> Registration | None:
    """Cancels all but one of a person's registrations, found by account or verified address; returns that one.

    At most one entry on the roll of an open round, and one voting slip, are left. The one that remains is
    the first checked in, else confirmed, else waitlisted, else pending; of equals, the oldest.
    """
    owned = Q(user=user) | Q(email__in=_verified_emails(user), user=None)
    # No key lock: a transaction that holds a roll entry may set its registration without waiting for this one.
    locked = Registration.objects.select_for_update(no_key=True)
    registrations = locked.filter(forum=forum).exclude(state=State.CANCELLED)
    rows = list(registrations.filter(owned))
    if not rows:
        return None
    rank = {State.CONFIRMED: 0, State.WAITLISTED: 1, State.PENDING: 2}
    rows.sort(key=lambda row: (not row.is_checked_in, rank[State(row.state)], row.created_at, row.pk))
    remaining, *others = rows
    for other in others:
        # Check-in finds the remaining one by the account.
        other.user = user
        other.state, other.cancelled_at, other.checked_in_at = State.CANCELLED, now, None
        other.save(update_fields=["user", "state", "cancelled_at", "checked_in_at"])
    if remaining.user_id is None:
        remaining.user = user
        remaining.save(update_fields=["user"])
        add_latecomers(forum_id=forum.pk, registration=remaining)
    if others:
        promote_from_waitlist(forum, now)
    # A cancelled one may still have an entry on a roll, and a ballot.
    former = Registration.objects.filter(owned, forum=forum, state=State.CANCELLED)
    if former:
        merge_entries(forum_id=forum.pk, surviving=remaining, others=former)
        slips.transfer_slip(to=remaining, others=former)
    return remaining


def reassign_email(forum: Forum, user: User) -> None:
    """Frees the verified address of `user` from registrations of other accounts, which had it before.

    Such a registration gets the present address of its own account, or none if that one is registered."""
    registrations = Registration.objects.select_for_update(of=("self",), no_key=True).filter(forum=forum)
    others = registrations.filter(email=user.email.lower()).exclude(user=None).exclude(user=user)
    for row in others.select_related("user").exclude(state=State.CANCELLED):
        theirs = row.user.email.lower() if row.user else ""
        is_free = (
            theirs != row.email and not registrations.filter(email=theirs).exclude(state="cancelled").exists()
        )
        row.email = theirs if is_free else ""
        row.save(update_fields=["email"])


@transaction.atomic
def anonymise_registrations(user: User) -> None:
    """Anonymises all the registrations of a person whose account is erased.

    One for a forum to come is cancelled first, and its place goes to the waitlist. Kind, state and dates
    are kept, for statistics. Entries on rolls are not changed here: deleting the account empties its
    reference, and the hash of the address is kept until the round is sealed.
    """
    now = timezone.now()
    theirs = Q(user=user) | Q(user=None, email__in=_verified_emails(user))
    forums = Registration.objects.filter(theirs).order_by("forum_id").values_list("forum_id", flat=True)
    for forum_id in forums.distinct():
        forum = lock_forum(forum_id)
        rows = Registration.objects.select_for_update(no_key=True).filter(theirs, forum=forum)
        for row in rows:
            if now < forum.ends_at and not row.is_checked_in and row.state != State.CANCELLED:
                row.state, row.cancelled_at = State.CANCELLED, now
            anonymise_registration(row, now)
        promote_from_waitlist(forum, now)


def anonymise_registration(row: Registration, now: datetime) -> None:
    """Empties what identifies the person in a locked registration, and saves it."""
    RegistrationAnswer.objects.filter(registration=row).delete()
    row.user, row.name, row.email = None, ANONYMOUS_NAME, ""
    row.organisation = row.access_needs = row.consent_wording = ""
    row.needs_erased_at = row.needs_erased_at or now
    row.save()
