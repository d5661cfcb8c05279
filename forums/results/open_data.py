"""Results as data for other programs: JSON (`pole-resultats/1`) and CSV. Described in docs/donnees.md.

Texts are given as they were written, in both languages; nothing depends on the language of the address.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from forums.models import Forum, Option, Question, Results, RoundEvent
from forums.results.report import PriorityLine, QuestionReport, RoundReport
from forums.tally.box import FORMER_LIMITS
from forums.tally.outcome import decimal_votes
from forums.vote.methods.base import ResultRow
from forums.vote.methods.registry import method_of
from pole.models import Hub
from pole.spreadsheets import csv_bytes

SCHEMA = "pole-resultats/1"
COLUMNS = (
    *("round", "question", "number", "title", "title_en", "unit", "total", "share", "rank", "place"),
    *("online", "paper", "description", "description_en"),
    # After the former ones, for programs that count columns.
    *("shown_rank", "given_by", "voted", "on_roll", "filled_in", "blank", "rejected", "votes_by_stage"),
)


def recount_program() -> bytes:
    """`recompter.py`, as everyone downloads it."""
    return (Path(__file__).parents[1] / "tally" / "recompter.py").read_bytes()


def as_json(
    *,
    hub: Hub,
    forum: Forum,
    results: Results | None,
    lines: Sequence[PriorityLine],
    reports: Sequence[RoundReport],
) -> str:
    """One JSON object, as text. `results` is None for a round alone, a trial for example."""
    data = {
        "schema": SCHEMA,
        "hub": {"name": hub.name, "name_en": hub.name_en or None},
        "forum": forum_data(forum),
        "published_at": results.published_at.isoformat() if results and results.published_at else None,
        "url": settings.BASE_URL + (results or forum).get_absolute_url(),
        "priorities": [_priority(line) for line in lines],
        "rounds": [_round(report) for report in reports],
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def forum_data(forum: Forum) -> dict[str, Any]:
    return {
        "slug": forum.slug,
        "title": forum.title,
        "title_en": forum.title_en or None,
        "date": timezone.localdate(forum.starts_at).isoformat(),
        "venue": forum.venue or None,
        "municipality": str(forum.municipality) if forum.municipality else None,
    }


def _priority(line: PriorityLine) -> dict[str, Any]:
    priority = line.priority
    vote = None
    if line.row and line.question and line.round:
        vote = {
            "round": line.round.number,
            "question": line.question.question.position,
            "number": line.row.key,
            "is_tied": line.row.is_tied,
            "total": line.row.total,
            "share": str(line.row.share),
            "given_by": line.row.ballots,
        }
    return {
        "place": line.number,
        "title": priority.title,
        "title_en": priority.title_en or None,
        "description": priority.description,
        "description_en": priority.description_en or None,
        "track": priority.track.title if priority.track else None,
        "themes": priority.themes,
        "state": priority.state,
        "vote": vote,
    }


def _round(report: RoundReport) -> dict[str, Any]:
    round, stored = report.round, report.round.box
    withheld = {"turnout", "channels"}
    if report.reconciliation.has_too_few_to_count:
        withheld |= {"papers_counted", "papers_blank", "papers_rejected"}
    return {
        "number": round.number,
        "title": round.title or None,
        "is_trial": round.is_trial,
        "public": round.public,
        "is_consultation": round.is_consultation,
        "reading": round.reading,
        "opened_at": round.opened_at and round.opened_at.isoformat(),
        "closed_at": round.closed_at and round.closed_at.isoformat(),
        "sealed_at": round.sealed_at and round.sealed_at.isoformat(),
        "seal": round.seal,
        "seed_hash": round.seed_hash,
        "receipts_fingerprint": round.receipts_fingerprint,
        "receipts_count": round.receipts_count,
        "tellers_part": round.tellers_part,
        "has_box": report.has_box,
        "ballots": report.ballots,
        # The same numbers as on the page and on the projector.
        "turnout": {"voted": report.reconciliation.voted, "on_roll": report.reconciliation.on_roll},
        "questions": [_question(question) for question in report.questions],
        # As `recompter.py --json` prints it; left out when the box is.
        "count": stored.outcome if report.has_box else None,
        "reconciliation": {
            name: value
            for name, value in stored.reconciliation.items()
            if report.has_box or name not in withheld
        },
        "log": [
            {
                "kind": event.kind,
                "at": event.at.isoformat(),
                "until": event.until and event.until.isoformat(),
                "reason": event.reason,
            }
            for event in round.events.all()
            if event.kind != RoundEvent.Kind.ADDED
        ],
        "papers_lost_because": round.papers_lost_because,
    }


def _question(report: QuestionReport) -> dict[str, Any]:
    question = report.question
    return {
        "position": question.position,
        "title": question.title,
        "title_en": question.title_en or None,
        "track": question.track.title if question.track else None,
        "method": question.method,
        # Null where it has no meaning, as before there were other methods; `limits` has those of all.
        **{name: question.limits.get(name) for name in FORMER_LIMITS},
        "limits": question.limits,
        "to_retain": question.to_retain,
        "filled_in": report.outcome.ballots,
        "blank": report.outcome.blank,
        "rejected": report.outcome.rejected,
        "options": [_option(row) for row in report.rows if row.option],
        "decision": _decision(report) if report.verdict else None,
        "stages": [_stage(question, stage) for stage in report.stages],
    }


def _stage(question: Question, stage: Mapping[str, Any]) -> dict[str, Any]:
    """Votes are exact, with a full stop; those of options by their number."""
    votes = zip(_numbers(question), stage["votes"], strict=True)
    return {
        **stage,
        "votes": {str(number): decimal_votes(each) for number, each in votes},
        **{name: decimal_votes(stage[name]) for name in ("needed", "not_transferable")},
    }


def _numbers(question: Question) -> list[int]:
    return sorted(option.number for option in question.options.all())


def _option(row: ResultRow) -> dict[str, Any]:
    ranks = {"rank": row.rank, "shown_rank": row.shown_rank, "place": row.place}
    return {"number": row.key, **_titles(row.option), **_figures(row), "given_by": row.ballots, **ranks}


def _decision(report: QuestionReport) -> dict[str, Any]:
    """`adopted`, `quorum_met` (null without a quorum), and each answer's figures."""
    return {
        "proposal": _titles(report.proposal),
        **{name: report.outcome.detail[name] for name in ("adopted", "quorum_met")},
        "answers": {row.key: _figures(row) for row in report.rows},
    }


