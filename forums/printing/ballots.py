"""Paper ballots: the options in the order of the draw, with their numbers, a box each, and a serial."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from forums import printing
from forums.models import Option, Question, Round
from forums.vote.casting import questions_of
from forums.vote.methods.base import Answer, layout_of, sentence
from forums.vote.methods.registry import method_of
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
    method = method_of(question)
    return {
        "title": question.shown_title,
        "layout": layout_of(question, "ballot.typ"),
        "instruction": sentence(question, "instruction", on_paper=True),
        "proposals": [] if method.retains else [_line(option) for option in question.options.all()],
        "options": [_line(line.option) for line in method.fill(question, []).lines],
    }


def _line(line: Option | Answer) -> dict[str, Any]:
    return {"number": line.number, "title": line.shown_title, "description": line.shown_description}
