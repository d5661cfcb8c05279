"""Staff reconcile people and papers before sealing, and download the record that tellers sign."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.rules import signed_in_user
from forums.forms.round_life import PapersLostForm
from forums.models import Round, SealedBox
from forums.printing.official_record import record_pdf
from forums.results.published_reconciliation import reconciliation_groups
from forums.views.rounds.dashboard import get_round_or_404, round_dashboard, round_name
from forums.vote import paper_entry
from forums.vote.reconciliation import Reconciliation
from pole.access import role_required
from pole.files.downloads import as_file
from pole.refusals import refusal_shown


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two numbers that must agree, what each counts, and, when they differ, what to do."""

    title: str
    left_label: str
    left: int
    right_label: str
    right: int
    todo: str = ""

    @property
    def agrees(self) -> bool:
        return self.left == self.right


def comparisons_of(found: Reconciliation) -> list[Comparison]:
    """What must agree before the box is sealed."""
    papers = Comparison(
        _("Papers given out"),
        _("Given out to people"),
        found.papers_issued,
        _("Typed, blank, rejected or lost"),
        found.papers_returned + found.papers_lost,
        _what_to_do_about_papers(found),
    )
    votes = Comparison(
        _("People who voted"),
        _("Ballots online and papers given out"),
        found.voted,
        _("Ballots in the box and papers lost"),
        found.ballots + found.papers_lost,
        _("It will agree once the papers do."),
    )
    return [papers, votes]


def _what_to_do_about_papers(found: Reconciliation) -> str:
    sentences = []
    if found.papers_unsettled:
        sentences.append(
            ngettext(
                "%(count)d paper was typed by one person only, or differently by two.",
                "%(count)d papers were typed by one person only, or differently by two.",
                found.papers_unsettled,
            )
            % {"count": found.papers_unsettled}
        )
    if found.papers_missing > 0:
        sentences.append(
            ngettext(
                "%(count)d paper is missing: look for it, type it, or declare it lost with a reason.",
                "%(count)d papers are missing: look for them, type them, or declare them lost with a reason.",
                found.papers_missing,
            )
            % {"count": found.papers_missing}
        )
    if found.papers_missing < 0:
        sentences.append(
            ngettext(
                "%(count)d paper more came back than were given out: check the serials typed once, take back a"
                " loss declared too soon. If nothing explains it, annul the vote.",
                "%(count)d papers more came back than were given out: check the serials typed once, take back a"
                " loss declared too soon. If nothing explains it, annul the vote.",
                -found.papers_missing,
            )
            % {"count": -found.papers_missing}
        )
    return " ".join(sentences)


@role_required("forums")
@require_safe
def reconciliation(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    return _reconciliation_page(request, get_round_or_404(slug, number))


def _reconciliation_page(
    request: HttpRequest, round: Round, form: PapersLostForm | None = None
) -> HttpResponse:
    dashboard = round_dashboard(round, timezone.now())
    found = dashboard.reconciliation
    if found is None:
        messages.info(request, _("The sums are made once the vote is closed."))
        return redirect("staff:round", round.forum.slug, round.number)
    initial = {
        "count": round.papers_lost or max(found.papers_missing, 0),
        "reason": round.papers_lost_because,
    }
    context = {
        "forum": round.forum,
        "round": round,
        "dashboard": dashboard,
        "name": round_name(round),
        "found": found,
        "comparisons": comparisons_of(found),
        "groups": reconciliation_groups(found, (), dashboard.events, round.papers_lost_because),
        "form": form or PapersLostForm(initial=initial),
        "box": SealedBox.objects.filter(round=round).first(),
    }
    return render(request, "forums/console_reconciliation.html", context, status=422 if form else 200)


@role_required("forums")
@require_POST
def papers_lost(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    round = get_round_or_404(slug, number)
    form = PapersLostForm(request.POST)
    if not form.is_valid():
        return _reconciliation_page(request, round, form)
    with refusal_shown(request, _("Noted. The number and the reason will be published.")):
        paper_entry.declare_papers_lost(round_id=round.pk, by=signed_in_user(request), **form.cleaned_data)
    return redirect("staff:reconciliation", slug, number)


@role_required("forums")
@require_safe
def round_box(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The sealed box, to the byte, before its results are published. 404 before the seal, and after a vote of
    fewer than `MIN_BALLOTS_TO_PUBLISH_BOX` ballots, whose box is kept without its text."""
    box = get_object_or_404(SealedBox, round__forum__slug=slug, round__number=number)
    if not box.text:
        raise Http404
    return as_file(HttpResponse(box.text), f"urne-{slug}-{number}.json")


@role_required("forums")
@require_safe
def round_record(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """What tellers sign: the sums, the seal, the count."""
    round = get_round_or_404(slug, number)
    box = get_object_or_404(SealedBox, round=round)
    return as_file(HttpResponse(record_pdf(round, box)), f"proces-verbal-{slug}-{number}.pdf")
