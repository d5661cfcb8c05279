"""Every write to a round before it opens: its questions, who votes, its times.

Locks: a new round takes the forum row, so that two never share a number; an existing one takes those of
`forums.vote.rounds`, so that nobody opens what someone is changing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from accounts import journal
from accounts.models import User
from forums.models import Forum, Option, PaperBallot, Question, Round
from forums.vote.locks import lock_round_exclusive
from forums.vote.rounds import RoundRefused
from pole.templatetags.typography import day_time, long_date

ROUND_FIELDS = ("title", "title_en", "is_trial", "public", "reading", "tellers_add", "opens_at", "closes_at")
TIME_FIELDS = ("opens_at", "closes_at")
QUESTION_FIELDS = ("title", "title_en", "method", "limits", "to_retain")


# A vote that lasts less is more often a mistake than a choice, and staff are warned.
SHORT = timedelta(minutes=10)


class ChangedMeanwhile(RoundRefused):
    """Someone else changed the round since this page was shown: optimistic concurrency."""

    messages = {
        "round_changed": _(
            "Someone else changed this while you were looking. Nothing was done: look again, then start over."
        )
    }


class Overlaps(RoundRefused):
    """Its times overlap those of another round of this forum."""

    messages = {
        "overlaps_unknown": _(
            "Another round of this forum takes place at that time. Look at the list, then choose other times."
        ),
        "overlaps": _(
            "This time meets that of round %(number)d (%(day)s, from %(opens)s to %(closes)s)."
            " Two rounds of one forum follow each other: change one of them."
        ),
    }


def round_fingerprint(round: Round) -> str:
    """A hash, in hexadecimal, of all that staff may change of a round. Two queries."""
    questions = [
        [
            *(getattr(question, name) for name in (*QUESTION_FIELDS, "track_id")),
            [[option.title, option.title_en] for option in question.options.all()],
        ]
        for question in round.questions.order_by("position").prefetch_related("options")
    ]
    stored = [*(getattr(round, name) for name in ROUND_FIELDS), round.drawn_at, questions]
    return hashlib.sha256(json.dumps(stored, default=str).encode()).hexdigest()[:24]


@transaction.atomic
def create_round(
    *,
    forum: Forum,
    values: Mapping[str, Any],
    questions: Iterable[Mapping[str, Any]],
    by: User | None = None,
) -> Round:
    """A new round, in preparation. Raises `Overlaps`.

    `values` has `ROUND_FIELDS`; each of `questions` has `QUESTION_FIELDS`, "track_id" and "options",
    the (title, English title) of each option typed by hand.
    """
    Forum.objects.select_for_update(no_key=True).get(pk=forum.pk)
    last = Round.objects.filter(forum=forum).aggregate(last=Max("number"))["last"] or 0
    round = Round(forum=forum, number=last + 1, **{name: values[name] for name in ROUND_FIELDS})
    round.planned_length = round.closes_at - round.opens_at
    _save_unless_overlapping(round)
    _write_questions(round, questions)
    journal.note(action="planned", kind="round", key=round.pk, by=by)
    return round


@transaction.atomic
def update_round(
    *,
    round_id: int,
    values: Mapping[str, Any],
    questions: Iterable[Mapping[str, Any]],
    seen_fingerprint: str,
    by: User | None = None,
) -> Round:
    """Makes a round what was typed; only its times once the ballot is drawn.

    `seen_fingerprint` is the `round_fingerprint` that the page was shown with. Raises `ChangedMeanwhile`,
    `Overlaps`, or `RoundRefused` once it was opened.
    """
    round = _lock_round(round_id)
    if round.opened_at:
        raise RoundRefused
    if round_fingerprint(round) != seen_fingerprint:
        raise ChangedMeanwhile
    for name in TIME_FIELDS if round.drawn_at else ROUND_FIELDS:
        setattr(round, name, values[name])
    round.planned_length = round.closes_at - round.opens_at
    _save_unless_overlapping(round)
    if not round.drawn_at:
        _write_questions(round, questions)
    journal.note(action="changed", kind="round", key=round.pk, by=by)
    return round


@transaction.atomic
def delete_round(*, round_id: int, by: User | None = None) -> None:
    """Deletes a round that was never opened, its questions and its printed papers.

    Again: changes nothing. Raises `RoundRefused` once it was opened.
    """
    lock_round_exclusive(round_id)
    round = Round.objects.select_for_update(of=("self",)).select_related("forum").filter(pk=round_id).first()
    if round is None:
        return
    if round.opened_at:
        raise RoundRefused("opened_stays")
    PaperBallot.objects.filter(round=round).delete()
    round.delete()
    name = f"{round.forum.title}, {round.number}"
    journal.note(action="deleted", kind="round", key=round_id, by=by, reason=name)


@transaction.atomic
def copy_round(*, round_id: int, seen_last_number: int, now: datetime, by: User | None = None) -> Round:
    """A round in preparation with the same questions and the same planned length, after all others.

    Options that were typed are copied; those from recommendations will be copied anew. `seen_last_number`
    is the highest number of the forum's rounds that the page showed: raises `ChangedMeanwhile` when it
    has changed (optimistic concurrency).
    """
    round = Round.objects.select_related("forum").get(pk=round_id)
    Forum.objects.select_for_update(no_key=True).get(pk=round.forum_id)
    others = Round.objects.filter(forum_id=round.forum_id)
    if others.aggregate(last=Max("number"))["last"] != seen_last_number:
        raise ChangedMeanwhile
    opens_at = next_start(round.forum, now)
    values = {name: getattr(round, name) for name in ROUND_FIELDS}
    values |= {"opens_at": opens_at, "closes_at": opens_at + _duration(round)}
    return create_round(forum=round.forum, values=values, questions=_questions_to_copy(round), by=by)


def next_start(forum: Forum, now: datetime) -> datetime:
    """The first whole minute, as forms show it, when no round of the forum takes place nor will. One query."""
    rounds = Round.objects.filter(forum=forum, annulled_at=None)
    ends = rounds.aggregate(last=Max("closes_at"))["last"]
    earliest = max(now, ends or now)
    minute = earliest.replace(second=0, microsecond=0)
    return minute if minute == earliest else minute + timedelta(minutes=1)


def _duration(round: Round) -> timedelta:
    """As planned; without that, as long as it took, and a minute at least."""
    return round.planned_length or max(round.closes_at - round.opens_at, timedelta(minutes=1))


def _questions_to_copy(round: Round) -> list[dict[str, Any]]:
    return [
        {
            **{name: getattr(question, name) for name in QUESTION_FIELDS},
            "track_id": question.track_id,
            "options": [
                (option.title, option.title_en) for option in question.options.all() if not option.is_copied
            ],
        }
        for question in round.questions.order_by("position").prefetch_related("options")
    ]


def _lock_round(round_id: int) -> Round:
    lock_round_exclusive(round_id)
    return Round.objects.select_for_update(no_key=True).get(pk=round_id)


def _save_unless_overlapping(round: Round) -> None:
    others = Round.objects.filter(forum_id=round.forum_id, annulled_at=None).exclude(pk=round.pk)
    other = others.filter(opens_at__lt=round.closes_at, closes_at__gt=round.opens_at).first()
    if other is not None:
        opens, closes = day_time(other.opens_at), day_time(other.closes_at)
        day = long_date(other.opens_at)
        raise Overlaps("overlaps", number=other.number, day=day, opens=opens, closes=closes)
    try:
        with transaction.atomic():
            round.save()
    except IntegrityError as error:
        # Another round came in between, or was prolonged.
        raise Overlaps from error


def _write_questions(round: Round, questions: Iterable[Mapping[str, Any]]) -> None:
    """Replaces the questions by those given; an option whose title is unchanged keeps its description."""
    known = {option.title: option for option in Option.objects.filter(question__round=round)}
    round.questions.all().delete()
    for position, wanted in enumerate(questions, start=1):
        values = {name: wanted[name] for name in QUESTION_FIELDS}
        question = Question.objects.create(
            round=round, position=position, track_id=wanted["track_id"], **values
        )
        Option.objects.bulk_create(
            Option(
                question=question,
                number=number,
                title=title,
                title_en=title_en,
                description=known[title].description if title in known else "",
                description_en=known[title].description_en if title in known else "",
            )
            for number, (title, title_en) in enumerate(wanted["options"], start=1)
        )
