"""The official record that tellers sign: what was asked and how, the sums, the count, its ties, the seed, the seal."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from forums import printing
from forums.models import Forum, Round, SealedBox
from forums.printing.documents import details_tables, turnout_text, venue_and_municipality
from forums.results import sentences
from forums.results.report import QuestionReport, RoundReport, round_reports
from forums.tally.canonical import in_groups
from forums.tally.outcome import READINGS
from forums.vote.methods.registry import method_of
from pole.templatetags.typography import day_time, long_date, number
from pole.text.bilingual import current_language


def record_pdf(round: Round, box: SealedBox) -> bytes:
    """Of a sealed round: made from the box and what was counted from it, so printing again changes nothing."""
    report = round_reports(Round.objects.filter(pk=round.pk))[0]
    data = {
        "title": _("Official record of the vote"),
        "kicker": round.forum.shown_title,
        "vote": sentences.vote_title(round),
        "foot": f"{sentences.vote_title(round)} – {round.forum.shown_title}",
        "facts": _round_facts(report, round.forum),
        "turnout": turnout_text(report),
        "few": "" if report.has_box else sentences.few_ballots_notice(report.reconciliation),
        "sums_heading": _("Reconciliation"),
        "sums": [group.for_print() for group in report.all_reconciliation_groups],
        "seal_heading": _("Seal of the box (SHA-256)"),
        "seal": in_groups(round.seal).split(),
        "lottery_heading": _("Lottery and receipts"),
        "hashes": _hashes(report, box),
        "tellers": report.tellers_part,
        "count_heading": _("Count"),
        "method": report.method,
        "questions": [_question(question) for question in report.questions],
        "sign_heading": _("Tellers"),
        "sign_words": _("We saw the vote closed, the papers counted and the box sealed with this seal."),
        "sign_columns": [_("Name"), _("Signature")],
    }
    return printing.compile("record", data, current_language(), at=box.sealed_at)


def _round_facts(report: RoundReport, forum: Forum) -> list[tuple[str, str]]:
    round = report.round
    moments = [
        (_("Opened"), round.opened_at),
        (_("Closed"), round.closed_at),
        (_("Sealed"), round.sealed_at),
    ]
    facts = [
        (_("Date"), long_date(forum.starts_at)),
        (pgettext("where something is held", "Place"), venue_and_municipality(forum)),
        (_("Who voted"), str(round.get_public_display())),
        *((label, f"{long_date(at)}, {day_time(at)}") for label, at in moments if at),
    ]
    return [(label, words) for label, words in facts if words]


def _hashes(report: RoundReport, box: SealedBox) -> list[tuple[str, str]]:
    """What was shown before the papers were typed; the seed itself too, when the box is published."""
    round = report.round
    hashes = [(_("Hash of the seed, published at opening (SHA-256)"), in_groups(round.seed_hash))]
    if box.text:
        hashes.append((_("Seed, revealed at the sealing"), in_groups(json.loads(box.text)["seed"])))
    if round.receipts_count is not None:
        hashes.append((report.receipts_label, in_groups(round.receipts_fingerprint)))
    return hashes


def _question(report: QuestionReport) -> dict[str, Any]:
    """Of a decision, the proposal, its rule, what was decided, and its answers."""
    data = {
        "title": report.question.shown_title,
        "rule": report.rule,
        "counted": report.counted,
        "decided": [],
        "readings": [],
        "details": [],
        "ties": report.ties,
        "nothing": report.nothing_retained,
        "difference": report.difference,
    }
    if report.verdict:
        return data | {
            "decided": [report.proposal.shown_title, report.verdict],
            "columns": [pgettext("answer to a proposal", "Answer"), _("Total")],
            "rows": [[row.title, number(row.total)] for row in report.rows],
        }
    return data | {
        "readings": _readings(report),
        "details": details_tables(report),
        "columns": [
            _("Rank"),
            _("Option"),
            report.total_head,
            _("Retained"),
        ],
        "rows": [
            [
                "–" if row.shown_rank is None else number(row.shown_rank),
                f"{row.title} ({row.ballot_number})",
                row.short_figure,
                "✓" if row.is_retained else "",
            ]
            for row in report.rows
        ],
    }


def _readings(report: QuestionReport) -> list[tuple[str, str]]:
    """What each reading retains, in its order, the one that decides first; the other only where it is published."""
    outcome = report.outcome
    if not method_of(report.question).is_by_totals:
        return [(_("Retained, in order"), sentences.option_titles(outcome.retained, report.titles) or "–")]
    found = {"most_supported": outcome.most_supported, "balanced": outcome.balanced}
    order = sorted(READINGS, key=lambda reading: reading != outcome.reading)
    labels = {
        True: _("%(reading)s (the reading that decides)"),
        False: _("%(reading)s (for information)"),
    }
    return [
        (
            labels[reading == outcome.reading] % {"reading": Round.Reading(reading).label},
            sentences.option_titles(found[reading] or (), report.titles) or "–",
        )
        for reading in order
        if found[reading] is not None and (reading == outcome.reading or not report.is_small)
    ]
