"""Staff take a round from the drawn ballot to the published results. Clicking a step twice is harmless."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rules import signed_in_user
from desk import workflow
from forums.event.open_and_seal import close_vote, open_vote, seal_vote
from forums.forms.results import lost_priority_message
from forums.forms.round_life import AnnulForm, DropPartForm, PartForm, ProlongForm
from forums.models import Results, Round, SealedBox
from forums.views.rounds.dashboard import get_round_or_404, round_dashboard, round_name
from forums.views.rounds.editing import show_round
from forums.vote import rounds, tellers
from forums.vote.means import voting_means
from forums.vote.preparation import SHORT
from forums.vote.roll import eligible_count
from forums.vote.sealing import Unreconciled
from pole.access import role_required
from pole.refusals import Refusal, refusal_shown
from pole.templatetags.typography import day_time, long_date
from pole.text.typography import one_stop


@role_required("forums")
@require_POST
def round_draw(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    round = get_round_or_404(slug, number)
    done = _("The ballot is drawn: options have their numbers, and papers can be printed.")
    with refusal_shown(request, done):
        rounds.draw_ballot(round_id=round.pk, by=signed_in_user(request))
    return redirect("staff:round", slug, number)


@role_required("forums")
@require_POST
def round_undraw(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    round = get_round_or_404(slug, number)
    done = _("The draw is undone: destroy the papers that were printed, they count for nothing.")
    with refusal_shown(request, done):
        rounds.undraw_ballot(round_id=round.pk, by=signed_in_user(request))
    return redirect("staff:round", slug, number)


@role_required("forums")
@require_http_methods(["GET", "HEAD", "POST"])
def round_open(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """A page that says what opening makes immutable, then the opening."""
    round = get_round_or_404(slug, number)
    if request.method == "POST":
        with refusal_shown(request, _("The vote is open.")):
            open_vote(round_id=round.pk, by=signed_in_user(request))
        return redirect("staff:round", slug, number)
    dashboard = round_dashboard(round, timezone.now())
    if dashboard.state != Round.State.PLANNED:
        return redirect("staff:round", slug, number)
    context = {
        "forum": round.forum,
        "round": round,
        "dashboard": dashboard,
        "name": round_name(round),
        "eligible": eligible_count(round),
        "means": voting_means(round),
        "is_too_late": round.closes_at <= dashboard.now,
        "is_short": dashboard.now < round.closes_at < dashboard.now + SHORT,
    }
    return render(request, "forums/console_round_open.html", context)


@role_required("forums")
@require_POST
def round_prolong(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    round = get_round_or_404(slug, number)
    form = ProlongForm(request.POST)
    if form.is_valid():
        until = form.cleaned_data["until"]
        try:
            rounds.prolong_round(round_id=round.pk, until=until, by=signed_in_user(request))
        except Refusal as refusal:
            form.add_error("until", refusal.message)
        else:
            when = {"day": long_date(until), "time": day_time(until)}
            said = _("The vote lasts until %(time)s, on %(day)s. Its page says so.") % when
            messages.success(request, one_stop(said))
            return redirect("staff:round", slug, number)
    return show_round(request, round, prolong_form=form, status=422)


@role_required("forums")
@require_POST
def round_close(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Closes; without any paper, seals in the same click."""
    return _end(request, slug, number, close_vote, _("The vote is closed and its box is sealed."))


@role_required("forums")
@require_POST
def round_seal(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    return _end(request, slug, number, seal_vote, _("The box is sealed, and its ballots are counted."))


def _end(
    request: HttpRequest, slug: str, number: int, end: Callable[..., SealedBox | None], sealed: str
) -> HttpResponse:
    try:
        box = end(round_id=get_round_or_404(slug, number).pk, by=signed_in_user(request))
    except Refusal as refusal:
        messages.error(request, refusal.message)
        if isinstance(refusal, Unreconciled):
            return redirect("staff:reconciliation", slug, number)
    else:
        messages.success(request, sealed if box else _closed_words(slug, number))
    return redirect("staff:round", slug, number)


def _closed_words(slug: str, number: int) -> str:
    if get_round_or_404(slug, number).tellers_add:
        return _("The vote is closed. Now comes the part of the tellers in the lottery.")
    return _("The vote is closed. Now come the papers.")


def _shows_tellers(round: Round) -> bool:
    """Whether its page has the two forms of their part; elsewhere, what prevents it is said instead."""
    return round.awaits_tellers and round.state_at(timezone.now()) == Round.State.CLOSED


@role_required("forums")
@require_POST
def round_tellers(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Enters what the tellers add to the seed of the lottery, once."""
    round = get_round_or_404(slug, number)
    form = PartForm(request.POST)
    if not form.is_valid() and _shows_tellers(round):
        return show_round(request, round, part_form=form, status=422)
    part = form.cleaned_data.get("part", "")
    with refusal_shown(request, _("The tellers’ part is entered, and projected. It never changes.")):
        tellers.enter_part(round_id=round.pk, part=part, by=signed_in_user(request))
    return redirect("staff:round", slug, number)


@role_required("forums")
@require_POST
def round_tellers_drop(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    round = get_round_or_404(slug, number)
    form = DropPartForm(request.POST)
    if not form.is_valid() and _shows_tellers(round):
        return show_round(request, round, drop_form=form, status=422)
    reason = form.cleaned_data.get("reason", "")
    with refusal_shown(request, _("The lottery goes on without the tellers. The reason is public.")):
        tellers.drop_part(round_id=round.pk, reason=reason, by=signed_in_user(request))
    return redirect("staff:round", slug, number)


@role_required("forums")
@require_POST
def round_publish(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Publishes the results as they were drafted at sealing, or as staff completed them since."""
    round = get_round_or_404(slug, number)
    results = Results.objects.select_related("draft", "forum").filter(forum_id=round.forum_id).first()
    if results is None or round.sealed_at is None or round.is_trial:
        messages.error(request, _("There are results to publish once the box of a real vote is sealed."))
        return redirect("staff:round", slug, number)
    if lost := results.priorities_lost_by(results.draft.content):
        for priority in lost:
            messages.error(request, lost_priority_message(priority))
        return redirect("staff:results_edit", slug)
    workflow.apply_action(request, results, action=workflow.Action.PUBLISH, at=None)
    if workflow.problems_of(results, results.draft.content):
        return redirect("staff:results_edit", slug)
    if not round.forum.is_public(timezone.now()):
        messages.warning(request, _("This forum is not announced: its results will appear with it."))
    return redirect("staff:round", slug, number)


@role_required("direction")
@require_http_methods(["GET", "HEAD", "POST"])
def round_annul(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Asks for a public reason and for a word typed by hand, then destroys the ballots uncounted."""
    round = get_round_or_404(slug, number)
    form = AnnulForm(request.POST or None, wanted=_("annul"))
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        done = _("The vote is annulled: its ballots are destroyed, uncounted. Slips keep their value.")
        with refusal_shown(request, done):
            rounds.annul_round(round_id=round.pk, reason=reason, by=signed_in_user(request))
        return redirect("staff:round", slug, number)
    dashboard = round_dashboard(round, timezone.now())
    if dashboard.state not in {Round.State.OPEN, Round.State.CLOSED}:
        messages.error(request, _("A vote is annulled between its opening and the sealing of its box."))
        return redirect("staff:round", slug, number)
    context = {
        "forum": round.forum,
        "round": round,
        "dashboard": dashboard,
        "name": round_name(round),
        "form": form,
    }
    return render(request, "forums/console_round_annul.html", context)
