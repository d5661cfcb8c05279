"""Every write at the door: arrivals, walk-ins, and undoing a mistake.

Locks: those of `forums.registration.capacity`, then the registration row, then the slip row.
The capacity does not close the door: whoever is there is let in by a person, not by a number.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from forums.mail import notices
from forums.models import Forum, Registration, RollEntry, Round, Slip
from forums.registration.capacity import lock_forum, note_full
from forums.registration.day_team import night_after
from forums.registration.registering import Details
from forums.vote import slips
from forums.vote.roll import add_latecomers

State = Registration.State


class ArrivalRefused(Exception):
    """`code` is "over", "called_off", or "on_roll": a vote counts on this arrival."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction.atomic
def check_in(*, registration: Registration, now: datetime, slip: str = "") -> Registration:
    """Confirms an arrival, and enters the person on the roll of an open round; again: changes nothing.

    Whoever waited, or had not confirmed, gets a place by being there. A cancelled registration brings
    in the newer one of the same person, if any. `slip` is what was scanned, or the number of a slip.
    Raises `ArrivalRefused`, and what `slips.find_slip` and `slips.activate_slip` raise: nothing is
    changed then.
    """
    forum = _at_the_door(registration.forum_id, now)
    row = _row(registration.pk)
    if row.state == State.CANCELLED:
        row = _newer(row) or row
    if row.checked_in_at is None:
        _arrive(forum, row, now)
    if slip.strip():
        slips.activate_slip(slip=slips.find_slip(forum_id=forum.pk, written=slip), registration=row)
    return row


@transaction.atomic
def walk_in(
    *, forum: Forum, email: str, details: Details, key: uuid.UUID, now: datetime, slip: str = ""
) -> Registration:
    """Registers and lets in someone who came without registering.

    `key` is new for each form: sending it twice lets in one person. An address that is registered
    lets in its registration. Raises as `check_in`.
    """
    row = _at_the_door(forum.pk, now)
    rows = Registration.objects.filter(forum=row)
    found = rows.filter(key=key).first()
    if found is None and email:
        found = rows.filter(email=email.lower()).exclude(state=State.CANCELLED).first()
    if found is None:
        found = Registration.objects.create(
            forum=row,
            key=key,
            email=email.lower(),
            is_walk_in=True,
            created_at=now,
            name=details.name,
            language=details.language,
            kind=details.kind,
            organisation=details.organisation,
        )
    return check_in(registration=found, now=now, slip=slip)


@transaction.atomic
def undo_check_in(*, registration: Registration, now: datetime) -> Registration:
    """Takes back a mistaken arrival, and frees the slip; a walk-in, who was only there, is cancelled.

    Raises `ArrivalRefused("on_roll")` while a vote that is not sealed counts on this arrival: staff
    take the person off its roll first, with a public reason.
    """
    forum = lock_forum(registration.forum_id)
    row = _row(registration.pk)
    if row.checked_in_at is None:
        return row
    unsealed = Q(round__sealed_at=None, round__annulled_at=None, round__public=Round.Public.CHECKED_IN)
    if RollEntry.objects.filter(unsealed, registration=row, voided_at=None).exists():
        raise ArrivalRefused("on_roll")
    row.checked_in_at = None
    if row.is_walk_in:
        row.state, row.cancelled_at = State.CANCELLED, now
    row.save(update_fields=["checked_in_at", "state", "cancelled_at"])
    # Given by mistake, the slip may be in the hands of the next person in line.
    Slip.objects.filter(registration=row, voided_at=None).update(registration=None, activated_at=None)
    note_full(forum)
    return row


def _at_the_door(forum_id: int, now: datetime) -> Forum:
    forum = lock_forum(forum_id)
    if forum.cancelled_at:
        raise ArrivalRefused("called_off")
    if now >= night_after(forum):
        raise ArrivalRefused("over")
    return forum


def _row(pk: int) -> Registration:
    rows = Registration.objects.select_for_update(of=("self",), no_key=True).select_related("forum", "user")
    return rows.get(pk=pk)


def _newer(row: Registration) -> Registration | None:
    """The registration that the same person made after cancelling `row`."""
    same = Q(pk__in=[])
    if row.email:
        same |= Q(email=row.email)
    if row.user_id:
        same |= Q(user_id=row.user_id)
    found = Registration.objects.filter(same, forum_id=row.forum_id).exclude(state=State.CANCELLED).first()
    return _row(found.pk) if found else None


def _arrive(forum: Forum, row: Registration, now: datetime) -> None:
    if row.state != State.CONFIRMED:
        row.state, row.confirmed_at, row.cancelled_at = State.CONFIRMED, now, None
    row.checked_in_at = now
    row.save(update_fields=["state", "confirmed_at", "cancelled_at", "checked_in_at"])
    for round in add_latecomers(forum_id=forum.pk, registration=row):
        notices.tell_open_vote(round, row, now=now)
    note_full(forum)
