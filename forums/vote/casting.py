"""Casting, changing and withdrawing ballots while a round is open.

Locks, in order (`forums.vote.locks`): the round's, shared; the voter's, before the entry is read. The state and the
clock are read after the first, so that whoever closes the round finds in the box every ballot that was acknowledged,
and a late one is refused whatever the hour at which it was sent. To cast, a function of the database takes these locks
(`forums/sql/07_ballots.sql`).

The voter key, which ties an entry to its ballot, is derived by the database from its own secret, never read here,
and from the key of the round, which it does not keep (`forums.vote.round_keys`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from forums.models import Question, Round
from forums.tally.box import receipt_hash
from forums.vote.locks import lock_round_shared, lock_voters
from forums.vote.methods.base import BallotFault
from forums.vote.refusals import BallotRefused, VoteSuspended
from forums.vote.round_keys import key_hash_of_round, key_of_round, read_key
from forums.vote.rules import Choices, checked_choices, is_open
from forums.vote.statements import fetch_row, fetch_rows
from pole.caching.in_process import BoundedCache, process_cache


class VoteNotOpen(BallotRefused):
    """The round is not open: too early, too late, annulled."""

    messages = {"not_open": _("The vote is not open: no paper can be given out.")}


class CannotVote(BallotRefused):
    """Nothing says who votes; or what does serves elsewhere, or no longer, or is someone else's."""

    messages = {"nobody": "", "other_forum": "", "slip_void": "", "other_voter": ""}


class NotOnRoll(CannotVote):
    """No such entry in this round, or it was voided."""

    messages = {"not_on_roll": _("This person is not on the roll, or was taken off it.")}


class VotesOnPaper(CannotVote):
    """This person was given a paper ballot."""

    messages = {"on_paper": ""}


class ReceiptNeeded(BallotRefused):
    """There is a ballot already: to change it takes its receipt, or the account."""

    messages = {"receipt_needed": ""}


class StaleBallot(BallotRefused):
    """The idempotency key was already used, for another ballot: a delayed or repeated request."""

    messages = {"stale": ""}


class InvalidChoices(BallotRefused):
    """Not what the questions allow."""


@dataclass(frozen=True, slots=True)
class CastAcknowledgement:
    """What a voter is shown once the ballot is committed."""

    # 16 characters, without separators.
    receipt: str
    # Whether it replaced a former ballot of the same voter.
    is_change: bool


# By their codes, which are the outcomes that the function of the database gives when it refuses.
_REFUSALS = {
    kind().code: kind
    for kind in (VoteNotOpen, VoteSuspended, NotOnRoll, VotesOnPaper, ReceiptNeeded, StaleBallot)
}
# Casting is the one request that a whole assembly makes within a minute: one statement, a transaction by itself.
_CAST_SQL = "SELECT outcome, is_change, receipt FROM forums_cast($1, $2, $3, $4::jsonb, $5, $6, $7)"


def cast_ballot(
    *,
    round: Round,
    entry_id: int,
    choices: Choices,
    idempotency_key: str,
    receipt: str = "",
    has_account: bool = False,
) -> CastAcknowledgement:
    """Stores a ballot, new or instead of the former one, and returns its receipt.

    The same `idempotency_key` with the same choices gives the same receipt again, however often a network
    repeats the request; once the ballot was changed or withdrawn, it raises `StaleBallot`. `receipt` is the
    current one, or `has_account` says that the voter is signed in with the account of the entry: one of them
    is needed to replace a ballot.
    Raises a `BallotRefused`. The receipt may be shown only after the commit, so this must not
    run inside another transaction.
    """
    _require_durable()
    try:
        choices_json = json.dumps(checked_choices(choices, questions_of(round)))
    except BallotFault as fault:
        raise InvalidChoices from fault
    # Without its key the database says why not: the round may be over. What was read before the opening has no hash yet.
    round_key = read_key(round.key_hash or key_hash_of_round(round.pk)) or b""
    outcome, is_change, new_receipt = fetch_row(
        _CAST_SQL,
        [round.pk, round_key, entry_id, choices_json, idempotency_key, receipt_hash(receipt), has_account],
    )
    if outcome != "cast":
        raise _REFUSALS[outcome]
    return CastAcknowledgement(new_receipt, is_change)


def _require_durable() -> None:
    """Refuses to run inside a transaction, as `atomic(durable=True)` does: what is acknowledged is committed."""
    blocks = connection.atomic_blocks
    if blocks and not getattr(blocks[-1], "_from_testcase", False):
        raise RuntimeError("a ballot can't be cast inside another transaction")


def withdraw_ballot(*, round_id: int, entry_id: int, receipt: str = "", has_account: bool = False) -> None:
    """Empties a ballot; the voter may cast another while the round is open. Without one, does nothing."""
    with transaction.atomic(durable=True):
        lock_round_shared(round_id)
        if not is_open(round_id):
            raise VoteNotOpen
        lock_voters(round_id, [entry_id])
        # Not by the ORM: `pg_stat_activity` would show the entry beside the lock of its voter, who may vote again.
        entry = fetch_row(_ENTRY_SQL, [entry_id, round_id])
        if entry is None:
            raise NotOnRoll
        (is_on_paper,) = entry
        if is_on_paper:
            raise VotesOnPaper
        if ballot := _ballot_in_box(round_id, entry_id):
            _require_proof(ballot.receipt_hash, receipt, has_account)
            fetch_row(_WITHDRAW_SQL, _key(round_id, entry_id))


