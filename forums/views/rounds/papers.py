"""Paper ballots before they come back: printed by staff, given out in the room."""

from __future__ import annotations

import math

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from forums.dossier.files import build_archive
from forums.forms.round_life import PaperPrintForm
from forums.models import Round
from forums.printing.ballots import ballot_files
from forums.views.rounds.dashboard import (
    RoundDashboard,
    get_round_or_404,
    paper_counts,
    round_dashboard,
    round_name,
)
from forums.views.rounds.roll import search_roll
from forums.vote import paper_issue
from forums.vote.roll import eligible_count
from pole.access import role_required
from pole.files.downloads import as_file
from pole.refusals import Refusal, refusal_shown
from pole.text.matching import first_found, typed_text

MAX_FOUND = 20
# Of people on the roll, how many are likely to want paper; and never fewer than so many.
PAPER_SHARE, MIN_PRINTED = 0.25, 10


@role_required("forums")
@require_safe
def paper_page(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    return _paper_page(request, get_round_or_404(slug, number))


def _paper_page(request: HttpRequest, round: Round, form: PaperPrintForm | None = None) -> HttpResponse:
    dashboard = round_dashboard(round, timezone.now())
    people = dashboard.on_roll or eligible_count(round)
    suggested = max(MIN_PRINTED, math.ceil(people * PAPER_SHARE)) if not dashboard.papers.printed else None
    context = {
        "forum": round.forum,
        "round": round,
        "dashboard": dashboard,
        "name": round_name(round),
        "form": form or PaperPrintForm(initial={"count": suggested, "seen": dashboard.papers.printed}),
        "people": people,
        "can_print": _can_print(dashboard),
    }
    return render(request, "forums/console_paper.html", context, status=422 if form else 200)


def _can_print(dashboard: RoundDashboard) -> bool:
    states = {Round.State.PLANNED, Round.State.OPEN}
    return dashboard.round.drawn_at is not None and dashboard.state in states


@role_required("forums")
@require_POST
def paper_print(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Answers the PDF of so many new ballots, in the order of their printing; of very many, a ZIP of several."""
    round = get_round_or_404(slug, number)
    form = PaperPrintForm(request.POST)
    if not form.is_valid():
        return _paper_page(request, round, form)
    count, seen = form.cleaned_data["count"], form.cleaned_data["seen"]
    is_large = form.cleaned_data["is_large_print"]
    try:
        serials = paper_issue.print_papers(
            round_id=round.pk, count=count, is_large_print=is_large, seen_count=seen
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("staff:paper_page", slug, number)
    name = f"bulletins-{slug}-{number}"
    files = ballot_files(round, serials, is_large_print=is_large)
    if len(files) == 1:
        return as_file(HttpResponse(files[0]), f"{name}.pdf")
    numbered = [(f"{name}-{place:02}.pdf", content) for place, content in enumerate(files, start=1)]
    return as_file(HttpResponse(build_archive(numbered, at=timezone.now())), f"{name}.zip")


@role_required("forums")
@require_http_methods(["GET", "HEAD", "POST"])
def paper_issue_page(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """In the room, on a phone: a name, then a paper."""
    round = get_round_or_404(slug, number)
    if request.method == "POST":
        _issue_paper(request, round)
        return redirect("staff:paper_issue", slug, number)
    words = typed_text(request.GET.get("q", ""))
    rows = search_roll(round, words).filter(voided_at=None)
    context = {
        "forum": round.forum,
        "round": round,
        "name": round_name(round),
        "is_open": round.state_at(timezone.now()) == Round.State.OPEN,
        "words": words,
        "is_unasked": not words,
        **first_found(rows if words else rows.none(), MAX_FOUND),
        "papers": paper_counts(round),
    }
    return render(request, "forums/console_paper_issue.html", context)


def _issue_paper(request: HttpRequest, round: Round) -> None:
    key = request.POST.get("entry", "")
    entry_id = int(key) if key.isdecimal() and len(key) < 19 else 0
    with refusal_shown(request):
        was_online = paper_issue.issue_paper(round_id=round.pk, entry_id=entry_id)
        # The name stays out of what the session keeps until the next page.
        message = _("The paper may be handed over. This person’s slip and link no longer open a ballot.")
        if was_online:
            message += " " + _("Their online ballot was deleted: tell them that the paper alone will count.")
        messages.success(request, message)
