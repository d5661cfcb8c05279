"""Check-in at the door: arrivals, walk-ins, and undoing a mistake.

Locks: those of `forums.registration.capacity`, then the registration row, then the slip row.
The capacity does not apply at the door: everyone there is checked in.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from forums.mail import notices
from forums.models import Forum, Registration, RollEntry, Round, Slip
from forums.registration.capacity import lock_forum, lock_registration, others_of_person, update_is_full
from forums.registration.day_team import door_closes_at
from forums.registration.registering import Details
from forums.vote import slips
from forums.vote.roll import add_latecomers
from pole.refusals import Refusal

State = Registration.State


class ArrivalRefused(Refusal):
    messages = {
        "arrivals_over": _("This forum is over: arrivals can’t be changed any more."),
        "arrivals_called_off": _("This forum is cancelled: nobody is let in."),
        "arrival_on_roll": _(
            "A vote counts on this arrival. Take the person off its roll first, with a reason, on the page of the vote."
        ),
    }


@transaction.atomic
def check_in(*, registration: Registration, now: datetime, slip: str = "") -> Registration:
    """Records an arrival, and adds the person to the roll of open rounds. Idempotent.

    A pending or waitlisted registration becomes confirmed. For a cancelled one, a later registration of
    the same person is checked in instead, if any. `slip` is what was scanned, or the number of a slip.
    Raises `ArrivalRefused`, and what `slips.find_slip` and `slips.activate_slip` raise: nothing is
    changed then.
    """
    forum = _lock_forum_at_door(registration.forum_id, now)
    row = lock_registration(registration.pk)
    if row.state == State.CANCELLED:
        # The registration that the same person made after cancelling this one.
        later = others_of_person(row).first()
        row = lock_registration(later.pk) if later else row
    if row.checked_in_at is None:
        _mark_arrived(forum, row, now)
    if slip.strip():
        slips.activate_slip(slip=slips.find_slip(forum_id=forum.pk, written=slip), registration=row)
    return row


@transaction.atomic
def walk_in(
    *, forum: Forum, email: str, details: Details, idempotency_key: uuid.UUID, now: datetime, slip: str = ""
) -> Registration:
    """Registers and lets in someone who came without registering.

    `idempotency_key` is new for each form: sent twice, it checks in one person. When `email` is registered
    already, that registration is checked in. Raises as `check_in`.
    """
    row = _lock_forum_at_door(forum.pk, now)
    rows = Registration.objects.filter(forum=row)
    found = rows.filter(key=idempotency_key).first()
    if found is None and email:
        found = rows.filter(email=email.lower()).exclude(state=State.CANCELLED).first()
    if found is None:
        found = Registration.objects.create(
            forum=row,
            key=idempotency_key,
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
    """Undoes a mistaken arrival and frees the slip; the registration of a walk-in is cancelled.

    Raises `ArrivalRefused("arrival_on_roll")` while the person is on the roll of an unsealed vote open to those
    checked in: staff void that entry first, with a public reason.
    """
    forum = lock_forum(registration.forum_id)
    row = lock_registration(registration.pk)
    if row.checked_in_at is None:
        return row
    unsealed = Q(round__sealed_at=None, round__annulled_at=None, round__public=Round.Public.CHECKED_IN)
    if RollEntry.objects.filter(unsealed, registration=row, voided_at=None).exists():
        raise ArrivalRefused("arrival_on_roll")
    row.checked_in_at = None
    if row.is_walk_in:
        row.state, row.cancelled_at = State.CANCELLED, now
    row.save(update_fields=["checked_in_at", "state", "cancelled_at"])
    # The slip was given by mistake: the next person may receive it.
    Slip.objects.filter(registration=row, voided_at=None).update(registration=None, activated_at=None)
    update_is_full(forum)
    return row


def _lock_forum_at_door(forum_id: int, now: datetime) -> Forum:
    forum = lock_forum(forum_id)
    if forum.cancelled_at:
        raise ArrivalRefused("arrivals_called_off")
    if now >= door_closes_at(forum):
        raise ArrivalRefused("arrivals_over")
    return forum


def _mark_arrived(forum: Forum, row: Registration, now: datetime) -> None:
    if row.state != State.CONFIRMED:
        row.state, row.confirmed_at, row.cancelled_at = State.CONFIRMED, now, None
    row.checked_in_at = now
    row.save(update_fields=["state", "confirmed_at", "cancelled_at", "checked_in_at"])
    for round in add_latecomers(forum_id=forum.pk, registration=row):
        notices.send_vote_link(round, row, now=now)
    update_is_full(forum)
