"""Casting, changing and withdrawing ballots while a round is open.

Locks, in order: the round's advisory lock, shared (`forums.vote.locks`); the voter's roll entry
(FOR UPDATE), which also stands for the ballot. The state and the clock are read after the first,
so that whoever closes the round finds in the box every ballot that was acknowledged, and a late one
is refused whatever the hour at which it was sent. To cast, a function of the database takes these locks
(`forums/sql/07_ballots.sql`).

The voter key, which ties an entry to its ballot, is derived from the round's secret by the database:
the secret is never read here, and a key only as a column of its ballot.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from forums.models import Ballot, Question, RollEntry, Round
from forums.tally.box import receipt_hash
from forums.vote.locks import lock_round_shared
from forums.vote.methods.base import BallotFault
from forums.vote.rules import Choices, checked_choices, is_open
from pole.caching.in_process import BoundedCache, process_cache
from pole.refusals import Refusal


class BallotRefused(Refusal):
    """Voters read why in templates/forums/vote/no.html, by the code; the team, the sentence."""

    messages = {"ballot_refused": ""}


class VoteNotOpen(BallotRefused):
    """The round is not open: too early, too late, annulled."""

    messages = {"not_open": _("The vote is not open: no paper can be given out.")}


class CannotVote(BallotRefused):
    """Nothing says who votes; or what does serves elsewhere, or no longer."""

    messages = {"nobody": "", "other_forum": "", "slip_void": ""}


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
_REFUSALS = {kind().code: kind for kind in (VoteNotOpen, NotOnRoll, VotesOnPaper, ReceiptNeeded, StaleBallot)}
# Casting is the one request that a whole assembly makes within a minute: one statement, a transaction by itself.
_CAST_SQL = "SELECT outcome, is_change, receipt FROM forums_cast(%s, %s, %s::jsonb, %s, %s, %s)"


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
    outcome, is_change, new_receipt = _fetch_row_with_server_side_parameters(
        _CAST_SQL, [round.pk, entry_id, choices_json, idempotency_key, receipt_hash(receipt), has_account]
    )
    if outcome != "cast":
        raise _REFUSALS[outcome]
    return CastAcknowledgement(new_receipt, is_change)


def _require_durable() -> None:
    """Refuses to run inside a transaction, as `atomic(durable=True)` does: what is acknowledged is committed."""
    blocks = connection.atomic_blocks
    if blocks and not getattr(blocks[-1], "_from_testcase", False):
        raise RuntimeError("a ballot can't be cast inside another transaction")


def _fetch_row_with_server_side_parameters(statement: str, values: Sequence[object]) -> Any:
    """The row that a statement returns, its values sent as server-side bind parameters.

    Django binds on the client: it would write them into the text of the statement, which PostgreSQL shows in
    `pg_stat_activity` and logs when it fails. A person and their choices would be there side by side.
    """
    # As Django's own cursor does, for a connection that was lost since its last use.
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(statement, values).fetchone()


def withdraw_ballot(*, round_id: int, entry_id: int, receipt: str = "", has_account: bool = False) -> None:
    """Empties a ballot; the voter may cast another while the round is open. Without one, does nothing."""
    with transaction.atomic(durable=True):
        lock_round_shared(round_id)
        if not is_open(round_id):
            raise VoteNotOpen
        entries = RollEntry.objects.select_for_update(of=("self",))
        entry = entries.filter(pk=entry_id, round=round_id, voided_at=None).first()
        if entry is None:
            raise NotOnRoll
        if entry.is_on_paper:
            raise VotesOnPaper
        if ballot := _ballots_in_box(round_id, entry_id).first():
            _require_proof(ballot.receipt_hash, receipt, has_account)
            ballot.choices, ballot.is_withdrawn, ballot.receipt_hash = {}, True, ""
            ballot.save(update_fields=["choices", "is_withdrawn", "receipt_hash"])


def choices_cast(
    *, round_id: int, entry_id: int, receipt: str = "", has_account: bool = False
) -> dict[str, list[Any]] | None:
    """The choices of the voter's own ballot, as `Ballot.choices` has them, to change it; None when there is none.

    Raises `ReceiptNeeded`: a code alone never shows a ballot.
    """
    ballot = _ballots_in_box(round_id, entry_id).first()
    if not ballot:
        return None
    _require_proof(ballot.receipt_hash, receipt, has_account)
    return ballot.choices


def delete_ballot(*, round_id: int, entry_id: int) -> bool:
    """Deletes the ballot of an entry that goes on paper or off the roll; returns whether one was in the box.

    For `forums.vote.roll` and `forums.vote.paper_issue`, which hold the locks of this module.
    """
    was_cast = has_ballot(round_id=round_id, entry_id=entry_id)
    _ballot_rows(round_id, entry_id).delete()
    return was_cast


def has_ballot(*, round_id: int, entry_id: int) -> bool:
    """Whether an entry has a ballot in the box now."""
    return _ballots_in_box(round_id, entry_id).exists()


def _ballots_in_box(round_id: int, entry_id: int) -> QuerySet[Ballot]:
    """The ballot of an entry, when it has one in the box."""
    return _ballot_rows(round_id, entry_id).filter(is_withdrawn=False)


def _ballot_rows(round_id: int, entry_id: int) -> QuerySet[Ballot]:
    """The ballot of an entry, withdrawn or not; nothing once the secret is destroyed."""
    key = RawSQL(
        "(SELECT forums_voter_key(secret, %s) FROM forums_roundsecret secret WHERE round_id = %s)",
        [entry_id, round_id],
    )
    return Ballot.objects.filter(round_id=round_id, voter_key=key)


def online_voter_ids(round_id: int) -> set[int]:
    """The ids of the entries that have a ballot online. For counts alone: never shown by person."""
    with connection.cursor() as cursor:
        # Materialized, so that each key is derived once: the planner has no statistics yet of ballots just cast.
        cursor.execute(
            "WITH keys AS MATERIALIZED ("
            " SELECT entry.id, round_id, forums_voter_key(secret, entry.id) AS voter_key"
            " FROM forums_roundsecret secret JOIN forums_rollentry entry USING (round_id) WHERE round_id = %s"
            ") SELECT keys.id FROM keys JOIN forums_ballot USING (round_id, voter_key) WHERE NOT is_withdrawn",
            [round_id],
        )
        return {entry_id for (entry_id,) in cursor.fetchall()}


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
