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

# Some 500 MB of memory while they are printed; a server has 2 GB.
SHEETS_A_FILE = 400


def ballot_files(round: Round, serials: Sequence[str], *, is_large_print: bool = False) -> list[bytes]:
    """As many PDFs as it takes for none to have more than SHEETS_A_FILE. See `ballots_pdf`."""
    one = _data(round, serials[:1], is_large_print)
    sheets = printing.count_pages("ballots", one, current_language())
    ballots = max(1, SHEETS_A_FILE // sheets)
    return [
        ballots_pdf(round, serials[start : start + ballots], is_large_print=is_large_print)
        for start in range(0, len(serials), ballots)
    ]


def ballots_pdf(round: Round, serials: Sequence[str], *, is_large_print: bool = False) -> bytes:
    """One ballot a serial, each beginning on its own sheet. The ballot of the round is drawn."""
    return printing.compile("ballots", _data(round, serials, is_large_print), current_language())


def _data(round: Round, serials: Sequence[str], is_large_print: bool) -> dict[str, Any]:
    return {
        "title": _("Ballot: %(forum)s") % {"forum": round.forum.title},
        "kicker": _("Trial vote") if round.is_trial else round.forum.shown_title,
        "heading": str(round.shown_title) or _("Ballot"),
        "size": 18 if is_large_print else 11.5,
        "serial_label": _("Serial"),
        "sheet_words": _("Sheet {place} of {count}"),
        "notice": _("Write nothing else: a paper that could be recognised is not secret."),
        "serials": list(serials),
        "questions": [_question(question) for question in questions_of(round)],
    }


def _question(question: Question) -> dict[str, Any]:
    method = method_of(question)
    return {
        "title": question.shown_title,
        "layout": layout_of(question, "ballot.typ"),
        "instruction": sentence(question, "instruction", on_paper=True),
        "proposals": [] if method.retains else [_line(option) for option in question.options.all()],
        "marks": [list(mark) for mark in method.paper_marks(question)],
        "options": [_line(line.option) for line in method.fill(question, []).lines],
    }


def _line(line: Option | Answer) -> dict[str, Any]:
    return {"number": line.number, "title": line.shown_title, "description": line.shown_description}
