"""The life of a round: open, prolong, close, annul. Sealing is in `forums.vote.sealing`.

Locks, in order: the round's advisory lock, exclusive; the round row. Whoever holds the first sees
every ballot that was acknowledged, and no other can be cast.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import journal
from accounts.models import User
from forums.models import (
    Ballot,
    Option,
    PaperBallot,
    Question,
    Recommendation,
    RollEntry,
    Round,
    RoundEvent,
    RoundSecret,
)
from forums.vote.locks import lock_round_exclusive
from forums.vote.log import log_event
from forums.vote.methods.base import sentence
from forums.vote.methods.registry import method_of
from forums.vote.receipts import fix_receipts
from forums.vote.roll import build_roll
from forums.vote.round_keys import delete_spent_keys, take_key
from forums.vote.shuffling import shuffle_ballots
from forums.vote.slips import reactivate_slips
from pole.refusals import Refusal
from pole.server.database import limits


class RoundRefused(Refusal):
    """The round is not in a state that allows this."""

    messages = {
        "round_moved_on": _(
            "The round is no longer at that point: nothing was done. This page shows where it stands."
        ),
        "tellers_awaited": _(
            "The tellers’ part in the lottery comes first: enter it, or drop it with a public reason. Nothing was done."
        ),
        "opened_stays": _("An opened round is never deleted: it can be annulled, with a public reason."),
    }


class NothingToVoteOn(RoundRefused):
    messages = {
        "no_question": _("This round has no question yet: add one first."),
        # What its method says: fewer options than it needs, or more than it takes.
        "wrong_count": "%(sentence)s",
    }


class AnotherRoundOpen(RoundRefused):
    messages = {
        "another_round_open": _(
            "Another round of this forum takes place at that time. Close it, or choose other times."
        )
    }


class ForumCancelled(RoundRefused):
    messages = {"forum_cancelled": _("This forum is cancelled. Restore it first, then open the vote.")}


class ClosesTooSoon(RoundRefused):
    messages = {"closes_too_soon": _("The closing time must be to come, and later than the one in force.")}


@transaction.atomic
def draw_ballot(*, round_id: int, by: User | None = None) -> Round:
    """Draws the final ballot, which can then be printed: options copied from recommendations, numbered by lot.

    A drawn ballot stays as it is, since papers may bear its numbers: `undraw_ballot` first, to draw
    anew. Raises a `RoundRefused`.
    """
    round = _lock_round(round_id)
    if round.opened_at:
        raise RoundRefused
    if round.drawn_at:
        return round
    _draw_options(round)
    round.drawn_at = database_now()
    round.save(update_fields=["drawn_at"])
    journal.note(action="drawn", kind="round", key=round.pk, by=by)
    return round


@transaction.atomic
def undraw_ballot(*, round_id: int, by: User | None = None) -> Round:
    """Undoes `draw_ballot`: questions and options may change again, and printed papers are void.

    Raises `RoundRefused`.
    """
    round = _lock_round(round_id)
    if round.opened_at:
        raise RoundRefused
    if round.drawn_at is not None:
        _undraw(round)
        journal.note(action="undrawn", kind="round", key=round.pk, by=by)
    return round


def _undraw(round: Round) -> None:
    Option.objects.filter(question__round=round, is_copied=True).delete()
    PaperBallot.objects.filter(round=round).delete()
    round.drawn_at = None
    round.save(update_fields=["drawn_at"])


@limits.longer()
@transaction.atomic
def open_round(*, round_id: int, by: User | None, at: datetime | None = None) -> Round:
    """Builds the roll and accepts ballots from now on; draws the ballot if nobody did.

    `at` is for the demonstration alone, whose votes took place before it was made.

    Opening an open round changes nothing. Raises a `RoundRefused`, or `forums.vote.round_keys.NoKeyEverywhere`.
    """
    round = _lock_round(round_id)
    if round.state_at(timezone.now()) == Round.State.OPEN:
        return round
    if round.opened_at:
        raise RoundRefused
    if round.forum.cancelled_at:
        raise ForumCancelled
    now = at or database_now()
    if round.closes_at <= now:
        raise ClosesTooSoon
    if round.drawn_at is None:
        _draw_options(round)
        round.drawn_at = now
    round.key_hash = take_key()
    round.seed_hash = _draw_secret(round)
    build_roll(round)
    # Of a round prepared before this was kept: its hours are about to change.
    round.planned_length = round.planned_length or round.closes_at - round.opens_at
    round.opens_at = round.opened_at = now
    changed = ["opens_at", "opened_at", "drawn_at", "seed_hash", "key_hash", "planned_length"]
    try:
        with transaction.atomic():
            round.save(update_fields=changed)
    except IntegrityError as error:
        raise AnotherRoundOpen from error
    log_event(round.pk, RoundEvent.Kind.OPENED, now, by)
    return round


def _draw_secret(round: Round) -> str:
    """Has the database draw the secret, which stays there; returns the hash of its seed, which is published."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT forums_draw_secret(%s)", [round.pk])
        return str(cursor.fetchone()[0])


