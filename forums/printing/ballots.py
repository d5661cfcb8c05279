"""Paper ballots: the options in the order of the draw, with their numbers, a box each, and a serial."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from forums import printing
from forums.models import Question, Round
from forums.vote.casting import questions_of
from pole.text.bilingual import current_language


def ballots_pdf(round: Round, serials: Sequence[str], *, is_large_print: bool = False) -> bytes:
    """One ballot a serial, each beginning on its own sheet. The ballot of the round is drawn."""
    data = {
        "title": _("Ballot: %(forum)s") % {"forum": round.forum.title},
        "kicker": _("Trial vote") if round.is_trial else round.forum.shown_title,
        "heading": str(round.shown_title) or _("Ballot"),
        "size": 18 if is_large_print else 11.5,
        "serial_label": _("Serial"),
        "notice": _("Write nothing else: a paper that could be recognised is not secret."),
        "serials": list(serials),
        "questions": [_question(question) for question in questions_of(round)],
    }
    return printing.compile("ballots", data, current_language())


def _question(question: Question) -> dict[str, Any]:
    is_points = question.method == Question.Method.POINTS
    points = {"points": question.points, "each": question.points_each}
    return {
        "title": question.shown_title,
        "is_points": is_points,
        "instruction": _("Share %(points)d points, at most %(each)d on one option. Write them in the boxes.")
        % points
        if is_points
        else _("Tick up to %(count)d.") % {"count": question.limit or 0},
        "options": [
            {"number": option.number, "title": option.shown_title, "description": option.shown_description}
            for option in question.options.all()
        ],
    }
