"""Every write to registrations except check-in, which is in `forums.registration.check_in`.

Locks: those of `forums.registration.capacity`, in the same order.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import journal
from accounts.models import User
from accounts.privacy import kept
from forums.mail import notices
from forums.models import Forum, NoticeKind, Registration, RegistrationAnswer
from forums.models.registration import MAX_PEOPLE_FROM_HOME
from forums.registration.capacity import (
    RegistrationRefused,
    can_still_register,
    confirm_or_waitlist,
    confirm_place,
    has_a_session_left,
    lock_forum,
    lock_registration,
    promote_from_waitlist,
    update_is_full,
)
from forums.registration.identities import merge_registrations_of_person, reassign_email
from forums.registration.sessions import save_choices
from forums.registration.shared_addresses import (
    find_same_person,
    give_up_address,
    is_same_name,
    others_of_person,
    people_with_address,
    take_over_address,
)

State = Registration.State
TYPED_FIELDS = ("name", "language", "kind", "organisation", "access_needs")


@dataclass(frozen=True, slots=True)
class Details:
    """What a person typed about themselves. `answers`: text by id of `RegistrationQuestion`; `sessions`: the ids of
    those that they come to, None where there is no choice."""

    name: str
    language: str
    kind: str
    organisation: str = ""
    access_needs: str = ""
    answers: Mapping[int, str] = field(default_factory=dict)
    sessions: Collection[int] | None = None


# --- Registering -----------------------------------------------------------------------------------


@transaction.atomic
def register(*, forum: Forum, email: str, details: Details, consent: str, now: datetime) -> None:
    """Registers an address that its owner has yet to confirm, and mails the link to do so.

    Returns nothing, so that it never reveals whether an address is registered: whoever is registered with it
    by that name is mailed a link to their own registration, and nothing changes; by another name, the mail asks.
    Raises `RegistrationRefused`.
    """
    locked_forum = lock_forum(forum.pk)
    _check_open(locked_forum, now)
    people = people_with_address(locked_forum, email)
    existing = next((person for person in people if is_same_name(person.name, details.name)), None)
    if existing is None and len(people) >= MAX_PEOPLE_FROM_HOME:
        # The last who never confirmed, lest made-up names keep the owner of the address out.
        existing = next((person for person in reversed(people) if person.state == State.PENDING), people[0])
    if existing and existing.state != State.PENDING:
        notices.queue_once(existing, NoticeKind.ALREADY, now=now, may_repeat=True)
        return
    registration = existing or Registration(
        forum=locked_forum, email=email.lower(), email_is_contact_only=bool(people), created_at=now
    )
    _save_details(registration, details, consent_wording=consent, consented_at=now)
    notices.queue_once(registration, NoticeKind.TO_CONFIRM, now=now, may_repeat=True)


@transaction.atomic
def register_account(
    *, forum: Forum, user: User, details: Details, consent: str, now: datetime
) -> Registration:
    """Registers an account whose address is verified: confirmed, or on the waitlist, at once.

    Someone registered already, by account or by address, keeps that registration and its place.
    Raises `RegistrationRefused`.
    """
    locked_forum = lock_forum(forum.pk)
    _check_open(locked_forum, now)
    reassign_email(locked_forum, user)
    # What somebody else asked for with this address and has yet to confirm is not the account's.
    for row in people_with_address(locked_forum, user.email):
        if row.state == State.PENDING and not is_same_name(row.name, details.name):
            row.email_is_contact_only, row.user = True, None
            row.save(update_fields=["email_is_contact_only", "user"])
    registration = merge_registrations_of_person(locked_forum, user, now)
    registration = registration or Registration(forum=locked_forum, email=user.email.lower(), created_at=now)
    if registration.state != State.PENDING:
        return registration
    _save_details(registration, details, user=user, consent_wording=consent, consented_at=now)
    confirm_or_waitlist(locked_forum, registration, now)
    return registration


@transaction.atomic
def confirm(*, registration: Registration, now: datetime) -> Registration:
    """The owner of the address confirms: a place, or the end of the waitlist. Idempotent.

    Still possible after registration closed, until `Forum.places_until`. Raises `RegistrationRefused`;
    among others because a mailed link never restores a cancelled registration.
    """
    forum = lock_forum(registration.forum_id)
    row = lock_registration(registration.pk)
    if row.state == State.CANCELLED:
        raise RegistrationRefused("registration_cancelled")
    if row.state != State.PENDING:
        return row
    if not can_still_register(forum, now):
        raise RegistrationRefused("registration_over")
    if (
        forum.chooses_sessions
        and not Registration.objects.filter(has_a_session_left(now), pk=row.pk).exists()
    ):
        raise RegistrationRefused("session_gone")
    if row.email_is_contact_only:
        take_over_address(row)
    if not row.email_is_contact_only:
        owner = User.objects.filter(emailaddress__email=row.email, emailaddress__verified=True).first()
        # The same person may have registered by account, or with another address, meanwhile.
        row = (owner and merge_registrations_of_person(forum, owner, now)) or row
    if row.state == State.PENDING:
        row.forum = forum
        confirm_or_waitlist(forum, row, now)
    return row


@transaction.atomic
def add_by_hand(
    *,
    forum: Forum,
    email: str,
    details: Details,
    idempotency_key: uuid.UUID,
    even_if_full: bool,
    now: datetime,
    same_as: str = "",
    by: User | None = None,
) -> Registration:
    """Staff register someone who called. `idempotency_key` is new for each form: sent twice, it adds one.

    `same_as` is the answer to `AddressKnown`, which is raised for an address that somebody has: the
    registration of that person is then given, unchanged. Also raises `RegistrationRefused`.
    """
    locked_forum = lock_forum(forum.pk)
    if already := Registration.objects.filter(key=idempotency_key, forum=locked_forum).first():
        return already
    if now >= locked_forum.ends_at or locked_forum.cancelled_at:
        raise RegistrationRefused("registration_over")
    people = people_with_address(locked_forum, email)
    if same := find_same_person(people, same_as):
        return same
    registration = Registration(
        forum=locked_forum,
        email=email.lower(),
        email_is_contact_only=bool(people),
        vouched_at=now if people else None,
        key=idempotency_key,
        created_at=now,
    )
    _save_details(registration, details)
    confirm_or_waitlist(locked_forum, registration, now, even_if_full=even_if_full)
    _note("added", registration, by)
    return registration


# --- Changing one's mind -----------------------------------------------------------------------------


@transaction.atomic
def update_details(*, registration: Registration, details: Details, by: User | None = None) -> Registration:
    """Replaces the details; address, state and account don't change. Raises `RegistrationRefused`."""
    if details.sessions is not None:
        # So that no session is cancelled meanwhile.
        lock_forum(registration.forum_id)
    row = lock_registration(registration.pk)
    if row.state == State.CANCELLED:
        raise RegistrationRefused("registration_cancelled")
    _save_details(row, details)
    _note("changed", row, by)
    return row


