"""Every write to registrations before the door; those at the door are in `forums.registration.check_in`.

Locks: those of `forums.registration.capacity`, in the same order.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from accounts.models import User
from forums.mail import notices
from forums.models import Forum, NoticeKind, Registration, RegistrationAnswer
from forums.registration.capacity import (
    RegistrationRefused,
    can_still_come,
    give_free_places,
    lock_forum,
    note_full,
    place,
    take,
)
from forums.registration.identities import free_address, join_person

State = Registration.State


@dataclass(frozen=True, slots=True)
class Details:
    """What a person says of themselves. `answers` goes by the id of the question."""

    name: str
    language: str
    kind: str
    organisation: str = ""
    access_needs: str = ""
    answers: Mapping[int, str] = field(default_factory=dict)


# --- Registering -----------------------------------------------------------------------------------


@transaction.atomic
def register(*, forum: Forum, email: str, details: Details, consent: str, now: datetime) -> None:
    """Registers an address that its owner has yet to confirm; a mail says how.

    Answers nothing, so that nobody learns from it whether an address is registered: a known one
    gets a mail with its own page, and nothing of it changes. Raises `RegistrationRefused("closed")`.
    """
    row = lock_forum(forum.pk)
    _check_open(row, now)
    known = _of_address(row, email)
    if known and known.state != State.PENDING:
        notices.send(known, NoticeKind.ALREADY, now=now, again=True)
        return
    registration = known or Registration(forum=row, email=email.lower(), created_at=now)
    _write(registration, details)
    registration.consent_wording, registration.consented_at = consent, now
    registration.save()
    _answer(registration, details.answers)
    notices.send(registration, NoticeKind.TO_CONFIRM, now=now, again=True)


@transaction.atomic
def register_account(
    *, forum: Forum, user: User, details: Details, consent: str, now: datetime
) -> Registration:
    """Registers an account whose address is verified: confirmed, or on the waitlist, at once.

    Who is registered already, by account or by address, keeps that registration and its place.
    Raises `RegistrationRefused("closed")`.
    """
    row = lock_forum(forum.pk)
    _check_open(row, now)
    free_address(row, user)
    registration = join_person(row, user, now)
    registration = registration or Registration(forum=row, email=user.email.lower(), created_at=now)
    if registration.state != State.PENDING:
        return registration
    _write(registration, details)
    registration.user = user
    registration.consent_wording, registration.consented_at = consent, now
    registration.save()
    _answer(registration, details.answers)
    place(row, registration, now)
    return registration


@transaction.atomic
def confirm(*, registration: Registration, now: datetime) -> Registration:
    """The owner of the address confirms: a place, or the end of the waitlist. Again: changes nothing.

    Still possible after registration closed, until the forum begins. Raises `RegistrationRefused`:
    "over", or "cancelled", since a link never brings back what was cancelled.
    """
    forum = lock_forum(registration.forum_id)
    row = _fresh(registration)
    if row.state == State.CANCELLED:
        raise RegistrationRefused("cancelled")
    if row.state != State.PENDING:
        return row
    if not can_still_come(forum, now):
        raise RegistrationRefused("over")
    owner = User.objects.filter(emailaddress__email=row.email, emailaddress__verified=True).first()
    # The same person may have registered by account, or with another address, meanwhile.
    row = (owner and join_person(forum, owner, now)) or row
    if row.state == State.PENDING:
        row.forum = forum
        place(forum, row, now)
    return row


@transaction.atomic
def add_by_hand(
    *, forum: Forum, email: str, details: Details, key: uuid.UUID, even_if_full: bool, now: datetime
) -> Registration:
    """Staff register someone who called; `key` is new for each form, so that sending it twice adds once.

    Raises `RegistrationRefused`: "over", or "taken" when the address is registered.
    """
    row = lock_forum(forum.pk)
    if already := Registration.objects.filter(key=key, forum=row).first():
        return already
    if now >= row.ends_at or row.cancelled_at:
        raise RegistrationRefused("over")
    if email and _of_address(row, email):
        raise RegistrationRefused("taken")
    registration = Registration(forum=row, email=email.lower(), key=key, created_at=now)
    _write(registration, details)
    registration.save()
    _answer(registration, details.answers)
    place(row, registration, now, even_if_full=even_if_full)
    return registration


# --- Changing one's mind -----------------------------------------------------------------------------


@transaction.atomic
def change(*, registration: Registration, details: Details) -> Registration:
    """Other details; the address, the place and the account stay."""
    row = _fresh(registration)
    if row.state == State.CANCELLED:
        raise RegistrationRefused("cancelled")
    _write(row, details)
    row.save()
    _answer(row, details.answers)
    return row


@transaction.atomic
def cancel(*, registration: Registration, now: datetime) -> Registration:
    """Frees the place, which goes to the first of the waitlist. Again: changes nothing.

    Raises `RegistrationRefused`: "arrived" once the person is checked in, "over" after the forum.
    """
    forum = lock_forum(registration.forum_id)
    row = _fresh(registration)
    if row.state == State.CANCELLED:
        return row
    if row.is_checked_in:
        raise RegistrationRefused("arrived")
    if now >= forum.ends_at:
        raise RegistrationRefused("over")
    was_pending = row.state == State.PENDING
    row.state, row.cancelled_at = State.CANCELLED, now
    row.save(update_fields=["state", "cancelled_at"])
    if not was_pending:
        notices.send(row, NoticeKind.CANCELLED, now=now)
    give_free_places(forum, now)
    return row


@transaction.atomic
def give_place(*, registration: Registration, now: datetime) -> Registration:
    """Staff give a place to this person, even when none is left, and bring back a cancelled one.

    Raises `RegistrationRefused`: "over", or "taken" when the person registered anew meanwhile.
    """
    forum = lock_forum(registration.forum_id)
    row = _fresh(registration)
    if row.state == State.CONFIRMED:
        return row
    if now >= forum.ends_at or forum.cancelled_at:
        raise RegistrationRefused("over")
    if row.state == State.CANCELLED:
        if (row.email and _of_address(forum, row.email)) or (row.user and _of_account(forum, row.user)):
            raise RegistrationRefused("taken")
        row.notices.all().delete()
        row.cancelled_at = None
    was_waiting = row.state == State.WAITLISTED
    take(row, now)
    notices.send(row, NoticeKind.PROMOTION if was_waiting else NoticeKind.CONFIRMATION, now=now)
    note_full(forum)
    return row


@transaction.atomic
def fill_places(*, forum_id: int, now: datetime) -> int:
    """Gives the places that a larger capacity, or a later date, has freed; says how many."""
    return give_free_places(lock_forum(forum_id), now)


# --- Under the lock of the forum ----------------------------------------------------------------


def _check_open(forum: Forum, now: datetime) -> None:
    if forum.stage_at(now) is not Forum.Stage.REGISTRATION:
        raise RegistrationRefused("closed")


def _of_address(forum: Forum, email: str) -> Registration | None:
    rows = Registration.objects.select_related("forum", "user").filter(forum=forum, email=email.lower())
    return rows.exclude(state=State.CANCELLED).first()


def _of_account(forum: Forum, user: User) -> Registration | None:
    return Registration.objects.filter(forum=forum, user=user).exclude(state=State.CANCELLED).first()


def _fresh(registration: Registration) -> Registration:
    rows = Registration.objects.select_for_update(of=("self",), no_key=True).select_related("forum", "user")
    return rows.get(pk=registration.pk)


def _write(registration: Registration, details: Details) -> None:
    registration.name, registration.language = details.name, details.language
    registration.kind, registration.organisation = details.kind, details.organisation
    registration.access_needs = details.access_needs
    # Whatever is written after an erasure is erased too.
    registration.needs_erased_at = None


def _answer(registration: Registration, answers: Mapping[int, str]) -> None:
    registration.answers.all().delete()
    asked = set(registration.forum.questions.values_list("pk", flat=True))
    RegistrationAnswer.objects.bulk_create(
        RegistrationAnswer(registration=registration, question_id=question, text=text)
        for question, text in answers.items()
        if text and question in asked
    )
