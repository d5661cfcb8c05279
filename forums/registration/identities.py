"""A person and an account are one: what joins their registrations, and what parts them at erasure.

Locks: those of `forums.registration.capacity`; then the entries of an open round, then slips.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from forums.models import Forum, Registration, RegistrationAnswer
from forums.registration.capacity import give_free_places, lock_forum
from forums.vote import slips
from forums.vote.roll import add_latecomers, merge_entries

State = Registration.State
# The name of someone who was forgotten.
NOBODY = "—"


def join_account(user: User) -> None:
    """Makes registrations by a verified address of `user` those of the account. For each forum, one."""
    addresses = _verified(user)
    mine = Registration.objects.filter(email__in=addresses, user=None).exclude(state=State.CANCELLED)
    for forum in Forum.objects.filter(pk__in=mine.values("forum_id")).only("pk").order_by("pk"):
        with transaction.atomic():
            join_person(lock_forum(forum.pk), user, timezone.now())


def _verified(user: User) -> list[str]:
    rows = user.emailaddress_set.filter(verified=True)  # type: ignore[attr-defined]  # allauth's reverse relation
    return [address.lower() for address in rows.values_list("email", flat=True)]


def join_person(forum: Forum, user: User, now: datetime) -> Registration | None:
    """The one registration of a person, known by account or by verified address; others are cancelled.

    One entry of theirs is left on the roll of an open round, and one slip.
    Stays: who has arrived, else who has a place, else who waits, the first come; a pending one last.
    """
    owned = Q(user=user) | Q(email__in=_verified(user), user=None)
    # Whoever holds an entry may name a registration in it: it is not to wait for this.
    locked = Registration.objects.select_for_update(no_key=True)
    lines = locked.filter(forum=forum).exclude(state=State.CANCELLED)
    rows = list(lines.filter(owned))
    if not rows:
        return None
    rank = {State.CONFIRMED: 0, State.WAITLISTED: 1, State.PENDING: 2}
    rows.sort(key=lambda row: (not row.is_checked_in, rank[State(row.state)], row.created_at, row.pk))
    keep, *others = rows
    for other in others:
        # By the account, the door finds the one that stays.
        other.user = user
        other.state, other.cancelled_at, other.checked_in_at = State.CANCELLED, now, None
        other.save(update_fields=["user", "state", "cancelled_at", "checked_in_at"])
    if keep.user_id is None:
        keep.user = user
        keep.save(update_fields=["user"])
        add_latecomers(forum_id=forum.pk, registration=keep)
    if others:
        give_free_places(forum, now)
    # One that was cancelled may have left an entry, and a ballot.
    former = Registration.objects.filter(owned, forum=forum, state=State.CANCELLED)
    if former:
        merge_entries(forum_id=forum.pk, surviving=keep, others=former)
        slips.transfer_slip(to=keep, others=former)
    return keep


def free_address(forum: Forum, user: User) -> None:
    """When another account registered with what is now the verified address of `user`, then changed
    its own, that registration follows its account."""
    lines = Registration.objects.select_for_update(of=("self",), no_key=True).filter(forum=forum)
    others = lines.filter(email=user.email.lower()).exclude(user=None).exclude(user=user)
    for row in others.select_related("user").exclude(state=State.CANCELLED):
        theirs = row.user.email.lower() if row.user else ""
        is_free = theirs != row.email and not lines.filter(email=theirs).exclude(state="cancelled").exists()
        row.email = theirs if is_free else ""
        row.save(update_fields=["email"])


@transaction.atomic
def anonymise_registrations(user: User) -> None:
    """Parts a person from their registrations, for the erasure of an account.

    To come: cancelled, and the place goes to the next. Past: only kind, state and dates stay, for the
    figures. An entry on the roll of an unsealed round is none of ours: it loses the account by itself
    and keeps the hash of the address until sealing.
    """
    now = timezone.now()
    theirs = Q(user=user) | Q(user=None, email__in=_verified(user))
    forums = Registration.objects.filter(theirs).order_by("forum_id").values_list("forum_id", flat=True)
    for forum_id in forums.distinct():
        forum = lock_forum(forum_id)
        rows = Registration.objects.select_for_update(no_key=True).filter(theirs, forum=forum)
        for row in rows:
            if now < forum.ends_at and not row.is_checked_in and row.state != State.CANCELLED:
                row.state, row.cancelled_at = State.CANCELLED, now
            forget_person(row, now)
        give_free_places(forum, now)


def forget_person(row: Registration, now: datetime) -> None:
    """Takes out of a locked registration whatever says who it was."""
    RegistrationAnswer.objects.filter(registration=row).delete()
    row.user, row.name, row.email = None, NOBODY, ""
    row.organisation = row.access_needs = row.consent_wording = ""
    row.needs_erased_at = row.needs_erased_at or now
    row.save()
