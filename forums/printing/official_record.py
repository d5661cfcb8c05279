"""The official record that tellers sign: the sums, the seal, the count."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from forums import printing
from forums.models import Question, Round, SealedBox
from forums.results.published_reconciliation import reconciliation_groups
from forums.results.sentences import describe_verdict
from forums.tally.outcome import QuestionOutcome, from_json
from forums.vote.casting import questions_of
from forums.vote.methods.base import sentence
from forums.vote.methods.registry import method_of
from forums.vote.reconciliation import Reconciliation
from pole.templatetags.typography import day_time, long_date, number
from pole.text.bilingual import current_language


def record_pdf(round: Round, box: SealedBox) -> bytes:
    """Of a sealed round: made from the box and what was counted from it, so printing again changes nothing."""
    outcome = from_json(box.outcome)
    found = Reconciliation.from_json(box.reconciliation)
    groups = reconciliation_groups(
        found, outcome.questions, list(round.events.all()), round.papers_lost_because
    )
    titles = {question.position: question for question in questions_of(round)}
    data = {
        "title": _("Official record of the vote"),
        "kicker": round.forum.shown_title,
        "facts": _round_facts(round),
        "sums_heading": _("Reconciliation"),
        "sums": [group.for_print() for group in groups],
        "seal_heading": _("Seal of the box (SHA-256)"),
        "seal": [round.seal[start : start + 8] for start in range(0, 64, 8)],
        "count_heading": _("Count"),
        "questions": [_question(titles[each.position], each) for each in outcome.questions],
        "sign_heading": _("Tellers"),
        "sign_words": _("We saw the vote closed, the papers counted and the box sealed with this seal."),
        "sign_columns": [_("Name"), _("Signature")],
    }
    return printing.compile("record", data, current_language(), at=box.sealed_at)


def _round_facts(round: Round) -> list[tuple[str, str]]:
    moments = [
        (_("Opened"), round.opened_at),
        (_("Closed"), round.closed_at),
        (_("Sealed"), round.sealed_at),
    ]
    facts = [(label, f"{long_date(at)}, {day_time(at)}") for label, at in moments if at]
    return [(_("Who voted"), str(round.get_public_display())), *facts]


def _question(question: Question, found: QuestionOutcome) -> dict[str, Any]:
    """Options in their order; of a decision, the proposal, its rule, what was decided, and its answers."""
    rows = method_of(question).rows(question, found)
    if verdict := describe_verdict(question, found):
        proposals = [option.shown_title for option in question.options.all()]
        return {
            "title": question.shown_title,
            "decided": [*proposals, sentence(question, "rule_of_results"), verdict],
            "columns": [pgettext("answer to a proposal", "Answer"), _("Total")],
            "rows": [[row.title, number(row.total)] for row in rows],
        }
    return {
        "title": question.shown_title,
        "decided": [],
        "columns": [_("Rank"), _("Option"), _("Total"), _("Retained")],
        "rows": [
            [str(row.rank), row.title, number(row.total), "✓" if row.is_retained else ""] for row in rows
        ],
    }
