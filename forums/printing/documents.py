"""What the templates `results.typ` and `summary.typ` are given, in the current language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from forums.models import Forum, Results, Round
from forums.printing.prose import blocks
from forums.results import sentences
from forums.results.priority_groups import priority_groups
from forums.results.report import PriorityLine, QuestionReport, RoundReport
from forums.results.sentences import vote_title
from forums.tally.canonical import in_groups
from forums.vote.methods.base import ResultRow, layout_of
from pole.templatetags.typography import colon, date_range, day_time, long_date, number, percent
from pole.text.bilingual import LocalizedText, current_language
from pole.text.typography import one_stop

# As many grades as there may be.
COLUMNS_A_TABLE = 7


def results_data(
    *, forum: Forum, results: Results | None, lines: Sequence[PriorityLine], reports: Sequence[RoundReport]
) -> dict[str, Any]:
    """The whole of the results, or of one round alone when `results` is None."""
    title = forum.shown_title
    return {
        "title": _("Results: %(title)s") % {"title": title},
        "kicker": _("Results of the forum"),
        "foot": f"{title} – {settings.BASE_URL.partition('://')[2]}{(results or forum).get_absolute_url()}",
        "heading": text_value(results.shown_heading) if results else "",
        "when": capfirst(date_range(forum.starts_at, forum.ends_at)),
        "where": venue_and_municipality(forum),
        "introduction": prose_blocks(results.shown_introduction) if results else [],
        "quotation": _quotation(results) if results else None,
        "groups": _priority_groups(lines, reports) if results else [],
        "lead": text_value(results.shown_priorities_lead) if results else "",
        "decisions": _decisions(reports),
        "next_steps": prose_blocks(results.shown_next_steps) if results else [],
        "votes": [_vote(report) for report in reports],
        "words": {
            "priorities": _("Retained priorities"),
            "decisions": _("Decisions"),
            "next_steps": _("Next steps"),
            "retained": _("retained"),
            "options": {
                "rank": _("Rank"),
                "option": _("Option"),
                "answer": pgettext("answer to a proposal", "Answer"),
                "total": _("Total"),
                "ballots": _("Ballots"),
                "retained": _("Retained"),
                "online": _("On screen"),
                "paper": _("On paper"),
            },
            "ties": _("Ties"),
            "method": _("The method"),
            "reconciliation": _("The reconciliation"),
            "seal": _("The seal"),
            "seed_hash": _("Hash of the seed of the lottery, published at opening:"),
        },
    }


def summary_data(
    *,
    forum: Forum,
    results: Results,
    lines: Sequence[PriorityLine],
    reports: Sequence[RoundReport],
    address: str,
) -> dict[str, Any]:
    """The two-page summary: what was retained, by how many people, and where the full results are."""
    return {
        "title": _("Priorities of the region: %(title)s") % {"title": forum.shown_title},
        "kicker": _("Transmission dossier – summary"),
        "foot": f"{forum.shown_title} – {address}",
        "when": capfirst(date_range(forum.starts_at, forum.ends_at)),
        "where": venue_and_municipality(forum),
        "lead": text_value(results.shown_priorities_lead) or text_value(results.shown_heading),
        "groups": _priority_groups(lines, reports),
        "decisions": _decisions(reports),
        "votes": [
            {
                "turnout": turnout_text(report),
                "consultation": sentences.consultation_notice() if report.round.is_consultation else "",
                "few": sentences.few_ballots_notice(report.reconciliation) if not report.questions else "",
                "seal": in_groups(report.round.seal),
                "title": vote_title(report.round),
            }
            for report in reports
        ],
        "next_steps": prose_blocks(results.shown_next_steps),
        "address": address,
        "words": {
            "priorities": _("Retained priorities"),
            "decisions": _("Decisions"),
            "vote": _("The vote"),
            "seal": _("Seal of the box:"),
            "next_steps": _("Next steps"),
            "rest": _(
                "The full results and the data are in the same dossier. The results are published here:"
            ),
        },
    }


def text_value(text: LocalizedText) -> dict[str, str] | str:
    """As `shown` of frame.typ takes it: with its language when it is not the document's."""
    return (
        str(text)
        if not text or text.language == current_language()
        else {"text": str(text), "language": text.language}
    )


def prose_blocks(text: LocalizedText) -> list[dict[str, Any]]:
    return [
        {**block, "text": text_value(LocalizedText(block["text"], text.language))} for block in blocks(text)
    ]


def venue_and_municipality(forum: Forum) -> str:
    return ", ".join(part for part in (forum.venue, str(forum.municipality or "")) if part)


def _priority_groups(lines: Sequence[PriorityLine], reports: Sequence[RoundReport]) -> list[dict[str, Any]]:
    return [
        {
            "title": text_value(group.title),
            "vote": group.vote,
            "nothing": group.nothing_retained,
            "ties": group.ties,
            "priorities": [priority_data(line) for line in group.lines],
        }
        for group in priority_groups(lines, reports)
    ]


