"""The votes of an event as its page tells of them, as far as they are public: their questions and their log."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from forums.models import Question, Round, RoundEvent
from pole.server.database.instances import Instances, attach, columns_of
from pole.server.database.prepared import prepared

# Events of the round's log shown on public pages. Others (people added to the roll) would change the page at each
# latecomer. Those with a reason are shown once the round is sealed or annulled; the screen in the venue counts them
# meanwhile.
SHOWN_AT_ONCE, SHOWN_WHEN_OVER = (
    ("opened", "prolonged", "closed", "tellers", "dropped", "annulled", "sealed"),
    ("voided", "noted"),
)
_ROUND = Instances(Round, *columns_of(Round))
_QUESTION = Instances(
    Question, *("id", "round_id", "position", "title", "title_en", "method", "limits", "to_retain")
)
_EVENT = Instances(RoundEvent, "id", "round_id", "kind", "at", "until", "reason")


@prepared(_ROUND)
def _rounds(forum: int) -> QuerySet[Round, Any]:
    return Round.objects.filter(forum=forum).order_by("number").values_list(*_ROUND.columns)


@prepared(_QUESTION)
def _questions(forum: int) -> QuerySet[Question, Any]:
    asked = Question.objects.filter(round__forum=forum).order_by("position")
    return asked.values_list(*_QUESTION.columns)


@prepared(_EVENT)
def _log(forum: int) -> QuerySet[RoundEvent, Any]:
    is_over = Q(round__sealed_at__isnull=False) | Q(round__annulled_at__isnull=False)
    shown = Q(kind__in=SHOWN_AT_ONCE) | (Q(kind__in=SHOWN_WHEN_OVER) & is_over)
    happened = RoundEvent.objects.filter(shown, round__forum=forum).order_by("at", "id")
    return happened.values_list(*_EVENT.columns)


def votes_of(forum: int) -> list[Round]:
    """By number, each with its `log`: one query, three when there are some."""
    rounds = _rounds(forum)
    questions, log = (_questions(forum), _log(forum)) if rounds else ([], [])
    for round in rounds:
        attach(round, "questions", [each for each in questions if each.round_id == round.pk])
        round.log = [event for event in log if event.round_id == round.pk]  # type: ignore[attr-defined]  # for its template
    return rounds
