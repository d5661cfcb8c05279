"""Slips: printed ahead, activated for someone at the door, voided when lost.

Locks, in order: the registration row (one activation a person at a time); the slip row. Printing
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
from django.utils.translation import gettext_lazy as _

from forums.models import Forum, Registration, RollEntry, Round, Slip
from forums.vote.codes import hash_code, new_code, parse_code
from pole.refusals import Refusal

SPARE_SHARE = 0.2


class SlipTaken(Refusal):
    messages = {"slip_taken": _("This slip was given to someone else: %(name)s. Take another one.")}


class SlipHeld(Refusal):
    """The person holds another slip, of which whoever stands at the door did not know. `values` has their `key`."""

    messages = {
        "slip_held": _(
            "%(name)s holds slip %(number)d already. If it is lost, replace it on this person’s page: it will"
            " no longer be good."
        )
    }


class SlipVoided(Refusal):
    messages = {"slip_voided": _("This slip was made useless. Take another one.")}


class SlipUnknown(Refusal):
    messages = {"slip_unknown": _("No slip of this forum has this number or this code. Read it again.")}


class SlipsPrintedMeanwhile(Refusal):
    messages = {
        "slips_printed": _(
            "A batch was printed a moment ago, by a second click or by a colleague: nothing was printed again."
            " If nobody has its file, make that batch useless below, then print another."
        )
    }


def slips_to_print(people: int) -> int:
    """How many slips to print for so many people: 20 % more, and never fewer than 5 more."""
    return people + max(5, math.ceil(people * SPARE_SHARE))


@transaction.atomic
def create_slips(*, forum: Forum, count: int, seen_last_number: int | None = None) -> list[tuple[int, str]]:
    """Creates `count` slips and returns (number, code) of each: the codes exist nowhere else.

    `seen_last_number` is the highest number that the page showed: raises `SlipsPrintedMeanwhile` when it has
    changed (optimistic concurrency). Slips of one batch have the same `printed_at`.
    """
    Forum.objects.select_for_update(no_key=True).get(pk=forum.pk)
    last = Slip.objects.filter(forum=forum).aggregate(last=Max("number"))["last"] or 0
    if seen_last_number is not None and seen_last_number != last:
        raise SlipsPrintedMeanwhile
    now = timezone.now()
    drawn = {new_code() for _ in range(count)}
    while len(drawn) < count:
        drawn.add(new_code())
    made = list(enumerate(drawn, start=last + 1))
    Slip.objects.bulk_create(
        Slip(forum=forum, number=number, code_hash=hash_code(code), printed_at=now) for number, code in made
    )
    return made


def find_slip(*, forum_id: int, written: str) -> Slip:
    """The slip that someone scanned (a code or its address) or whose number they typed.

    Raises `SlipUnknown` and `forums.vote.codes.CodeMistyped`.
    """
    last = written.strip().rstrip("/").rsplit("/", 1)[-1]
    rows = Slip.objects.filter(forum_id=forum_id)
    is_number = last.isdecimal() and len(last) <= 6
    found = rows.filter(number=int(last)) if is_number else rows.filter(code_hash=hash_code(parse_code(last)))
    slip = found.first()
    if slip is None:
        raise SlipUnknown
    return slip


@transaction.atomic
def activate_slip(*, slip: Slip, registration: Registration, replaces: int | None = None) -> Slip:
    """Ties a slip to a person of the same forum.

    `replaces` is the number of the slip that the page showed them to hold: it is voided as lost. Again with
    the same slip: changes nothing. Raises `SlipUnknown`, `SlipVoided`, `SlipTaken`, and `SlipHeld` for someone
    who holds any other slip.
    """
    if slip.forum_id != registration.forum_id:
        raise SlipUnknown
    Registration.objects.select_for_update(no_key=True).get(pk=registration.pk)
    row = Slip.objects.select_for_update().get(pk=slip.pk)
    if row.voided_at:
        raise SlipVoided
    if row.registration_id == registration.pk:
        return row
    if row.registration is not None:
        raise SlipTaken("slip_taken", name=row.registration.name)
    held = Slip.objects.filter(registration=registration, voided_at=None).first()
    if held is not None and held.number != replaces:
        raise SlipHeld("slip_held", name=registration.name, number=held.number, key=registration.key)
    _void_active(registration.pk, Slip.Void.LOST)
    row.registration, row.activated_at = registration, timezone.now()
    row.save(update_fields=["registration", "activated_at"])
    return row


@transaction.atomic
def void_slip(*, slip: Slip, because: Slip.Void) -> None:
    """Makes a slip useless, unless `reactivate_slips` restores it. Again: the first reason stays."""
    row = Slip.objects.select_for_update().get(pk=slip.pk)
    if row.voided_at is None:
        row.voided_at, row.voided_because = timezone.now(), because
        row.save(update_fields=["voided_at", "voided_because"])


def void_unused(*, forum_id: int, printed_at: datetime) -> int:
    """Voids the slips of one batch that nobody was given, when sheets were lost or never printed; returns how many."""
    unused = Slip.objects.filter(forum_id=forum_id, printed_at=printed_at, activated_at=None, voided_at=None)
    return unused.update(voided_at=timezone.now(), voided_because=Slip.Void.UNUSED)


def reactivate_slips(round: Round) -> None:
    """Restores the slips that were voided for papers of a round that counts for nothing: annulled, or a trial.

    For `forums.vote.rounds` and `forums.vote.sealing`, under the lock of the round and before its roll is emptied.
    """
    papers = RollEntry.objects.filter(round=round, is_on_paper=True).values("registration_id")
    people = Registration.objects.select_for_update(no_key=True).filter(pk__in=papers).order_by("pk")
    killed = Slip.objects.filter(
        registration__in=list(people),
        voided_because=Slip.Void.PAPER,
        voided_at__range=(round.opened_at, round.closed_at or timezone.now()),
    )
    has_another = Slip.objects.filter(registration=OuterRef("registration"), voided_at=None)
    killed.exclude(Exists(has_another)).update(voided_at=None, voided_because="")


def void_slip_for_paper(registration_id: int) -> None:
    """Voids the slip of someone who takes a paper. For `forums.vote.paper_issue`, inside its transaction."""
    _void_active(registration_id, Slip.Void.PAPER)


def transfer_slip(*, to: Registration, others: Collection[Registration]) -> None:
    """Gives the registration `to` the slip of the other registrations of the same person, unless it has one.

    Their other slips are voided as lost. The caller has locked the registrations.
    """
    active = Slip.objects.select_for_update().filter(voided_at=None)
    has_one = active.filter(registration=to).exists()
    for row in active.filter(registration__in=others).order_by("pk"):
        if has_one:
            void_slip(slip=row, because=Slip.Void.LOST)
        else:
            row.registration, has_one = to, True
            row.save(update_fields=["registration"])


def _void_active(registration_id: int, because: Slip.Void) -> None:
    Slip.objects.filter(registration_id=registration_id, voided_at=None).update(
        voided_at=timezone.now(), voided_because=because
    )