def priority_data(line: PriorityLine) -> dict[str, Any]:
    return {
        "number": line.number,
        "tied": _("tied") if line.row and line.row.is_tied else "",
        "title": text_value(line.priority.shown_title),
        "description": text_value(line.priority.shown_description),
        "track": text_value(line.priority.track.shown_title) if line.priority.track else "",
        "themes": ", ".join(theme.shown for theme in line.priority.shown_themes),
        "figure": line.row.figure if line.row else "",
    }


def _decisions(reports: Sequence[RoundReport]) -> list[dict[str, Any]]:
    return [
        {"proposal": text_value(each.proposal.shown_title), "verdict": each.verdict}
        for report in reports
        for each in report.decisions
    ]


def _quotation(results: Results) -> dict[str, Any] | None:
    if not results.shown_quotation:
        return None
    source = [results.quotation_author, str(results.shown_quotation_role)]
    return {
        "text": text_value(
            LocalizedText(sentences.quote(results.shown_quotation), results.shown_quotation.language)
        ),
        "source": ", ".join(part for part in source if part),
    }


def turnout_text(report: RoundReport) -> str:
    """ "Ont voté : 31 sur 40 (77,5 %)."""
    counts = report.reconciliation
    text = _("Voted: %(voted)s of %(roll)s") % {"voted": number(counts.voted), "roll": number(counts.on_roll)}
    return text if report.turnout_share is None else f"{text} ({percent(report.turnout_share)})"


def opening_hours(round: Round) -> str:
    if round.opened_at is None or round.closed_at is None:
        return ""
    said = _("Opened on %(day)s at %(opened)s, closed at %(closed)s.") % {
        "day": long_date(round.opened_at),
        "opened": day_time(round.opened_at),
        "closed": day_time(round.closed_at),
    }
    return one_stop(said)


def _vote(report: RoundReport) -> dict[str, Any]:
    return {
        "title": vote_title(report.round),
        "moment": opening_hours(report.round),
        "turnout": turnout_text(report),
        "kinds": [
            [name, _("%(voted)s of %(roll)s") % {"voted": number(voted), "roll": number(on_roll)}]
            for name, on_roll, voted in report.turnout
        ],
        "consultation": sentences.consultation_notice() if report.round.is_consultation else "",
        "few": "" if report.has_box else sentences.few_ballots_notice(report.reconciliation),
        "questions": [_question(question) for question in report.questions],
        "method": report.method,
        "sums": [group.for_print() for group in report.reconciliation_groups],
        "seal": in_groups(report.round.seal),
        "seed_hash": in_groups(report.round.seed_hash),
        "receipts": [report.receipts_label, in_groups(report.round.receipts_fingerprint)],
        "tellers": report.tellers_part,
        "recount": sentences.recount_notice() if report.has_box else "",
    }


def _question(report: QuestionReport) -> dict[str, Any]:
    return {
        "title": text_value(report.question.shown_title),
        "layout": layout_of(report.question, "result.typ"),
        "rule": report.rule,
        "counted": report.counted,
        "alt": report.chart_title,
        "nothing": report.nothing_retained,
        "share_head": report.share_head,
        "has_ballots": report.has_ballots,
        "has_channels": report.has_channels,
        "rows": [_row(row, row.total / report.longest) for row in report.rows],
        "verdict": report.verdict,
        "proposal": text_value(report.proposal.shown_title) if report.verdict else "",
        "ties": report.ties,
        "difference": report.difference,
        "total_head": report.total_head,
        "colon": colon(),
        "fates": [[text_value(row.title), row.figure] for row in report.rows],
        "drawing": report.drawing.as_plain() if report.drawing else None,
        "details": details_tables(report),
    }


def details_tables(report: QuestionReport) -> list[dict[str, Any]]:
    """What a total does not say, in tables narrow enough for a sheet: heads, then rows of cells after their title."""
    details = report.details
    if details is None:
        return []
    titles = [text_value(row.title) for row in report.rows] + [head for head, _cells in details.foot]
    lines = [*details.cells, *(cells for _head, cells in details.foot)]
    return [
        {
            "heads": [_("Option"), *details.heads[start : start + COLUMNS_A_TABLE]],
            "rows": [
                [title, *cells[start : start + COLUMNS_A_TABLE]]
                for title, cells in zip(titles, lines, strict=True)
            ],
        }
        for start in range(0, len(details.heads), COLUMNS_A_TABLE)
    ]


def _row(row: ResultRow, length: float) -> dict[str, Any]:
    return {
        "number": row.ballot_number,
        "title": text_value(row.title),
        "rank": "–" if row.shown_rank is None else number(row.shown_rank),
        "retained": "✓" if row.is_retained else "",
        "total": number(row.total),
        "share": row.shown_share,
        "figure": row.short_figure,
        "ballots": "" if row.ballots is None else number(row.ballots),
        "length": length,
        "online": "" if row.online is None else number(row.online),
        "paper": "" if row.paper is None else number(row.paper),
    }
