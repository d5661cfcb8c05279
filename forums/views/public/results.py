"""Published results: the page of a forum, that of each vote, and their files.

Nothing of a sealed vote's outcome is read here before staff publish it with the results of its forum; a
trial vote, an annulment and a seal are public at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from forums.models import Forum, Results, SealedBox
from forums.models.reading import announced_forum
from forums.printing.documents import results_data
from forums.printing.pdf_cache import compile_cached
from forums.results import open_data, sentences
from forums.results.figures import figures_html, turnout_html
from forums.results.priority_groups import priority_groups
from forums.results.published import (
    latest_updates,
    opened_round,
    published_results,
    report_of_round,
    reports_of_results,
)
from forums.results.report import PriorityLine, RoundReport, priority_lines, published_rounds
from forums.results.sentences import vote_title
from forums.views.public.forum import forum_head
from pole.caching.public_pages import get_public_state, reading_page
from pole.files.downloads import as_file
from pole.hub.identity import get_identity
from pole.text.bilingual import current_language
from pole.text.contents import MANY_HEADINGS

# Priorities say which recommendations they come from.
RESULTS_READ = ("comments", "forums", "people", "recommendations", "results")


@dataclass(frozen=True, slots=True)
class PublishedResults:
    """The published results of a forum, or of one of its votes alone.

    Of a vote alone, `results` is None and `lines` is empty: there is no prose, and no priority.
    """

    forum: Forum
    results: Results | None
    lines: list[PriorityLine]
    reports: list[RoundReport]


@reading_page(reads=RESULTS_READ, parameters=("commentaires",))
def results(request: HttpRequest, slug: str) -> HttpResponse:
    """Prose, priorities, and the figures of the last vote."""
    published, lines, reports = _results_of_forum_or_404(slug)
    context = results_context(published, lines, reports) | {
        "updates": latest_updates(published),
        "followup": reverse("forums:followup", args=[slug]),
    }
    return render(request, "forums/results.html", context)


def results_context(
    results: Results, lines: list[PriorityLine], reports: list[RoundReport]
) -> dict[str, object]:
    """What `forums/results.html` shows, published or as staff preview it."""
    groups, last = priority_groups(lines, reports), reports[-1] if reports else None
    notes = notes_beside_figures(last)
    context = {
        "results": results,
        "forum": results.forum,
        "lines": lines,
        "groups": groups,
        "decisions": [each for report in reports for each in report.decisions],
        "report": last,
        "earlier": [(report.round, vote_title(report.round)) for report in reports[-2::-1]],
        "notes": notes,
        "figures": figures_html(last, notes, groups=groups, shows_heading=True) if last else "",
        "turnout": turnout_html(last) if last else "",
        "page_head": forum_head(results.forum, _("Results of the forum")),
    }
    return context | {"headings": _headings(context)}


def _headings(context: dict[str, Any]) -> list[tuple[str, str]]:
    """Those of the page, as `components/contents.html` shows them, when they are many."""
    headings = [
        (bool(context["forum"].tracks.all()), "axes", _("Tracks")),
        (bool(context["groups"]), "priorites-titre", _("Retained priorities")),
        (bool(context["decisions"]), "decisions-titre", _("Decisions")),
        (bool(context["results"].shown_next_steps), "suites", _("Next steps")),
        *_headings_of_vote(context["report"], _("How people voted")),
    ]
    shown = [(identifier, words) for is_shown, identifier, words in headings if is_shown]
    return shown if len(shown) >= MANY_HEADINGS else []


def _headings_of_vote(report: RoundReport | None, figures: str) -> list[tuple[bool, str, str]]:
    return [
        (report is not None, "vote-titre", figures),
        (report is not None and report.has_box, "recompter", _("Redo the count")),
    ]


def notes_beside_figures(report: RoundReport | None) -> dict[str, str]:
    """The notes to show beside the figures of a vote; empty for one that does not apply, none at all without `report`."""
    if report is None:
        return {}
    return {
        "consultation": sentences.consultation_notice() if report.round.is_consultation else "",
        "few": "" if report.has_box else sentences.few_ballots_notice(report.reconciliation),
        "recount": sentences.recount_notice() if report.has_box else "",
    }


@reading_page(reads=RESULTS_READ)
def round_results(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The figures of one vote; before they are published, where it stands."""
    now = timezone.now()
    round = opened_round(slug, number, now)
    if round is None:
        raise Http404
    report = report_of_round(slug, number, now)
    notes = notes_beside_figures(report)
    context = {
        "round": round,
        "forum": round.forum,
        "title": vote_title(round),
        "state": round.state_at(now).value,
        "report": report,
        "notes": notes,
        "figures": figures_html(report, notes) if report else "",
        "turnout": turnout_html(report) if report else "",
        "headings": _headings_of_round(report),
        "page_head": forum_head(round.forum, str(round.forum.shown_title)),
    }
    return render(request, "forums/round_results.html", context)


