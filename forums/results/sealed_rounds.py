"""What sealed rounds are made of, read by prepared queries: four for any number of rounds, and one more for a box not read yet.

What a round asked, what happened to it and what was counted never change once it is sealed: its report is made once by each
process and language, and kept by the rows themselves. Whatever of them would differ, were it the name of a track, makes another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from operator import itemgetter
from typing import Any

from django.db.models import BooleanField, Case, Q, QuerySet, Value, When

from forums.models import Option, Question, Round, RoundEvent, SealedBox
from forums.models.reading import TRACK
from pole.caching.in_process import BoundedCache, process_cache
from pole.server.database.instances import Instances, attach
from pole.server.database.prepared import prepared
from pole.text.bilingual import current_language

# Of two languages; some fifty kilobytes for each vote of thirty options.
MAX_KEPT = 60

type Row = tuple[Any, ...]
# Of one round: its row, its questions each with its options, its log.
type Parts = tuple[Row, Sequence[tuple[Row, Sequence[Row]]], Sequence[Row]]

ROUND = Instances(
    Round,
    *("id", "has_box", "forum_id", "number", "title", "title_en", "is_trial", "public", "reading"),
    *("opened_at", "closed_at", "sealed_at", "seed_hash", "receipts_fingerprint", "receipts_count"),
    *("tellers_part", "tellers_dropped_because", "seal", "papers_lost_because"),
)
QUESTION = Instances(
    Question,
    *("id", "round_id", "position", "track_id", "title", "title_en", "method", "limits", "to_retain"),
    track=TRACK,
)
OPTION = Instances(
    Option,
    *("id", "question_id", "number", "recommendation_id", "title", "title_en"),
    *("description", "description_en"),
)
EVENT = Instances(RoundEvent, "id", "round_id", "kind", "at", "reason", "until")
BOX = Instances(SealedBox, "round_id", "outcome", "reconciliation", "sealed_at")


@prepared(ROUND.row)
def rows_of_results(results: int) -> QuerySet[Round, Any]:
    """The rounds that published results show, by number."""
    return columns(Round.objects.sealed().filter(results=results)).order_by("number")


@prepared(ROUND.row)
def rows_among(keys: list[int]) -> QuerySet[Round, Any]:
    return columns(Round.objects.sealed().filter(pk__any=keys))


def columns(rounds: QuerySet[Round]) -> QuerySet[Round, Any]:
    """Those of `ROUND`."""
    is_empty = When(Q(box__text=""), then=Value(False))
    has_box = Case(is_empty, default=True, output_field=BooleanField())
    return rounds.annotate(has_box=has_box).values_list(*ROUND.columns)


@prepared(QUESTION.row)
def _questions(rounds: list[int]) -> QuerySet[Question, Any]:
    asked = Question.objects.filter(round__pk__any=rounds).order_by("position")
    return asked.values_list(*QUESTION.columns)


@prepared(OPTION.row)
def _options(rounds: list[int]) -> QuerySet[Option, Any]:
    offered = Option.objects.filter(question__round__pk__any=rounds).order_by("number")
    return offered.values_list(*OPTION.columns)


@prepared(EVENT.row)
def _events(rounds: list[int]) -> QuerySet[RoundEvent, Any]:
    return RoundEvent.objects.filter(round__pk__any=rounds).order_by("at", "id").values_list(*EVENT.columns)


@prepared(BOX)
def _box(round: int) -> QuerySet[SealedBox, Any]:
    return SealedBox.objects.filter(pk=round).values_list(*BOX.columns)


# By the language and the rows that it was made of.
_kept: BoundedCache[tuple[str, str], Any] = process_cache(limit=MAX_KEPT)


def reports_of[R](rows: Sequence[Row], make: Callable[[Round], R]) -> list[R]:
    """What `make` says of each round, in their order: read from the first time it was made, by nobody changed."""
    keys = [row[0] for row in rows]
    questions = _by(itemgetter(1), _questions(keys)) if keys else {}
    options = _by(itemgetter(1), _options(keys)) if keys else {}
    events = _by(itemgetter(1), _events(keys)) if keys else {}
    found = []
    for row in rows:
        asked = [(each, options.get(each[0], [])) for each in questions.get(row[0], [])]
        parts: Parts = (row, asked, events.get(row[0], []))
        key = (current_language(), repr(parts))
        found.append(_kept.get_or_make(key, partial(_made, make, parts)))
    return found


def _by(key: Callable[[Row], Any], rows: Iterable[Row]) -> dict[Any, list[Row]]:
    found: dict[Any, list[Row]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


def _made[R](make: Callable[[Round], R], parts: Parts) -> R:
    return make(_round(*parts))


def _round(row: Row, asked: Sequence[tuple[Row, Sequence[Row]]], events: Sequence[Row]) -> Round:
    """With its box, questions, options and log. Without its forum, whose every change would make another."""
    round = ROUND(*row)
    box = _box.first(round.pk)
    if box is None:
        raise SealedBox.DoesNotExist(f"round {round.pk} is sealed and has no box")
    round._state.fields_cache["box"] = box
    questions = []
    for question_row, option_rows in asked:
        question = QUESTION(*question_row)
        attach(question, "options", [OPTION(*each) for each in option_rows])
        questions.append(question)
    attach(round, "questions", questions)
    attach(round, "events", [EVENT(*each) for each in events])
    return round
