"""Registrations and accounts: linking those of one person, and anonymising them when the account is erased.

Locks: those of `forums.registration.capacity`; then the entries of an open round, then slips.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from forums.models import Forum, Registration, RegistrationAnswer, SessionAttendance
from forums.registration.capacity import lock_forum, promote_from_waitlist
from forums.registration.shared_addresses import is_same_name
from forums.vote import slips
from forums.vote.refusals import VoteSuspended
from forums.vote.roll import add_latecomers, forget_address, merge_entries

State = Registration.State
# The name of an anonymised person.
ANONYMOUS_NAME = "—"


def link_registrations_to_account(user: User) -> None:
    """Links to the account the registrations made with its verified addresses, one for each forum.

    Not of a forum whose vote is suspended: whoever confirms an address does not wait for a key, and votes without the link.
    """
    addresses = _verified_emails(user)
    unlinked = Registration.objects.filter(email__in=addresses, user=None, email_is_contact_only=False)
    unlinked = unlinked.exclude(state=State.CANCELLED)
    for forum in Forum.objects.filter(pk__in=unlinked.values("forum_id")).only("pk").order_by("pk"):
        with suppress(VoteSuspended), transaction.atomic():
            merge_registrations_of_person(lock_forum(forum.pk), user, timezone.now())


def _verified_emails(user: User) -> list[str]:
    rows = user.emailaddress_set.filter(verified=True)  # type: ignore[attr-defined]  # allauth's reverse relation
    return [address.lower() for address in rows.values_list("email", flat=True)]


def owned_by(user: User) -> Q:
    """By account or by verified address; never those of whom the address only serves to write to."""
    return Q(user=user) | Q(email__in=_verified_emails(user), user=None, email_is_contact_only=False)


def merge_registrations_of_person(forum: Forum, user: User, now: datetime) -> Registration | None:
    """Cancels all but one of a person's registrations, found by account or verified address; returns that one.

    At most one entry on the roll of an open round, and one voting slip, are left. The one that remains is
    the first checked in, else confirmed, else waitlisted, else pending; of equals, the account's, else the oldest.
    Whoever the door saw arrive besides, under another name, is somebody else: they keep their slip and their vote, and
    the address serves only to write to them.
    """
    owned = owned_by(user)
    # No key lock: a transaction that holds a roll entry may set its registration without waiting for this one.
    locked = Registration.objects.select_for_update(no_key=True)
    registrations = locked.filter(forum=forum).exclude(state=State.CANCELLED)
    rows = list(registrations.filter(owned))
    if not rows:
        return None
    rank = {State.CONFIRMED: 0, State.WAITLISTED: 1, State.PENDING: 2}
    rows.sort(key=lambda row: (row.user_id is None, row.created_at, row.pk))
    rows.sort(key=lambda row: (not row.is_checked_in, rank[State(row.state)]))
    remaining, *rest = rows
    others = []
    for row in rest:
        if row.is_checked_in and not is_same_name(row.name, remaining.name):
            row.email_is_contact_only = True
            row.save(update_fields=["email_is_contact_only"])
            forget_address(forum_id=forum.pk, registration=row)
        else:
            others.append(row)
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
        _bring_attendance(remaining, others)
        promote_from_waitlist(forum, now)
    # A cancelled one may still have an entry on a roll, and a ballot.
    former = Registration.objects.filter(owned, forum=forum, state=State.CANCELLED)
    if former:
        merge_entries(forum_id=forum.pk, surviving=remaining, others=former)
        slips.transfer_slip(to=remaining, others=former)
    return remaining


def _bring_attendance(remaining: Registration, others: Sequence[Registration]) -> None:
    """The sessions that a person came to by their other registrations are those of the one that remains."""
    came = set(remaining.attended_sessions.values_list("session_id", flat=True))
    for attendance in SessionAttendance.objects.filter(registration__in=others).order_by("pk"):
        if attendance.session_id in came:
            attendance.delete()
        else:
            came.add(attendance.session_id)
            attendance.registration = remaining
            attendance.save(update_fields=["registration"])


def reassign_email(forum: Forum, user: User) -> None:
    """Frees the verified address of `user` from registrations of other accounts, which had it before.

    Such a registration gets the present address of its own account, or none if that one is registered."""
    registrations = Registration.objects.select_for_update(of=("self",), no_key=True).filter(forum=forum)
    others = registrations.filter(email=user.email.lower()).exclude(user=None).exclude(user=user)
    for row in others.select_related("user").exclude(state=State.CANCELLED):
        theirs = row.user.email.lower() if row.user else ""
        is_free = (
            theirs != row.email
            and not registrations.filter(email=theirs, email_is_contact_only=False)
            .exclude(state="cancelled")
            .exists()
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
    theirs = owned_by(user)
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
