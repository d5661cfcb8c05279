"""Paper: printing a round's ballots, giving one out, and what is typed of those that came back.

Locks, in order: the round's advisory lock, shared while people vote; the roll entry; the carton; the
paper. What is typed after closing is in `forums.paper_typing`.
"""

from __future__ import annotations

import secrets

from django.db import transaction

from forums.cartons import void_of_registration
from forums.codes import ALPHABET, SERIAL_LENGTH
from forums.locks import share_round
from forums.models import PaperBallot, RollEntry, Round
from forums.rounds import RoundRefused, clock
from forums.voting import NotOnRoll, VoteNotOpen, delete_ballot, is_open


class PrintedMeanwhile(RoundRefused):
    """Papers were printed since this page was shown: a second click, or someone else."""


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