def choices_cast(
    *, round_id: int, entry_id: int, receipt: str = "", has_account: bool = False
) -> dict[str, list[Any]] | None:
    """The choices of the voter's own ballot, as `Ballot.choices` has them, to change it; None when there is none.

    Raises `ReceiptNeeded`, since a code alone never shows a ballot, and `VoteSuspended`.
    """
    ballot = _ballot_in_box(round_id, entry_id)
    if not ballot:
        return None
    _require_proof(ballot.receipt_hash, receipt, has_account)
    return ballot.choices


def delete_ballot(*, round_id: int, entry_id: int) -> bool:
    """Deletes the ballot of an entry that goes on paper or off the roll; returns whether one was in the box.

    For `forums.vote.roll` and `forums.vote.paper_issue`, which hold the locks of this module.
    """
    # A savepoint has a transaction number of its own: when all is rolled back, the ballot keeps that one, which is not
    # on the entry.
    with transaction.atomic():
        deleted = fetch_row(_DELETE_SQL, _key(round_id, entry_id))
    return deleted is not None and not deleted[0]


def has_ballot(*, round_id: int, entry_id: int) -> bool:
    """Whether an entry has a ballot in the box now. Raises `VoteSuspended`."""
    return _ballot_in_box(round_id, entry_id) is not None


@dataclass(frozen=True, slots=True)
class _KeptBallot:
    choices: dict[str, list[Any]]
    receipt_hash: str


_READ_SQL = (
    "SELECT choices::text, receipt_hash FROM forums_ballot"
    " WHERE id = forums_find_ballot($1, $2, $3) AND NOT is_withdrawn"
)
_ENTRY_SQL = "SELECT is_on_paper FROM forums_rollentry WHERE id = $1 AND round_id = $2 AND voided_at IS NULL"
_WITHDRAW_SQL = (
    "UPDATE forums_ballot SET choices = '{}', is_withdrawn = true, receipt_hash = ''"
    " WHERE id = forums_find_ballot($1, $2, $3) RETURNING id"
)
_DELETE_SQL = "DELETE FROM forums_ballot WHERE id = forums_find_ballot($1, $2, $3) RETURNING is_withdrawn"


def _key(round_id: int, entry_id: int) -> list[object]:
    return [round_id, key_of_round(round_id), entry_id]


def _ballot_in_box(round_id: int, entry_id: int) -> _KeptBallot | None:
    """The ballot of an entry, when it has one in the box; None once the secret is destroyed."""
    if not (row := fetch_row(_READ_SQL, _key(round_id, entry_id))):
        return None
    choices, kept_hash = row
    return _KeptBallot(json.loads(choices), kept_hash)


def online_voter_ids(round_id: int) -> set[int]:
    """The ids of the entries that have a ballot online. For counts alone: never shown by person. Raises `VoteSuspended`."""
    # Materialized, so that each key is derived once: the planner has no statistics yet of ballots just cast.
    statement = (
        "WITH keys AS MATERIALIZED ("
        " SELECT entry.id, round_id, forums_voter_key(secret, %s, entry.id) AS voter_key"
        " FROM forums_roundsecret secret JOIN forums_rollentry entry USING (round_id) WHERE round_id = %s"
        ") SELECT keys.id FROM keys JOIN forums_ballot USING (round_id, voter_key) WHERE NOT is_withdrawn"
    )
    return {entry_id for (entry_id,) in fetch_rows(statement, [key_of_round(round_id), round_id])}


def turnout(round_id: int) -> tuple[int, int]:
    """(how many voted, online or by taking a paper; how many are on the roll). One query.

    Whoever was taken off the roll with a paper in hand counts in both: the paper may be in the box.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM forums_ballot WHERE round_id = %(round)s AND NOT is_withdrawn)"
            " + count(*) FILTER (WHERE is_on_paper), count(*)"
            " FROM forums_rollentry WHERE round_id = %(round)s AND (voided_at IS NULL OR is_on_paper)",
            {"round": round_id},
        )
        voted, entries = cursor.fetchone()
    return voted, entries


# Questions and options never change once a round is open, so each process reads them once.
_questions: BoundedCache[tuple[int, datetime], tuple[Question, ...]] = process_cache(limit=20)


def questions_of(round: Round) -> tuple[Question, ...]:
    """The questions of a round with their options; cached in the process for a round that was opened."""
    if round.opened_at is None:
        return _read_questions(round)
    return _questions.get_or_make((round.pk, round.opened_at), lambda: _read_questions(round))


def _read_questions(round: Round) -> tuple[Question, ...]:
    rows = Question.objects.filter(round=round).order_by("position")
    return tuple(rows.select_related("track").prefetch_related("options"))


def _require_proof(stored_hash: str, receipt: str, has_account: bool) -> None:
    is_shown = receipt and constant_time_compare(receipt_hash(receipt), stored_hash)
    if not (has_account or is_shown):
        raise ReceiptNeeded
