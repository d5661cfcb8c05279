"""Every write to ballots while a round is open.

Locks, in order: the round's advisory lock, shared (`forums.locks`); the voter's roll entry
(FOR UPDATE), which also stands for the ballot. The state and the clock are read after the first,
so that whoever closes the round has them all, and a late ballot is refused whatever the hour at
which it was sent.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.crypto import constant_time_compare

from forums.codes import receipt_of
from forums.locks import SHARE_ROUND
from forums.models import Ballot, Question, Round
from forums.tally.box import receipt_hash

# By position of the question: sorted option numbers, or sorted pairs (number, points). Empty is blank.
type Choices = Mapping[int, list[Any]]


class BallotRefused(Exception):
    """Nothing was changed."""


class VoteNotOpen(BallotRefused):
    """The round is not open: too early, too late, annulled."""


class NotOnRoll(BallotRefused):
    """No such entry in this round, or it was voided."""


class VotesOnPaper(BallotRefused):
    """This person was given a paper ballot."""


class ReceiptNeeded(BallotRefused):
    """There is a ballot already: to change it takes its receipt, or the account."""


class StaleBallot(BallotRefused):
    """A delayed or repeated request: this form was already used for another ballot."""


class InvalidChoices(BallotRefused):
    """Not what the questions allow."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What a voter is told once the ballot is safely kept."""

    # 16 characters; empty when the ballot was withdrawn.
    receipt: str
    # Whether it replaced a former ballot of the same voter.
    is_change: bool


@dataclass(frozen=True, slots=True)
class _Booth:
    """What a cast works under, read once its locks are held."""

    secret: bytes
    questions: tuple[Question, ...]
    voter_key: bytes


@dataclass(frozen=True, slots=True)
class _Kept:
    """A voter's row in the box, withdrawn or not."""

    choices: dict[str, list[Any]]
    is_withdrawn: bool
    receipt_hash: str
    used_keys: list[str]


def cast_ballot(
    *, round_id: int, entry_id: int, choices: Choices, key: str, receipt: str = "", has_account: bool = False
) -> Acknowledged:
    """Keeps a ballot, new or instead of the former one, and gives its receipt.

    `key` names the attempt: the same one with the same choices gives the same receipt again, however
    often a network repeats it. `receipt` is the current one, or `has_account` says that the voter
    is signed in with the account of the entry: one of them is needed to replace a ballot.
    Raises a `BallotRefused`. The receipt is for showing after the commit only, so this must not
    run inside another transaction.
    """
    with transaction.atomic(durable=True):
        booth = _enter(round_id, entry_id)
        kept = checked(choices, booth.questions)
        key_hash = hashlib.sha256(key.encode()).hexdigest()
        new_receipt = _receipt(booth.secret, booth.voter_key, key)
        wanted = _Kept(kept, False, receipt_hash(new_receipt), [key_hash])
        # Most people vote once: what they had cast before is read only when there is something to read.
        if _write(_INSERT, round_id, booth, wanted):
            return Acknowledged(new_receipt, is_change=False)
        former = _former(round_id, booth)
        if former is None:
            raise RuntimeError("a ballot was written without the lock of its roll entry")
        if key_hash in former.used_keys:
            is_same = key_hash == former.used_keys[-1] and not former.is_withdrawn and former.choices == kept
            if not is_same:
                raise StaleBallot
            return Acknowledged(new_receipt, is_change=len(former.used_keys) > 1)
        is_change = not former.is_withdrawn
        if is_change:
            _prove(former.receipt_hash, receipt, has_account)
        if not _write(_UPDATE, round_id, booth, replace(wanted, used_keys=[*former.used_keys, key_hash])):
            raise RuntimeError("a ballot went away under the lock of its roll entry")
    return Acknowledged(new_receipt, is_change)


def withdraw_ballot(*, round_id: int, entry_id: int, receipt: str = "", has_account: bool = False) -> None:
    """Empties a ballot; the voter may cast another while the round is open. Without one, does nothing."""
    with transaction.atomic(durable=True):
        booth = _enter(round_id, entry_id)
        former = _former(round_id, booth)
        if former is None or former.is_withdrawn:
            return
        _prove(former.receipt_hash, receipt, has_account)
        _write(_UPDATE, round_id, booth, _Kept({}, True, "", former.used_keys))


