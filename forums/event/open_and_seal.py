"""Where a vote touches the rest of its forum: opening a round mails people; sealing it drafts the results, and mails
the seal."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from forums.mail import notices
from forums.models import Round, SealedBox
from forums.results.drafts import draft_results
from forums.tally.outcome import from_json
from forums.vote.locks import lock_round_exclusive
from forums.vote.reconciliation import Reconciliation
from forums.vote.rounds import close_round, open_round
from forums.vote.sealing import seal_round

# With fewer, what is sealed is not worth a mail to everyone: the page tells the turnout alone.
MIN_BALLOTS_TO_MAIL_SEAL = 3


@transaction.atomic
def open_vote(*, round_id: int, by: User | None) -> Round:
    """Opens a round and announces it. Raises and locks as `open_round` does."""
    round = open_round(round_id=round_id, by=by)
    notices.announce_vote(round)
    return round


def close_vote(*, round_id: int, by: User | None) -> SealedBox | None:
    """Closes a round and, without any paper and no part of tellers to come, seals it. Raises as `close_round` and
    `seal_vote` do.

    Two transactions: a round that can't be sealed is closed all the same.
    """
    closed = close_round(round_id=round_id, by=by)
    if not closed.awaits_tellers and Round.objects.filter(pk=round_id).without_paper().exists():
        return seal_vote(round_id=round_id, by=by)
    return None


@transaction.atomic
def seal_vote(*, round_id: int, by: User | None, at: datetime | None = None) -> SealedBox:
    """Seals a round and drafts the results of its forum, unless it is a trial. Again: gives the same box. `at`: as for
    `open_round`.

    Raises as `seal_round` does. Locks: those of `seal_round`, then those of `draft_results`.
    """
    lock_round_exclusive(round_id)
    sealed = SealedBox.objects.filter(round=round_id).first()
    if sealed is None:
        sealed = seal_round(round_id=round_id, by=by, at=at)
        if not sealed.round.is_trial:
            if Reconciliation.from_json(sealed.reconciliation).ballots >= MIN_BALLOTS_TO_MAIL_SEAL:
                notices.announce_seal(sealed.round)
            draft_results(round=sealed.round, outcome=from_json(sealed.outcome))
    return sealed
