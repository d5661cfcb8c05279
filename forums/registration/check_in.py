"""Check-in at the door: arrivals, walk-ins, and undoing a mistake.

Of an activity in sessions, people arrive at one of them: `Registration.checked_in_at` is the first time that they came.

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
from forums.models import Forum, Registration, RollEntry, Round, Session, SessionAttendance, Slip
from forums.registration.capacity import lock_forum, lock_registration, update_is_full
from forums.registration.day_team import door_closes_at
from forums.registration.registering import Details
from forums.registration.sessions import session_now, sessions_of_day
from forums.registration.shared_addresses import (
    find_same_person,
    give_up_address,
    others_of_person,
    people_with_address,
)
from forums.vote import slips
from forums.vote.roll import add_latecomers
from pole.refusals import Refusal

State = Registration.State


class ArrivalRefused(Refusal):
    messages = {
        "arrivals_over": _("This activity is over: arrivals can’t be changed any more."),
        "arrivals_called_off": _("This activity is cancelled: nobody is let in."),
        "arrival_on_roll": _(
            "A vote counts on this arrival. Take the person off its roll first, with a reason, on the page of the vote."
        ),
        "session_not_today": _("This session isn’t held today: its attendance is noted in the table."),
    }


@transaction.atomic
def check_in(
    *,
    registration: Registration,
    now: datetime,
    slip: str = "",
    replaces: int | None = None,
    by: str = "",
    session: int | None = None,
) -> Registration:
    """Records an arrival, and adds the person to the roll of open rounds. Idempotent: the first arrival stays.

    A pending or waitlisted registration becomes confirmed. For a cancelled one, a later registration of
    the same person is checked in instead, if any. `slip` is what was scanned, or the number of a slip; `replaces`
    as in `slips.activate_slip`; `by` is who stands at the door (`Helper.typist`); `session` is the one of the day at
    which the person arrives, where there are several: the one under way or the next when it is None.
    Raises `ArrivalRefused`, and what `slips.find_slip` and `slips.activate_slip` raise: nothing is
    changed then.
    """
    forum = _lock_forum_at_door(registration.forum_id, now)
    row = lock_registration(registration.pk)
    if row.state == State.CANCELLED:
        # The registration that the same person made after cancelling this one.
        later = others_of_person(row)
        row = lock_registration(later[0].pk) if later else row
    held = _session_at_door(forum, now, session)
    if row.checked_in_at is None:
        mark_arrived(forum, row, now, by)
    if held:
        SessionAttendance.objects.get_or_create(
            registration=row, session=held, defaults={"checked_in_at": now, "checked_in_by": by}
        )
    if slip.strip():
        given = slips.find_slip(forum_id=forum.pk, written=slip)
        slips.activate_slip(slip=given, registration=row, replaces=replaces)
    return row


@transaction.atomic
def walk_in(
    *,
    forum: Forum,
    email: str,
    details: Details,
    idempotency_key: uuid.UUID,
    now: datetime,
    slip: str = "",
    same_as: str = "",
    by: str = "",
    session: int | None = None,
) -> Registration:
    """Registers and lets in someone who came without registering.

    `idempotency_key` is new for each form: sent twice, it checks in one person. `same_as` is the answer to
    `AddressKnown`, which is raised for an address that somebody registered gave. Also raises as `check_in`.
    """
    row = _lock_forum_at_door(forum.pk, now)
    rows = Registration.objects.filter(forum=row)
    found = rows.filter(key=idempotency_key).first()
    if found is None:
        people = people_with_address(row, email)
        found = find_same_person(people, same_as) or Registration.objects.create(
            forum=row,
            key=idempotency_key,
            email=email.lower(),
            email_is_contact_only=bool(people),
            is_walk_in=True,
            created_at=now,
            name=details.name,
            language=details.language,
            kind=details.kind,
            organisation=details.organisation,
        )
    return check_in(registration=found, now=now, slip=slip, by=by, session=session)


@transaction.atomic
def undo_check_in(*, registration: Registration, now: datetime, session: int | None = None) -> Registration:
    """Undoes a mistaken arrival and frees the slip; the registration of a walk-in is cancelled.

    Of an activity in sessions, the arrival at `session`, by default that of the day; whoever came to another keeps
    their slip and their place.

    Raises `ArrivalRefused("arrival_on_roll")` while the person is on the roll of an unsealed vote because of it:
    staff void that entry first, with a public reason.
    """
    forum = lock_forum(registration.forum_id)
    row = lock_registration(registration.pk)
    if forum.sessions.exists():
        held = _session_at_door(forum, now, session)
        row.attended_sessions.filter(session=held).delete()
        if first := row.attended_sessions.order_by("checked_in_at").first():
            row.checked_in_at, row.checked_in_by = first.checked_in_at, first.checked_in_by
            row.save(update_fields=["checked_in_at", "checked_in_by"])
            return row
    return forget_arrival(forum, row, now)


def forget_arrival(forum: Forum, row: Registration, now: datetime) -> Registration:
    """Under the locks of both: `row` came to nothing. Raises as `undo_check_in`."""
    if row.checked_in_at is None:
        return row
    unsealed = Q(round__sealed_at=None, round__annulled_at=None)
    if not row.email_is_contact_only or row.vouched_at:
        unsealed &= Q(round__public=Round.Public.CHECKED_IN)
    if RollEntry.objects.filter(unsealed, registration=row, voided_at=None).exists():
        raise ArrivalRefused("arrival_on_roll")
    row.checked_in_at, row.checked_in_by = None, ""
    if row.is_walk_in:
        row.state, row.cancelled_at = State.CANCELLED, now
    row.save(update_fields=["checked_in_at", "checked_in_by", "state", "cancelled_at"])
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


def _session_at_door(forum: Forum, now: datetime, wanted: int | None) -> Session | None:
    """None where there are no sessions. Raises `ArrivalRefused` when none is held today, or another than `wanted`."""
    today = sessions_of_day(forum, now)
    if wanted is not None:
        today = [session for session in today if session.pk == wanted]
    found = session_now(today, now)
    if found is None and (wanted is not None or forum.sessions.exists()):
        raise ArrivalRefused("session_not_today")
    return found


def mark_arrived(forum: Forum, row: Registration, now: datetime, by: str) -> None:
    """Under the locks of both."""
    if row.state == State.CANCELLED:
        give_up_address(row)
    if row.state != State.CONFIRMED:
        row.state, row.confirmed_at, row.cancelled_at = State.CONFIRMED, now, None
    row.checked_in_at, row.checked_in_by = now, by
    row.save()
    for round in add_latecomers(forum_id=forum.pk, registration=row):
        notices.send_vote_link(round, row, now=now)
    update_is_full(forum)
