"""Paper: printing a round's ballots, and giving one out.

Locks, in order: the round's advisory lock, shared while people vote and held alone after; the roll entry;
the carton; the paper. What is typed after closing is in `forums.paper_typing`.
"""

from __future__ import annotations

import secrets

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from forums.cartons import void_of_registration
from forums.codes import ALPHABET, SERIAL_LENGTH
from forums.locks import hold_round, share_round
from forums.models import PaperBallot, RollEntry, Round, RoundEvent
from forums.reconciliation import reconcile
from forums.rounds import RoundRefused, clock
from forums.voting import NotOnRoll, VoteNotOpen, delete_ballot, is_open


class PrintedMeanwhile(RoundRefused):
    """Papers were printed since this page was shown: a second click, or someone else."""


class NothingToNote(RoundRefused):
    """As many papers were given as came back, or some are not settled yet."""


@transaction.atomic
def print_papers(
    *, round_id: int, count: int, is_large_print: bool = False, seen: int | None = None
) -> list[str]:
    """Makes `count` paper ballots and gives their serials, drawn at random and shuffled.

    `seen` is how many there are for whoever prints. Raises `PrintedMeanwhile` when it is no longer so,
    and `RoundRefused` while the ballot is not drawn, and once the round is closed or annulled.
    """
    share_round(round_id)
    round = Round.objects.select_for_update(no_key=True).get(pk=round_id)
    states = {Round.State.PLANNED, Round.State.OPEN}
    if round.drawn_at is None or round.state_at(clock()) not in states:
        raise RoundRefused
    taken = set(PaperBallot.objects.filter(round=round).values_list("serial", flat=True))
    if seen is not None and seen != len(taken):
        raise PrintedMeanwhile
    drawn: set[str] = set()
    while len(drawn) < count:
        serial = "".join(secrets.choice(ALPHABET) for _ in range(SERIAL_LENGTH))
        if serial not in taken and not serial.isdecimal():
            drawn.add(serial)
    serials = list(drawn)
    secrets.SystemRandom().shuffle(serials)
    PaperBallot.objects.bulk_create(
        PaperBallot(round=round, serial=serial, is_large_print=is_large_print) for serial in serials
    )
    return serials


@transaction.atomic
def issue_paper(*, round_id: int, entry_id: int) -> bool:
    """Gives a paper to someone: their ballot online is deleted, their carton dies, the entry votes on paper.

    Says whether a ballot online was deleted, which the person is told. Again: changes nothing, and
    says False. Raises `VoteNotOpen` or `NotOnRoll`.
    """
    share_round(round_id)
    if not is_open(round_id):
        raise VoteNotOpen
    return _give(round_id, entry_id)


@transaction.atomic
def note_paper(*, round_id: int, entry_id: int, reason: str, by: User) -> None:
    """After closing, says who was given a paper that nobody noted. The reason is public, the person is not.

    Their ballot online is deleted, as when a paper is given. Only while more papers came back than were given: this
    makes room for none that is not in the box already. Again: changes nothing. Raises `NothingToNote`,
    `NotOnRoll`, or `RoundRefused` unless the round is closed and not sealed.
    """
    hold_round(round_id)
    round = Round.objects.select_for_update(no_key=True).get(pk=round_id)
    if round.state_at(clock()) != Round.State.CLOSED:
        raise RoundRefused
    if RollEntry.objects.filter(pk=entry_id, round=round, voided_at=None, is_on_paper=True).exists():
        return
    if not reconcile(round).has_unnoted_papers:
        raise NothingToNote
    _give(round_id, entry_id)
    RoundEvent.objects.create(
        round=round, kind=RoundEvent.Kind.NOTED, at=timezone.now(), reason=reason, by=by
    )


def _give(round_id: int, entry_id: int) -> bool:
    """Puts an entry on paper; says whether a ballot online was deleted. The caller holds the round's lock."""
    entry = (
        RollEntry.objects.select_for_update().filter(pk=entry_id, round_id=round_id, voided_at=None).first()
    )
    if entry is None:
        raise NotOnRoll
    if entry.is_on_paper:
        return False
    had_ballot = delete_ballot(round_id=round_id, entry_id=entry.pk)
    entry.is_on_paper = True
    entry.save(update_fields=["is_on_paper"])
    if entry.registration_id:
        void_of_registration(entry.registration_id)
    return had_ballot