@transaction.atomic
def cancel(*, registration: Registration, now: datetime, by: User | None = None) -> Registration:
    """Frees the place, which goes to the first of the waitlist. Idempotent.

    Raises `RegistrationRefused` once the person is checked in, and after the forum.
    """
    forum = lock_forum(registration.forum_id)
    row = lock_registration(registration.pk)
    if row.state == State.CANCELLED:
        return row
    if row.is_checked_in:
        raise RegistrationRefused("registration_arrived")
    if now >= forum.ends_at:
        raise RegistrationRefused("registration_over")
    was_pending = row.state == State.PENDING
    row.state, row.cancelled_at = State.CANCELLED, now
    row.save(update_fields=["state", "cancelled_at"])
    kept.keep(kept.REGISTRATION, row.pk, row.created_at, at=now)
    _note("cancelled", row, by)
    if not was_pending:
        notices.queue_once(row, NoticeKind.CANCELLED, now=now)
    promote_from_waitlist(forum, now)
    return row


@transaction.atomic
def cancel_again(rows: Sequence[Registration], now: datetime) -> None:
    """Those that a restore brought back: of a forum to come, and whoever has not arrived. Nobody is told twice."""
    for registration in rows:
        forum = lock_forum(registration.forum_id)
        row = lock_registration(registration.pk)
        if now < forum.ends_at and not row.is_checked_in and row.state != State.CANCELLED:
            row.state, row.cancelled_at = State.CANCELLED, now
            row.save(update_fields=["state", "cancelled_at"])
            promote_from_waitlist(forum, now)


@transaction.atomic
def give_place(*, registration: Registration, now: datetime, by: User | None = None) -> Registration:
    """Staff confirm this registration, even a cancelled one, and even when no place is left.

    It also says that someone whose address is another's is somebody else, who then counts on rolls. Raises
    `RegistrationRefused`, also when the person registered anew meanwhile.
    """
    forum = lock_forum(registration.forum_id)
    row = lock_registration(registration.pk)
    if row.state == State.CONFIRMED and not row.awaits_vouching:
        return row
    if now >= forum.ends_at or forum.cancelled_at:
        raise RegistrationRefused("registration_over")
    if row.state == State.CANCELLED:
        if others_of_person(row):
            raise RegistrationRefused("registration_taken")
        give_up_address(row)
        row.notices.all().delete()
        row.cancelled_at = None
    if row.email_is_contact_only:
        row.vouched_at = now
    was_waiting = row.state == State.WAITLISTED
    confirm_place(row, now)
    notices.queue_once(row, NoticeKind.PROMOTION if was_waiting else NoticeKind.CONFIRMATION, now=now)
    update_is_full(forum)
    _note("place", row, by)
    return row


def _note(action: str, row: Registration, by: User | None) -> None:
    """Nothing for people's own changes: `by` is None."""
    journal.note(action=action, kind="registration", key=row.pk, by=by, person_id=row.user_id)


# --- Under the lock of the forum ----------------------------------------------------------------


def _check_open(forum: Forum, now: datetime) -> None:
    if forum.registration_link or forum.stage_at(now) is not Forum.Stage.REGISTRATION:
        raise RegistrationRefused("registration_closed")


def _save_details(registration: Registration, details: Details, **also: Any) -> None:
    """Saves what was typed, with the fields of `also`."""
    typed = {name: getattr(details, name) for name in TYPED_FIELDS}
    # Whatever is written after an erasure is erased too.
    for name, value in {**typed, "needs_erased_at": None, **also}.items():
        setattr(registration, name, value)
    registration.save()
    if details.sessions is not None:
        save_choices(registration, details.sessions, timezone.now())
    registration.answers.all().delete()
    asked = set(registration.forum.questions.values_list("pk", flat=True))
    RegistrationAnswer.objects.bulk_create(
        RegistrationAnswer(registration=registration, question_id=question, text=text)
        for question, text in details.answers.items()
        if text and question in asked
    )