def _headings_of_round(report: RoundReport | None) -> list[tuple[str, str]]:
    if report is None:
        return []
    asked = [
        (True, f"retenu-{each.question.position}", each.question.shown_title) for each in report.questions
    ]
    headings = [*asked, *_headings_of_vote(report, _("The figures"))]
    return [(identifier, words) for is_shown, identifier, words in headings if is_shown]


# --- Files. Without a number: of the whole forum; the box and the program are those of its last vote. ----


@reading_page(reads=RESULTS_READ)
def results_pdf(request: HttpRequest, slug: str, number: int | None = None) -> HttpResponse:
    found = _published_or_404(slug, number)
    data = results_data(forum=found.forum, results=found.results, lines=found.lines, reports=found.reports)
    moments = [report.round.sealed_at for report in found.reports]
    at = (found.results and found.results.published_at) or moments[-1] or found.forum.starts_at
    content = compile_cached("results", data, current_language(), at=at)
    return as_file(HttpResponse(content), _file_name(slug, number, "pdf"), is_inline=True)


@reading_page(reads=RESULTS_READ)
def results_csv(request: HttpRequest, slug: str, number: int | None = None) -> HttpResponse:
    found = _published_or_404(slug, number)
    content = open_data.as_csv(found.lines, found.reports)
    return as_file(HttpResponse(content), _file_name(slug, number, "csv"))


@reading_page(reads=RESULTS_READ)
def results_json(request: HttpRequest, slug: str, number: int | None = None) -> HttpResponse:
    found = _published_or_404(slug, number)
    text = open_data.as_json(
        hub=get_identity(get_public_state(request).version_of("hub")).hub,
        forum=found.forum,
        results=found.results,
        lines=found.lines,
        reports=found.reports,
    )
    return as_file(HttpResponse(text), _file_name(slug, number, "json"), is_inline=True)


@reading_page(reads=RESULTS_READ)
def results_box(request: HttpRequest, slug: str, number: int | None = None) -> HttpResponse:
    """The sealed box, byte for byte."""
    text = _box_or_404(slug, number).text
    return as_file(HttpResponse(text), "urne.json")


@reading_page(reads=RESULTS_READ)
def results_recount(request: HttpRequest, slug: str, number: int | None = None) -> HttpResponse:
    """The program that recounts the box, byte for byte."""
    _box_or_404(slug, number)
    return as_file(HttpResponse(open_data.recount_program()), "recompter.py")


def _published_or_404(slug: str, number: int | None) -> PublishedResults:
    if number is None:
        published, lines, reports = _results_of_forum_or_404(slug)
        return PublishedResults(published.forum, published, lines, reports)
    now = timezone.now()
    report, forum = report_of_round(slug, number, now), announced_forum.first(slug, now)
    if report is None or forum is None:
        raise Http404
    return PublishedResults(forum, None, [], [report])


def _results_of_forum_or_404(slug: str) -> tuple[Results, list[PriorityLine], list[RoundReport]]:
    found = published_results(slug, timezone.now())
    if found is None:
        raise Http404
    reports = reports_of_results(found)
    return found, priority_lines(found.shown_priorities, reports), reports


def _box_or_404(slug: str, number: int | None) -> SealedBox:
    """The box of a published vote, when there is one to publish. One query."""
    rounds = published_rounds(timezone.now()).filter(forum__slug=slug)
    rounds = rounds.decisive() if number is None else rounds.filter(number=number)
    round = rounds.select_related("box").order_by("-number").first()
    if round is None or not round.box.text:
        raise Http404
    return round.box


def _file_name(slug: str, number: int | None, extension: str) -> str:
    return f"resultats-{slug}{'' if number is None else f'-vote-{number}'}.{extension}"
