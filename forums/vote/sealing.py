"""From closed to sealed: the box, its seal, the result; then what tied ballots to voters is gone.

Locks, in order: the round's advisory lock, exclusive; then the round row.
The tally reads the text of the box alone.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from forums.models import Question, Round, RoundEvent, RoundSecret, SealedBox
from forums.tally import box as boxes
from forums.tally.count import count
from forums.tally.outcome import Outcome, as_json
from forums.vote.locks import lock_round_exclusive
from forums.vote.log import log_event
from forums.vote.methods.registry import COUNTING, method_of
from forums.vote.receipts import receipts_to_seal
from forums.vote.reconciliation import reconcile, totals_by_channel, turnout_by_kind
from forums.vote.round_keys import delete_spent_keys
from forums.vote.rounds import (
    RoundRefused,
    close_round,
    database_now,
    delete_ballots_and_roll,
    vacuum_emptied_tables,
)
from forums.vote.slips import reactivate_slips
from pole.models import Hub
from pole.server.database import limits

# With fewer ballots the list itself would tell who chose what: totals and seal only.
MIN_BALLOTS_TO_PUBLISH_BOX = 10


class Unreconciled(RoundRefused):
    """Papers are missing, typed once or typed differently: its value `reconciliation` has the figures."""

    messages = {
        "unreconciled": _(
            "The papers do not add up yet: nothing was sealed. The page says what is missing and what to do."
        )
    }


@limits.longer()
@transaction.atomic
def seal_round(*, round_id: int, by: User | None, at: datetime | None = None) -> SealedBox:
    """Seals a closed round and counts it. For `forums.event.open_and_seal`, which drafts the results too.

    `at`: as for `open_round`.

    Raises `Unreconciled`, or `RoundRefused` for a round that is open, annulled, sealed or never opened, or that awaits
    the part of its tellers.
    Once committed, the emptied tables are vacuumed.
    """
    lock_round_exclusive(round_id)
    round = Round.objects.select_for_update(no_key=True).select_related("forum").get(pk=round_id)
    if not round.closed_at:
        if not round.opened_at or round.annulled_at or database_now() < round.closes_at:
            raise RoundRefused
        round = close_round(round_id=round_id, by=by)
    if round.annulled_at or round.sealed_at:
        raise RoundRefused
    if round.awaits_tellers:
        raise RoundRefused("tellers_awaited")
    reconciliation = reconcile(round)
    if not reconciliation.is_settled:
        raise Unreconciled(reconciliation=reconciliation)
    turnout = turnout_by_kind(round)
    box = _build_box(round, reconciliation.on_roll)
    text = boxes.write(box)
    outcome = count(boxes.read(text, COUNTING))
    if reconciliation.has_too_few_to_count:
        outcome = Outcome(outcome.reading, ())
    now = at or timezone.now()
    is_small = reconciliation.ballots < MIN_BALLOTS_TO_PUBLISH_BOX
    sealed = SealedBox.objects.create(
        round=round,
        text="" if is_small else text,
        receipts=list(box.receipts),
        outcome=as_json(outcome),
        reconciliation=reconciliation.as_json() | {"turnout": turnout, "channels": totals_by_channel(round)},
        sealed_at=now,
    )
    if round.is_trial:
        reactivate_slips(round)
    delete_ballots_and_roll(round)
    round.sealed_at, round.seal = now, boxes.seal(text)
    round.save(update_fields=["sealed_at", "seal"])
    log_event(round.pk, RoundEvent.Kind.SEALED, now, by)
    # First of what follows the commit: whatever fails then, the key is no more. A failure is logged; the worker tries again.
    transaction.on_commit(delete_spent_keys, robust=True)
    transaction.on_commit(vacuum_emptied_tables)
    return sealed


def _build_box(round: Round, on_roll: int) -> boxes.Box:
    """The box of a round whose lock is held. Ballots are sorted by content, each question apart."""
    seed = RoundSecret.objects.values_list("seed", flat=True).get(round=round)
    assert round.opened_at is not None and round.closed_at is not None  # noqa: S101, PT018 - checked by the caller
    hub = Hub.objects.first()
    receipts, removed = receipts_to_seal(round)
    questions = list(round.questions.prefetch_related("options").order_by("position"))
    return boxes.Box(
        hub=hub.name if hub else "",
        forum_slug=round.forum.slug,
        forum_title=round.forum.title,
        forum_date=timezone.localdate(round.forum.starts_at).isoformat(),
        round_number=round.number,
        opened_at=boxes.moment(round.opened_at),
        closed_at=boxes.moment(round.closed_at),
        reading=round.reading,  # type: ignore[arg-type]  # a check keeps it one of the two
        seed=bytes(seed).hex(),
        seed_hash=round.seed_hash,
        questions=tuple(_build_question(question, _count_by_content(question)) for question in questions),
        on_roll=on_roll,
        receipts=tuple(receipts),
        removed_receipts=tuple(removed),
        tellers_part=round.tellers_part or None,
    )


def _count_by_content(question: Question) -> dict[Any, int]:
    """How many ballots, online and on paper, have each content: a sorted tuple, () blank, None rejected.

    PostgreSQL groups them, so that a large vote neither takes long nor much memory. A question that a
    paper lacks was over-marked.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT choices -> %(question)s, count(*) FROM ("
            " SELECT choices FROM forums_ballot WHERE round_id = %(round)s AND NOT is_withdrawn"
            " UNION ALL"
            " SELECT choices FROM forums_paperballot WHERE round_id = %(round)s AND outcome <> ''"
            ") ballots GROUP BY 1",
            {"question": str(question.position), "round": question.round_id},
        )
        return {_as_tuple(chosen and json.loads(chosen)): times for chosen, times in cursor.fetchall()}


def _as_tuple(chosen: list[Any] | None) -> Any:
    if chosen is None:
        return None
    return tuple(tuple(part) if isinstance(part, list) else part for part in chosen)


def _build_question(question: Question, counted: dict[Any, int]) -> boxes.Question:
    method = method_of(question).counting
    options = [
        boxes.Option(option.number, option.title, option.title_en) for option in question.options.all()
    ]
    filled = {content: times for content, times in counted.items() if content}
    if isinstance(method, boxes.SummingMethod):
        ballots = method.sum_up(filled, [option.number for option in options], question.limits)
    else:
        ballots = tuple(content for content in sorted(filled) for _each in range(filled[content]))
    return boxes.Question(
        position=question.position,
        title=question.title,
        title_en=question.title_en,
        method=method,
        limits=question.limits,
        to_retain=question.to_retain,
        options=tuple(options),
        ballots=ballots,
        blank=counted.get((), 0),
        rejected=counted.get(None, 0),
    )
