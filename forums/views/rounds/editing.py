"""Staff prepare rounds: the list, the form, the page of one round."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.rules import signed_in_user
from forums.forms.round import RoundForms
from forums.forms.round_life import DropPartForm, PartForm, ProlongForm
from forums.models import Forum, Round, Slip
from forums.views.day.day_access import get_forum_or_404
from forums.views.rounds.dashboard import get_round_or_404, round_dashboard, round_name
from forums.vote import preparation
from pole.access import role_required
from pole.refusals import Refusal


@role_required("forums")
@require_safe
def round_list(request: HttpRequest, slug: str) -> HttpResponse:
    forum, now = get_forum_or_404(slug), timezone.now()
    rounds = [
        (round, round.state_at(now), round_name(round))
        for round in Round.objects.for_pages().filter(forum=forum).order_by("number")
    ]
    slips = Slip.objects.filter(forum=forum, voided_at=None).count()
    context = {"forum": forum, "rounds": rounds, "slips": slips}
    return render(request, "forums/console_rounds.html", context)


@role_required("forums")
@require_http_methods(["GET", "HEAD", "POST"])
def round_new(request: HttpRequest, slug: str) -> HttpResponse:
    forum = get_forum_or_404(slug)
    opens_at = preparation.next_start(forum, max(timezone.now(), forum.starts_at))
    planned = Round(forum=forum, opens_at=opens_at, closes_at=opens_at + timedelta(hours=1))
    return _edit_page(request, forum, planned)


@role_required("forums")
@require_http_methods(["GET", "HEAD", "POST"])
def round_edit(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    forum, round = get_forum_or_404(slug), get_round_or_404(slug, number)
    if round.opened_at:
        messages.error(
            request, _("An opened round never changes: its questions and its rules are what people vote on.")
        )
        return redirect("staff:round", slug, number)
    return _edit_page(request, forum, round)


def _edit_page(request: HttpRequest, forum: Forum, round: Round) -> HttpResponse:
    forms = RoundForms(round, forum, request.POST or None)
    status = 200
    if request.method == "POST" and forms.is_valid():
        try:
            saved = _save(forum, round, forms, signed_in_user(request))
        except Refusal as refusal:
            forms.round.add_error(None, refusal.message)
            status = 409
        else:
            _add_saved_messages(request, saved)
            return redirect("staff:round", forum.slug, saved.number)
    context = {
        "forum": forum,
        "round": round if round.pk else None,
        "forms": forms,
        "name": round_name(round) if round.pk else "",
    }
    return render(request, "forums/console_round_edit.html", context, status=status)


def _save(forum: Forum, round: Round, forms: RoundForms, by: User) -> Round:
    questions = forms.typed_questions()
    if round._state.adding:
        return preparation.create_round(forum=forum, values=forms.values, questions=questions, by=by)
    seen = forms.round.cleaned_data["fingerprint"]
    return preparation.update_round(
        round_id=round.pk, values=forms.values, questions=questions, seen_fingerprint=seen, by=by
    )


def _add_saved_messages(request: HttpRequest, round: Round) -> None:
    messages.success(request, _("Saved. Nobody votes before you open it."))
    if round.closes_at <= timezone.now():
        messages.warning(request, _("Its closing time is over already: change it before opening."))
    elif round.closes_at - round.opens_at < preparation.SHORT:
        messages.warning(request, _("It is planned to last less than 10 minutes."))


@role_required("forums")
@require_safe
def round_page(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """State, time left, turnout, log, and the one next thing to do."""
    return show_round(request, get_round_or_404(slug, number))


def show_round(
    request: HttpRequest,
    round: Round,
    *,
    prolong_form: ProlongForm | None = None,
    part_form: PartForm | None = None,
    drop_form: DropPartForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Its page, also with the form of its own that was refused."""
    dashboard = round_dashboard(round, timezone.now())
    many = sum(question.has_many for question in dashboard.questions)
    rounds = list(Round.objects.filter(forum_id=round.forum_id).order_by("number"))
    context = {
        "forum": round.forum,
        "round": round,
        "dashboard": dashboard,
        "name": round_name(round),
        "prolong_form": prolong_form or ProlongForm(initial={"until": round.closes_at}),
        "part_form": part_form or PartForm(),
        "drop_form": drop_form or DropPartForm(),
        "last_number": rounds[-1],
        "next_round": next((each for each in rounds if not each.opened_at), None),
        "many_options": many
        and ngettext(
            "A question has more than 15 options: hard to read on a phone. Merge some, or take some off the ballot.",
            "%(count)d questions have more than 15 options: hard to read on a phone. Merge some, or take some off the ballot.",
            many,
        )
        % {"count": many},
    }
    return render(request, "forums/console_round.html", context, status=status)


@role_required("forums")
@require_POST
def round_delete(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    round = get_round_or_404(slug, number)
    try:
        preparation.delete_round(round_id=round.pk, by=signed_in_user(request))
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("staff:round", slug, number)
    messages.success(request, _("The round is deleted: nobody had voted."))
    return redirect("staff:round_list", slug)


@role_required("forums")
@require_POST
def round_copy(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """A round in preparation with the same questions: a replacement, or the next one."""
    round = get_round_or_404(slug, number)
    seen = request.POST.get("seen", "")
    try:
        made = preparation.copy_round(
            round_id=round.pk,
            seen_last_number=int(seen) if seen.isdecimal() and len(seen) < 6 else 0,
            now=timezone.now(),
            by=signed_in_user(request),
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("staff:round_list", slug)
    messages.success(request, _("Here are the same questions, in preparation. Check the times."))
    if made.closes_at - made.opens_at < preparation.SHORT:
        messages.warning(request, _("It is planned to last less than 10 minutes."))
    return redirect("staff:round_edit", slug, made.number)
