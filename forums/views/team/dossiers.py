"""Staff send the dossier of transmission, follow what became of it, and confirm the answers."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rules import signed_in_user
from forums.dossier import sending
from forums.forms.dossier import DossierForm
from forums.models import Answer, Dossier, Forum, Results
from forums.views.team.followup import anchor_of, redirect_to_priority
from pole.access import role_required
from pole.refusals import Refusal, refusal_shown, say


@role_required("forums")
@require_http_methods(["GET", "HEAD", "POST"])
def dossier(request: HttpRequest, slug: str) -> HttpResponse:
    """Who received it and what became of it; the form that sends it to someone else."""
    forum = get_object_or_404(Forum, slug=slug)
    results = Results.objects.filter(forum=forum).first()
    is_ready = results is not None and Results.objects.readable(timezone.now()).filter(pk=results.pk).exists()
    form = DossierForm(request.POST or None)
    if request.method == "POST" and results and form.is_valid():
        if _send(request, results, form):
            return redirect("staff:dossier", slug)
        is_ready = False
    context = {
        "forum": forum,
        "is_ready": is_ready,
        "form": form,
        "dossiers": _sent_dossiers(results),
        "now": timezone.now(),
    }
    return render(request, "forums/console_dossier.html", context, status=422 if form.errors else 200)


def _send(request: HttpRequest, results: Results, form: DossierForm) -> bool:
    try:
        sent = sending.send_dossier(results_id=results.pk, by=signed_in_user(request), **form.cleaned_data)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return False
    messages.success(
        request, _("The dossier is on its way to %(organisation)s.") % {"organisation": sent.organisation}
    )
    return True


def _sent_dossiers(results: Results | None) -> list[tuple[Dossier, bool]]:
    """With whether the link still serves. Four queries for any number."""
    rows = (
        Dossier.objects.filter(results=results)
        .for_pages()
        .prefetch_related("events__by")
        .annotate(
            answered=Count("answers", distinct=True),
            confirmed=Count("answers", filter=Q(answers__confirmed_at__isnull=False), distinct=True),
        )
    )
    now = timezone.now()
    return [(row, row.is_usable(now)) for row in rows] if results else []


def _get_dossier_or_404(slug: str, dossier_id: int) -> Dossier:
    rows = Dossier.objects.select_related("results__forum")
    return get_object_or_404(rows, pk=dossier_id, results__forum__slug=slug)


@role_required("forums")
@require_POST
def dossier_again(request: HttpRequest, slug: str, dossier_id: int) -> HttpResponse:
    found = _get_dossier_or_404(slug, dossier_id)
    with refusal_shown(request, at=found.anchor):
        if sending.resend(dossier_id=found.pk, by=signed_in_user(request)):
            say(request, messages.SUCCESS, _("The same link was sent again."), at=found.anchor)
        else:
            waits = _("It was sent less than a minute ago: nothing was sent again.")
            say(request, messages.INFO, waits, at=found.anchor)
    return redirect(found)


@role_required("forums")
@require_POST
def dossier_renew(request: HttpRequest, slug: str, dossier_id: int) -> HttpResponse:
    found = _get_dossier_or_404(slug, dossier_id)
    if sending.resend(dossier_id=found.pk, by=signed_in_user(request), with_new_link=True):
        done = _("A new link was sent; those before no longer serve.")
        say(request, messages.SUCCESS, done, at=found.anchor)
    else:
        say(request, messages.INFO, _("A new link was sent a moment ago."), at=found.anchor)
    return redirect(found)


@role_required("forums")
@require_POST
def dossier_revoke(request: HttpRequest, slug: str, dossier_id: int) -> HttpResponse:
    found = _get_dossier_or_404(slug, dossier_id)
    sending.revoke(dossier_id=found.pk, by=signed_in_user(request))
    done = _("The link no longer serves. What was answered stays.")
    say(request, messages.SUCCESS, done, at=found.anchor)
    return redirect(found)


@role_required("forums")
@require_POST
def answer_confirm(request: HttpRequest, slug: str, answer_id: int) -> HttpResponse:
    answer = get_object_or_404(Answer, pk=answer_id, priority__results__forum__slug=slug)
    done, seen = _("The answer is public."), request.POST.get("seen", "")
    with refusal_shown(request, done, level=messages.WARNING, at=anchor_of(answer.priority_id)):
        sending.confirm_answer(answer_id=answer.pk, seen=seen, by=signed_in_user(request))
    return redirect_to_priority(slug, answer.priority_id)


@role_required("forums")
@require_POST
def answer_reopen(request: HttpRequest, slug: str, answer_id: int) -> HttpResponse:
    answer = get_object_or_404(Answer, pk=answer_id, priority__results__forum__slug=slug)
    done, seen = _("The answer is hidden again; its author can correct it."), request.POST.get("seen", "")
    with refusal_shown(request, done, level=messages.WARNING, at=anchor_of(answer.priority_id)):
        sending.reopen_answer(answer_id=answer.pk, seen=seen, by=signed_in_user(request))
    return redirect_to_priority(slug, answer.priority_id)
