"""Papers that came back: typed by two people, by the numbers; differences decided by staff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from forums.forms.paper import DecisionForm, TypingForm
from forums.models import PaperBallot, PaperTyping, Question, Round
from forums.views.day.day_access import day_team_or_staff_only, get_forum_or_404, get_helper
from forums.views.rounds.dashboard import (
    get_round_or_404,
    paper_counts,
    round_name,
)
from forums.vote import paper_entry as typing
from forums.vote.casting import questions_of
from forums.vote.methods.base import sentence
from forums.vote.methods.registry import method_of
from forums.vote.paper_entry import SEEN_MARKS, TypingResult
from pole.access import role_required
from pole.refusals import Refusal, refusal_shown


@day_team_or_staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def paper_typing(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """By keyboard alone: serial, numbers, Enter. Nobody sees what someone else typed."""
    round = get_round_or_404(slug, number)
    questions = questions_of(round)
    form = TypingForm(request.POST or None, questions=questions)
    status = 200
    if request.method == "POST":
        if form.is_valid() and _record_typing(request, round, form):
            return redirect("staff:paper_typing", slug, number)
        status = 422
    form.focus_first_wrong()
    context = {
        "forum": round.forum,
        "round": round,
        "name": round_name(round),
        "form": form,
        "lines": [
            (field, sentence(question, "instruction", is_typing=True))
            for question, field in form.answer_fields()
        ],
        "papers": paper_counts(round),
        "is_closed": round.state_at(timezone.now()) == Round.State.CLOSED,
        "helper": get_helper(request),
    }
    return render(request, "forums/paper_typing.html", context, status=status)


@day_team_or_staff_only
@require_safe
def paper_typing_of_closed_round(request: HttpRequest, slug: str) -> HttpResponse:
    """The papers of the round that waits for them; or that none does, yet or any more."""
    forum = get_forum_or_404(slug)
    waiting = Round.objects.unsealed().filter(forum=forum, papers__isnull=False).order_by("number")
    for round in waiting.distinct():
        if round.state_at(timezone.now()) == Round.State.CLOSED:
            return redirect("staff:paper_typing", slug, round.number)
    context = {"forum": forum, "is_closed": False, "helper": get_helper(request)}
    return render(request, "forums/paper_typing.html", context)


def _record_typing(request: HttpRequest, round: Round, form: TypingForm) -> bool:
    helper, serial = get_helper(request), form.cleaned_data["serial"]
    try:
        result = typing.type_paper(
            round_id=round.pk,
            serial=serial,
            answers=form.answers,
            typist=helper.typist,
            typist_name=helper.name,
        )
    except Refusal as refusal:
        form.add_error("serial", refusal.message)
        return False
    message = {
        TypingResult.FIRST: _("Paper %(serial)s is kept. Someone else will type it too."),
        TypingResult.AGREED: _("Paper %(serial)s is settled: two people read the same."),
        TypingResult.DIFFERENT: _(
            "Paper %(serial)s was read differently by two people: put it aside, the team will decide."
        ),
    }[result]
    add_message = messages.warning if result == TypingResult.DIFFERENT else messages.success
    add_message(request, message % {"serial": serial})
    return True


@dataclass(frozen=True, slots=True)
class TwoReadings:
    """One question of a paper as two people read it, in the words that are typed."""

    question: Question
    first: str
    second: str

    @property
    def differs(self) -> bool:
        return self.first != self.second


@role_required("forums")
@require_safe
def paper_disputes(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Papers read differently, to decide; papers typed once, whose serial may be wrong."""
    round = get_round_or_404(slug, number)
    waiting = PaperBallot.objects.filter(round=round, outcome="").annotate(times=Count("typings"))
    waiting = waiting.prefetch_related("typings").order_by("serial")
    context = {
        "forum": round.forum,
        "round": round,
        "name": round_name(round),
        "disputed": [
            (
                paper,
                _readings_by_question(round, paper),
                sorted(paper.typings.all(), key=lambda each: each.pk),
            )
            for paper in waiting.filter(times__gt=1)
        ],
        "once": list(waiting.filter(times=1)),
        "decided": PaperBallot.objects.filter(round=round).exclude(resolved_because="").order_by("serial"),
        "papers": paper_counts(round),
        "state": round.state_at(timezone.now()),
    }
    return render(request, "forums/console_disputes.html", context)


def _readings_by_question(round: Round, paper: PaperBallot) -> list[TwoReadings]:
    first, second = sorted(paper.typings.all(), key=lambda each: each.pk)[:2]
    return [
        TwoReadings(question, _as_typed(first, question), _as_typed(second, question))
        for question in questions_of(round)
    ]


def _as_typed(kept: PaperTyping, question: Question) -> str:
    """What someone typed for a question, as they could type it again."""
    position, marks = str(question.position), method_of(question).format_marks
    if position in kept.choices:
        return marks(question, kept.choices[position]) or "0"
    seen: Any = kept.choices.get(SEEN_MARKS, {})
    return f"{marks(question, seen.get(position, []))} {typing.REJECTED_WORD}".strip()


@role_required("forums")
@require_http_methods(["GET", "HEAD", "POST"])
def paper_resolve(request: HttpRequest, slug: str, number: int, paper_id: int) -> HttpResponse:
    """Both readings, the paper in hand, a decision and its reason."""
    round = get_round_or_404(slug, number)
    rows = PaperBallot.objects.prefetch_related("typings")
    paper = get_object_or_404(rows, pk=paper_id, round=round)
    if paper.outcome or len(paper.typings.all()) < 2:
        messages.info(request, _("Paper %(serial)s has nothing to decide.") % {"serial": paper.serial})
        return redirect("staff:paper_disputes", slug, number)
    readings = _readings_by_question(round, paper)
    agreed = {f"q{each.question.position}": each.first for each in readings if not each.differs}
    form = DecisionForm(request.POST or None, questions=questions_of(round), initial=agreed)
    if request.method == "POST" and form.is_valid():
        _record_decision(request, round, paper, form)
        return redirect("staff:paper_disputes", slug, number)
    context = {
        "forum": round.forum,
        "round": round,
        "name": round_name(round),
        "paper": paper,
        "typists": [each.typist_name for each in sorted(paper.typings.all(), key=lambda each: each.pk)],
        "lines": [
            (reading, field, sentence(reading.question, "instruction", is_typing=True))
            for reading, (_question, field) in zip(readings, form.answer_fields(), strict=True)
        ],
        "form": form,
    }
    return render(request, "forums/console_dispute.html", context, status=422 if form.errors else 200)


def _record_decision(request: HttpRequest, round: Round, paper: PaperBallot, form: DecisionForm) -> None:
    with refusal_shown(request, _("Paper %(serial)s is settled.") % {"serial": paper.serial}):
        typing.resolve_paper(
            round_id=round.pk, paper_id=paper.pk, answers=form.answers, reason=form.cleaned_data["reason"]
        )


@role_required("forums")
@require_POST
def paper_typing_delete(request: HttpRequest, slug: str, number: int, paper_id: int) -> HttpResponse:
    """A serial misread: drops the only typing that it has."""
    round = get_round_or_404(slug, number)
    with refusal_shown(request, _("Dropped. Type the paper again, under its own serial.")):
        typing.delete_typing(round_id=round.pk, paper_id=paper_id)
    return redirect("staff:paper_disputes", slug, number)