def ballot_of(
    *, round_id: int, entry_id: int, receipt: str = "", has_account: bool = False
) -> dict[str, list[Any]] | None:
    """What the voter's own ballot says, to change it; None when there is none.

    Raises `ReceiptNeeded`: a code alone never shows a ballot.
    """
    secret = _secret(round_id)
    ballot = (
        secret
        and Ballot.objects.filter(
            round_id=round_id, voter_key=_voter_key(secret, entry_id), is_withdrawn=False
        ).first()
    )
    if not ballot:
        return None
    _prove(ballot.receipt_hash, receipt, has_account)
    return ballot.choices


def delete_ballot(*, round_id: int, entry_id: int) -> bool:
    """Deletes the ballot of an entry that goes on paper or off the roll; says whether one was in the box.

    For `forums.roll` and `forums.paper`, which hold the locks of this module.
    """
    secret = _secret(round_id)
    if secret is None:
        return False
    rows = Ballot.objects.filter(round_id=round_id, voter_key=_voter_key(secret, entry_id))
    was_cast = rows.filter(is_withdrawn=False).exists()
    rows.delete()
    return was_cast


def has_ballot(*, round_id: int, entry_id: int) -> bool:
    """Whether an entry has a ballot in the box now."""
    secret = _secret(round_id)
    return bool(
        secret
        and Ballot.objects.filter(
            round_id=round_id, voter_key=_voter_key(secret, entry_id), is_withdrawn=False
        ).exists()
    )


def voters_among(*, round_id: int, entry_ids: list[int]) -> set[int]:
    """Those of the entries that have a ballot online. For counts alone: never shown by person."""
    secret = _secret(round_id)
    if secret is None:
        return set()
    cast = Ballot.objects.filter(round_id=round_id, is_withdrawn=False)
    keys = {bytes(key) for key in cast.values_list("voter_key", flat=True)}
    return {entry_id for entry_id in entry_ids if _voter_key(secret, entry_id) in keys}


def turnout(round_id: int) -> tuple[int, int]:
    """How many voted, online or by taking a paper, and how many are on the roll. One query.

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


def checked(choices: Choices, questions: tuple[Question, ...]) -> dict[str, list[Any]]:
    """The choices in the form that is kept, every question present. Raises `InvalidChoices`.

    Questions come with their options prefetched.
    """
    if set(choices) - {question.position for question in questions}:
        raise InvalidChoices
    kept = {}
    for question in questions:
        numbers = {option.number for option in question.options.all()}
        chosen = sorted(choices.get(question.position, []))
        if question.method == Question.Method.POINTS:
            _check_points(question, chosen, numbers)
            kept[str(question.position)] = [list(pair) for pair in chosen]
        else:
            if (
                len(chosen) > (question.limit or 0)
                or len(set(chosen)) != len(chosen)
                or set(chosen) - numbers
            ):
                raise InvalidChoices
            kept[str(question.position)] = chosen
    return kept


def _check_points(question: Question, chosen: list[Any], numbers: set[int]) -> None:
    spent = [points for _number, points in chosen]
    if (
        len({number for number, _points in chosen}) != len(chosen)
        or {number for number, _points in chosen} - numbers
        or any(not 1 <= points <= (question.points_each or 0) for points in spent)
        or sum(spent) > (question.points or 0)
    ):
        raise InvalidChoices


# Casting is the one path that a whole room takes within a minute: its statements are written by hand,
# since composing them took the ORM longer than PostgreSQL takes to run them.
_OPEN = (
    "opened_at IS NOT NULL AND closed_at IS NULL AND annulled_at IS NULL AND clock_timestamp() < closes_at"
)
_ENTER = f"""
SELECT secret, opened_at, is_on_paper
FROM forums_round
JOIN forums_roundsecret ON forums_roundsecret.round_id = forums_round.id
JOIN forums_rollentry ON forums_rollentry.round_id = forums_round.id
WHERE forums_round.id = %(round)s AND {_OPEN}
    AND forums_rollentry.id = %(entry)s AND voided_at IS NULL
