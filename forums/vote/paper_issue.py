"""Paper ballots: printing those of a round, and giving one out.

Locks, in order: the round's advisory lock, shared while people vote and exclusive after; the voter's; the slip;
the paper. What is typed after closing is in `forums.vote.paper_entry`.
"""

from __future__ import annotations

import secrets

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from forums.models import PaperBallot, PaperTyping, RollEntry, Round, RoundEvent
from forums.vote.casting import NotOnRoll, VoteNotOpen, delete_ballot
from forums.vote.codes import ALPHABET, SERIAL_LENGTH
from forums.vote.locks import lock_round_exclusive, lock_round_shared, lock_voters
from forums.vote.log import log_event
from forums.vote.reconciliation import reconcile
from forums.vote.rounds import RoundRefused, database_now
from forums.vote.rules import is_open
from forums.vote.slips import void_slip_for_paper


class PapersPrintedMeanwhile(RoundRefused):
    messages = {
        "papers_printed": _(
            "Papers were printed a moment ago, by a second click or by a colleague: nothing was printed again."
            " If you do not have the file, print as many anew; papers that nobody was given count for nothing."
        )
    }


class NothingToNote(RoundRefused):
    messages = {
        "nothing_to_note": _(
            "There is nothing to note for now: no paper too many came back, some are not settled yet, or as many were"
            " noted late as may be, one for ten given out."
        )
    }


class NotedByTypist(RoundRefused):
    """Whoever typed papers knows what they say, and may not say whose one more of them is."""

    messages = {
        "noted_by_typist": _(
            "You typed papers of this vote: for this one, someone else of the team must say who was given it."
        )
    }


@transaction.atomic
def print_papers(
    *, round_id: int, count: int, is_large_print: bool = False, seen_count: int | None = None
) -> list[str]:
    """Creates `count` paper ballots and returns their serials, drawn at random and shuffled.

    `seen_count` is how many the page showed. Raises `PapersPrintedMeanwhile` when it has changed (optimistic
    concurrency), and `RoundRefused` while the ballot is not drawn, and once the round is closed or annulled.
    """
    lock_round_shared(round_id)
    round = Round.objects.select_for_update(no_key=True).get(pk=round_id)
    states = {Round.State.PLANNED, Round.State.OPEN}
    if round.drawn_at is None or round.state_at(database_now()) not in states:
        raise RoundRefused
    taken = set(PaperBallot.objects.filter(round=round).values_list("serial", flat=True))
    if seen_count is not None and seen_count != len(taken):
        raise PapersPrintedMeanwhile
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
    """Gives a paper to someone: their online ballot is deleted, their slip is voided, the entry votes on paper.

    Returns whether an online ballot was deleted, which the person is told. Again: changes nothing, and
    returns False. Raises `VoteNotOpen` or `NotOnRoll`.
    """
    lock_round_shared(round_id)
    if not is_open(round_id):
        raise VoteNotOpen
    entry = _lock_entry(round_id, entry_id)
    if entry.is_on_paper:
        return False
    had_ballot = _switch_to_paper(entry)
    if entry.registration_id:
        void_slip_for_paper(entry.registration_id)
    return had_ballot


@transaction.atomic
def note_paper_late(*, round_id: int, entry_id: int, reason: str, by: User) -> bool:
    """After closing, records who was given a paper that nobody noted. The reason is public, the person is not.

    Their online ballot is deleted, as when a paper is given; their slip serves for another round. Returns False,
    and changes nothing, for someone who votes on paper already. Raises `NothingToNote`, `NotedByTypist`,
    `NotOnRoll`, or `RoundRefused` unless the round is closed and not sealed.
    """
    lock_round_exclusive(round_id)
    round = Round.objects.select_for_update(no_key=True).get(pk=round_id)
    if round.state_at(database_now()) != Round.State.CLOSED:
        raise RoundRefused
    entry = _lock_entry(round_id, entry_id)
    if entry.is_on_paper:
        return False
    if PaperTyping.objects.filter(paper__round=round, typist=f"user:{by.pk}").exists():
        raise NotedByTypist
    if not reconcile(round).can_note_paper:
        raise NothingToNote
    _switch_to_paper(entry)
    log_event(round.pk, RoundEvent.Kind.NOTED, timezone.now(), by, reason=reason)
    return True


def _lock_entry(round_id: int, entry_id: int) -> RollEntry:
    lock_voters(round_id, [entry_id])
    entry: RollEntry | None = RollEntry.objects.filter(pk=entry_id, round_id=round_id, voided_at=None).first()
    if entry is None:
        raise NotOnRoll
    return entry


def _switch_to_paper(entry: RollEntry) -> bool:
    """Returns whether an online ballot was deleted. The caller holds the round's lock and the entry's."""
    had_ballot = delete_ballot(round_id=entry.round_id, entry_id=entry.pk)
    entry.is_on_paper = True
    entry.save(update_fields=["is_on_paper"])
    return had_ballot
