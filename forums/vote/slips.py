"""Cartons: printed ahead, activated for someone at the door, voided when lost.

Locks, in order: the registration row (one activation a person at a time); the carton row. Printing
takes the forum row, so that two batches never share a number. Casting takes none of them: it finds
the entry of a code, then works under `forums.vote.casting`.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from forums.models import Carton, Forum, Registration, RollEntry, Round
from forums.vote.codes import hashed, new_code, parsed

SPARE = 0.2


class CartonRefused(Exception):
    """This carton can't be activated."""


class CartonTaken(CartonRefused):
    """It is active for someone else."""


class CartonVoid(CartonRefused):
    """It was voided."""


class CartonUnknown(CartonRefused):
    """No carton of this forum has this code or number."""


class PrintedMeanwhile(Exception):
    """A batch was printed since this page was shown: a second click, or someone else."""

    def __init__(self, last: int) -> None:
        super().__init__()
        # The highest number now in use.
        self.last = last


def with_spares(people: int) -> int:
    """How many cartons to print for so many people: 20 % more, and never fewer than 5 more."""
    return people + max(5, math.ceil(people * SPARE))


@transaction.atomic
def print_cartons(*, forum: Forum, count: int, seen: int | None = None) -> list[tuple[int, str]]:
    """Makes `count` new cartons and gives (number, code) of each: the codes exist nowhere else.

    `seen` is the highest number that whoever prints knows of; raises `PrintedMeanwhile` when it is
    no longer so. Cartons of one batch have the same `printed_at`.
    """
    Forum.objects.select_for_update(no_key=True).get(pk=forum.pk)
    last = Carton.objects.filter(forum=forum).aggregate(last=Max("number"))["last"] or 0
    if seen is not None and seen != last:
        raise PrintedMeanwhile(last)
    now = timezone.now()
    drawn = {new_code() for _ in range(count)}
    while len(drawn) < count:
        drawn.add(new_code())
    made = list(enumerate(drawn, start=last + 1))
    Carton.objects.bulk_create(
        Carton(forum=forum, number=number, code_hash=hashed(code), printed_at=now) for number, code in made
    )
    return made


def find_carton(*, forum_id: int, written: str) -> Carton:
    """The carton that someone scanned (a code or its address) or whose number they typed.

    Raises `CartonUnknown` and `forums.vote.codes.CodeMistyped`.
    """
    last = written.strip().rstrip("/").rsplit("/", 1)[-1]
    rows = Carton.objects.filter(forum_id=forum_id)
    is_number = last.isdecimal() and len(last) <= 6
    found = rows.filter(number=int(last)) if is_number else rows.filter(code_hash=hashed(parsed(last)))
    carton = found.first()
    if carton is None:
        raise CartonUnknown
    return carton


@transaction.atomic
def activate(*, carton: Carton, registration: Registration) -> Carton:
    """Ties a carton to a person of the same forum; theirs of before, if any, is voided as lost.

    Again with the same carton: changes nothing. Raises a `CartonRefused`.
    """
    if carton.forum_id != registration.forum_id:
        raise CartonUnknown
    Registration.objects.select_for_update(no_key=True).get(pk=registration.pk)
    row = Carton.objects.select_for_update().get(pk=carton.pk)
    if row.voided_at:
        raise CartonVoid
    if row.registration_id == registration.pk:
        return row
    if row.registration_id is not None:
        raise CartonTaken
    _void_active(registration.pk, Carton.Void.LOST)
    row.registration, row.activated_at = registration, timezone.now()
    row.save(update_fields=["registration", "activated_at"])
    return row


@transaction.atomic
def void(*, carton: Carton, because: Carton.Void) -> None:
    """Makes a carton useless, but for `revive`. Again: keeps the first reason."""
    row = Carton.objects.select_for_update().get(pk=carton.pk)
    if row.voided_at is None:
        row.voided_at, row.voided_because = timezone.now(), because
        row.save(update_fields=["voided_at", "voided_because"])


def void_unused(*, forum_id: int, printed_at: datetime) -> int:
    """Makes useless what nobody was given of one batch, for sheets lost or never printed; says how many."""
    unused = Carton.objects.filter(
        forum_id=forum_id, printed_at=printed_at, activated_at=None, voided_at=None
    )
    return unused.update(voided_at=timezone.now(), voided_because=Carton.Void.UNUSED)


def revive(round: Round) -> None:
    """Makes good again the cartons that papers of a round killed, when it counts for nothing: annulled, or a trial.

    For `forums.vote.rounds` and `forums.vote.sealing`, under the lock of the round and before its roll is emptied.
    """
    papers = RollEntry.objects.filter(round=round, is_on_paper=True).values("registration_id")
    people = Registration.objects.select_for_update(no_key=True).filter(pk__in=papers).order_by("pk")
    killed = Carton.objects.filter(
        registration__in=list(people),
        voided_because=Carton.Void.PAPER,
        voided_at__range=(round.opened_at, round.closed_at or timezone.now()),
    )
    has_another = Carton.objects.filter(registration=OuterRef("registration"), voided_at=None)
    killed.exclude(Exists(has_another)).update(voided_at=None, voided_because="")


def void_of_registration(registration_id: int) -> None:
    """Kills the carton of someone who takes a paper. For `forums.vote.paper_issue`, inside its transaction."""
    _void_active(registration_id, Carton.Void.PAPER)


def pass_on(*, to: Registration, others: Collection[Registration]) -> None:
    """Gives someone who registered more than once the carton of their other registrations, unless they have one.

    Whatever else they had is voided as lost. The caller holds the registrations.
    """
    active = Carton.objects.select_for_update().filter(voided_at=None)
    has_one = active.filter(registration=to).exists()
    for row in active.filter(registration__in=others).order_by("pk"):
        if has_one:
            void(carton=row, because=Carton.Void.LOST)
        else:
            row.registration, has_one = to, True
            row.save(update_fields=["registration"])


def _void_active(registration_id: int, because: Carton.Void) -> None:
    Carton.objects.filter(registration_id=registration_id, voided_at=None).update(
        voided_at=timezone.now(), voided_because=because
    )