def _draw_options(round: Round) -> None:
    """Completes each question with the recommendations of its track, and numbers all options by lot.

    A question without a track takes those of tracks that no question has, unless it is about one proposal. Raises `NothingToVoteOn`.
    """
    questions = list(round.questions.order_by("position"))
    if not questions:
        raise NothingToVoteOn
    proposed = recommendations_by_question(round, questions)
    for question in questions:
        options = list(question.options.all())
        options += [_option_from(question, recommendation) for recommendation in proposed[question.pk]]
        method = method_of(question)
        if not method.takes(len(options)):
            said = sentence(question, "wrong_count", title=question.title)
            raise NothingToVoteOn("wrong_count", question=question.title, sentence=said)
        method.counting.check_limits(question.title, question.limits, len(options))
        secrets.SystemRandom().shuffle(options)
        for number, option in enumerate(options, start=1):
            option.number = number
            option.save()


def recommendations_by_question(
    round: Round, questions: Sequence[Question]
) -> dict[int, list[Recommendation]]:
    """The recommendations that drawing will copy into each question, by its id. One query, or none for a trial."""
    if round.is_trial:
        return {question.pk: [] for question in questions}
    tracks = {question.track_id for question in questions} - {None}
    proposed = list(Recommendation.objects.filter(forum_id=round.forum_id).for_ballot())
    return {
        question.pk: [
            recommendation
            for recommendation in proposed
            if (
                recommendation.track_id == question.track_id
                if question.track_id
                else recommendation.track_id not in tracks and method_of(question).takes_more
            )
        ]
        for question in questions
    }


def _option_from(question: Question, recommendation: Recommendation) -> Option:
    return Option(
        question=question,
        recommendation=recommendation,
        is_copied=True,
        title=recommendation.title,
        title_en=recommendation.title_en,
        description=recommendation.description,
        description_en=recommendation.description_en,
    )


@transaction.atomic
def prolong_round(*, round_id: int, until: datetime, by: User) -> Round:
    """Moves the closing time of an open round later. Logged and public.

    Until the present closing time: changes nothing, as for a second click. Raises `ClosesTooSoon`,
    `AnotherRoundOpen` when it would last into the next round, and `RoundRefused` when it is not open.
    """
    round = _lock_round(round_id)
    now = database_now()
    if round.state_at(now) != Round.State.OPEN:
        raise RoundRefused
    if until == round.closes_at:
        return round
    if until < round.closes_at:
        raise ClosesTooSoon
    round.closes_at = until
    try:
        with transaction.atomic():
            round.save(update_fields=["closes_at"])
    except IntegrityError as error:
        raise AnotherRoundOpen from error
    log_event(round.pk, RoundEvent.Kind.PROLONGED, now, by, until=until)
    return round


@limits.longer()
@transaction.atomic
def close_round(*, round_id: int, by: User | None, at: datetime | None = None) -> Round:
    """Ends casting and the issue of papers, at once or at the time that had come. `at`: as for `open_round`.

    Closing a closed round changes nothing. Raises `RoundRefused` for one that never opened or is annulled.
    """
    round = _lock_round(round_id)
    if round.closed_at:
        return round
    if not round.opened_at or round.annulled_at:
        raise RoundRefused
    now = at or database_now()
    # Before it is closed: after, no ballot is written.
    shuffle_ballots(round.pk)
    round.closed_at = min(now, round.closes_at)
    # The range of a round that closes early ends there, so that the next one may begin.
    round.closes_at = min(round.closes_at, now)
    fix_receipts(round)
    round.save(update_fields=["closed_at", "closes_at", "receipts_fingerprint", "receipts_count"])
    log_event(round.pk, RoundEvent.Kind.CLOSED, now, by)
    return round


def close_if_over(round_id: int) -> None:
    """Closes a round whose time is over, when the worker has not yet: what follows the closing finds it done.

    Locks as `close_round` does, only then.
    """
    if Round.objects.overdue(database_now()).filter(pk=round_id).exists():
        close_round(round_id=round_id, by=None)


@transaction.atomic
def annul_round(*, round_id: int, reason: str, by: User | None) -> Round:
    """Destroys the ballots uncounted and says publicly why; slips keep their value.

    Annulling again changes nothing. Raises `RoundRefused` for a round never opened, or sealed.
    """
    round = _lock_round(round_id)
    if round.annulled_at:
        return round
    if not round.opened_at or round.sealed_at:
        raise RoundRefused
    now = database_now()
    reactivate_slips(round)
    delete_ballots_and_roll(round)
    round.annulled_at, round.annulled_because = now, reason
    round.save(update_fields=["annulled_at", "annulled_because"])
    log_event(round.pk, RoundEvent.Kind.ANNULLED, now, by, reason=reason)
    transaction.on_commit(delete_spent_keys, robust=True)
    transaction.on_commit(vacuum_emptied_tables)
    return round


def delete_ballots_and_roll(round: Round) -> None:
    """Deletes the secret, the ballots, the papers with their typings, and the roll. The caller holds the lock."""
    RoundSecret.objects.filter(round=round).delete()
    Ballot.objects.filter(round=round).delete()
    PaperBallot.objects.filter(round=round).delete()
    RollEntry.objects.filter(round=round).delete()


def vacuum_emptied_tables() -> None:
    """Removes the deleted rows from the files of the tables that tied voters to ballots. Outside any transaction."""
    with connection.cursor() as cursor:
        for table in ("ballot", "rollentry", "roundsecret", "papertyping", "paperballot"):
            cursor.execute(f"VACUUM forums_{table}")


def database_now() -> datetime:
    """The time by the database's clock, not the start of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
        return moment


def _lock_round(round_id: int) -> Round:
    """The round, both locks taken. Raises `Round.DoesNotExist`."""
    lock_round_exclusive(round_id)
    return Round.objects.select_for_update(no_key=True).get(pk=round_id)