def _titles(option: Option | None) -> dict[str, Any]:
    return {"title": option.title, "title_en": option.title_en or None} if option else {}


def _figures(row: ResultRow) -> dict[str, Any]:
    share = None if row.share is None else str(row.share)
    return {"total": row.total, "share": share, "online": row.online, "paper": row.paper}


def as_csv(lines: Sequence[PriorityLine], reports: Sequence[RoundReport]) -> bytes:
    """A line for each option of each question; without a vote, one for each priority, without figures."""
    rows = [
        _row(report, question, row)
        for report in reports
        for question in report.questions
        for row in question.rows
    ]
    if not rows:
        rows = [
            {
                "place": line.number,
                "title": line.priority.title,
                "title_en": line.priority.title_en,
                "description": line.priority.description,
                "description_en": line.priority.description_en,
            }
            for line in lines
        ]
    return csv_bytes(table(COLUMNS, rows))


def _row(report: RoundReport, question: QuestionReport, row: ResultRow) -> dict[str, Any]:
    option = row.option or question.proposal
    return {
        "round": report.round.number,
        "question": question.question.position,
        # Of a decision, the answer.
        "number": row.key,
        "title": option.title,
        "title_en": option.title_en,
        "unit": method_of(question.question).unit,
        "total": row.total,
        # With a full stop, as programs read it.
        "share": "" if row.share is None else f"{float(row.share):.4f}",
        "rank": row.rank,
        "shown_rank": row.shown_rank,
        "place": row.place,
        "online": row.online,
        "paper": row.paper,
        "given_by": row.ballots,
        "voted": report.reconciliation.voted,
        "on_roll": report.reconciliation.on_roll,
        "filled_in": question.outcome.ballots,
        "blank": question.outcome.blank,
        "rejected": question.outcome.rejected,
        "votes_by_stage": _votes_by_stage(question, row),
        "description": option.description,
        "description_en": option.description_en,
    }


def _votes_by_stage(report: QuestionReport, row: ResultRow) -> str:
    """ "498;201;201": at the end of each stage; "" where there are none."""
    if not row.option:
        return ""
    place = _numbers(report.question).index(row.option.number)
    return ";".join(decimal_votes(stage["votes"][place]) for stage in report.stages)


def table(columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> list[Sequence[Any]]:
    """The names of the columns, then their cells in rows that may lack some."""
    return [columns, *([row.get(name) for name in columns] for row in rows)]