FOR UPDATE OF forums_rollentry
"""  # noqa: S608 - words of ours alone
_FROM = "FROM forums_round JOIN forums_roundsecret ON round_id = id"
_IS_OPEN = f"SELECT {_FROM} WHERE id = %s AND {_OPEN}"
_BALLOT = """
SELECT choices, is_withdrawn, receipt_hash, used_keys
FROM forums_ballot WHERE round_id = %s AND voter_key = %s
"""
_INSERT = """
INSERT INTO forums_ballot (id, choices, is_withdrawn, receipt_hash, used_keys, round_id, voter_key)
VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, %s)
ON CONFLICT (round_id, voter_key) DO NOTHING
"""
_UPDATE = """
UPDATE forums_ballot SET choices = %s, is_withdrawn = %s, receipt_hash = %s, used_keys = %s
WHERE round_id = %s AND voter_key = %s
"""


def is_open(round_id: int) -> bool:
    """Whether ballots are taken now, by the database's clock. Binding under the round's lock alone."""
    with connection.cursor() as cursor:
        cursor.execute(_IS_OPEN, [round_id])
        return cursor.fetchone() is not None


def _enter(round_id: int, entry_id: int) -> _Booth:
    """Takes the locks of this module. Raises `VoteNotOpen`, `NotOnRoll` or `VotesOnPaper`."""
    with connection.cursor() as cursor:
        # One message, two statements: the second sees what was committed before the first was granted.
        cursor.execute(f"{SHARE_ROUND};{_ENTER}", {"round": round_id, "entry": entry_id})
        cursor.nextset()
        row = cursor.fetchone()
        if row is None:
            raise NotOnRoll if is_open(round_id) else VoteNotOpen
        secret, opened_at, is_on_paper = row
        if is_on_paper:
            raise VotesOnPaper
    voter_key = _voter_key(bytes(secret), entry_id)
    return _Booth(bytes(secret), _known_questions(round_id, opened_at), voter_key)


def _former(round_id: int, booth: _Booth) -> _Kept | None:
    with connection.cursor() as cursor:
        cursor.execute(_BALLOT, [round_id, booth.voter_key])
        row = cursor.fetchone()
    return _Kept(json.loads(row[0]), *row[1:]) if row else None


def _write(statement: str, round_id: int, booth: _Booth, kept: _Kept) -> bool:
    """Says whether a row was written: none is inserted for a voter who has one."""
    said = (json.dumps(kept.choices), kept.is_withdrawn, kept.receipt_hash, kept.used_keys)
    with connection.cursor() as cursor:
        cursor.execute(statement, (*said, round_id, booth.voter_key))
        return bool(cursor.rowcount == 1)


# Questions and options never change once a round is open, so a process reads them once.
_questions: dict[tuple[int, datetime], tuple[Question, ...]] = {}


def questions_of(round: Round) -> tuple[Question, ...]:
    """The questions of a round with their options; remembered, for a round that was opened."""
    if round.opened_at:
        return _known_questions(round.pk, round.opened_at)
    return _read_questions(round.pk)


def _known_questions(round_id: int, opened_at: datetime) -> tuple[Question, ...]:
    known = _questions.get((round_id, opened_at))
    if known is None:
        if len(_questions) >= 20:
            _questions.clear()
        known = _questions[round_id, opened_at] = _read_questions(round_id)
    return known


def _read_questions(round_id: int) -> tuple[Question, ...]:
    rows = Question.objects.filter(round_id=round_id).order_by("position")
    return tuple(rows.select_related("track").prefetch_related("options"))


def forget() -> None:
    """Drops what this process remembers: for tests, whose transactions take rows back."""
    _questions.clear()


def _prove(kept_hash: str, receipt: str, has_account: bool) -> None:
    is_shown = receipt and constant_time_compare(receipt_hash(receipt), kept_hash)
    if not (has_account or is_shown):
        raise ReceiptNeeded


def _secret(round_id: int) -> bytes | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM forums_roundsecret WHERE round_id = %s", [round_id])
        row = cursor.fetchone()
    return bytes(row[0]) if row else None


def _voter_key(secret: bytes, entry_id: int) -> bytes:
    return hmac.digest(secret, b"voter:%d" % entry_id, "sha256")


def _receipt(secret: bytes, voter_key: bytes, key: str) -> str:
    return receipt_of(hmac.digest(secret, b"receipt:" + voter_key + key.encode(), "sha256"))
