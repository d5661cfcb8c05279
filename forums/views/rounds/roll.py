"""The roll of a round, for staff: who may vote, never whether or how someone did."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import models
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rules import signed_in_user
from forums.forms.round_life import ReasonForm
from forums.models import Registration, RollEntry, Round
from forums.views.rounds.dashboard import get_round_or_404, round_dashboard, round_name
from forums.vote import paper_issue
from forums.vote import roll as rolls
from pole.access import role_required
from pole.refusals import refusal_shown
from pole.text.matching import first_found, matching_text, typed_text
from pole.views.paging import page_of

ENTRIES_A_PAGE = 50
MAX_FOUND = 20


def search_roll(round: Round, words: str) -> models.QuerySet[RollEntry]:
    """Entries with their people, by name, of those whose name or organisation holds `words`."""
    entries = RollEntry.objects.filter(round=round).select_related("registration", "user")
    entries = entries.annotate(shown_name=Coalesce("registration__name", "user__name"))
    entries = matching_text(entries, words, "shown_name", "registration__organisation")
    ordered = entries.order_by(F("shown_name").asc(nulls_last=True), "pk")
    return ordered.fetch_mode(models.FETCH_RAISE)


@role_required("forums")
@require_safe
def roll(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    round = get_round_or_404(slug, number)
    words = typed_text(request.GET.get("q", ""))
    late = typed_text(request.GET.get("ajout", ""))
    dashboard = round_dashboard(round, timezone.now())
    sought = late if dashboard.state == Round.State.OPEN else ""
    context: dict[str, Any] = {
        "forum": round.forum,
        "round": round,
        "dashboard": dashboard,
        "name": round_name(round),
        "page": page_of(search_roll(round, words), ENTRIES_A_PAGE, request.GET.get("page")),
        "words": words,
        "late": late,
        **first_found(_not_on_roll(round, sought), MAX_FOUND),
    }
    return render(request, "forums/console_roll.html", context)


def _not_on_roll(round: Round, words: str) -> models.QuerySet[Registration]:
    """Registrations that this round takes and that have no entry now, whose name holds `words`."""
    if round.is_consultation or not words:
        return Registration.objects.none()
    rows = Registration.objects.filter(forum_id=round.forum_id)
    rows = rows.checked_in() if round.public == Round.Public.CHECKED_IN else rows.confirmed()
    on_roll = RollEntry.objects.filter(round=round, registration=OuterRef("pk"), voided_at=None)
    rows = matching_text(rows.filter(~Exists(on_roll)), words, "name", "organisation")
    return rows.order_by("name", "pk")


@role_required("forums")
@require_POST
def roll_add(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    round = get_round_or_404(slug, number)
    key = request.POST.get("registration", "")
    rows = Registration.objects.filter(forum_id=round.forum_id)
    takes_awaited = round.public == Round.Public.REGISTRANTS
    rows = rows.confirmed() if takes_awaited else rows.checked_in()
    registration = rows.filter(pk=int(key) if key.isdecimal() and len(key) < 19 else 0).first()
    if registration is None or round.is_consultation:
        messages.error(request, _("This person is not among those whom this vote is for."))
        return redirect("staff:roll", slug, number)
    with refusal_shown(request, _("%(name)s is on the roll.") % {"name": registration.name}):
        rolls.add_by_hand(round=round, registration=registration, by=signed_in_user(request))
    return redirect("staff:roll", slug, number)


@role_required("forums")
@require_http_methods(["GET", "HEAD", "POST"])
def roll_void(request: HttpRequest, slug: str, number: int, entry_id: int) -> HttpResponse:
    """Asks why, publicly; then takes someone off the roll, with their ballot."""
    round = get_round_or_404(slug, number)
    entry = get_object_or_404(search_roll(round, ""), pk=entry_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = _("Off the roll. The log of the vote gives the reason, not the name.")
        with refusal_shown(request, done):
            rolls.void_entry(
                round_id=round.pk,
                entry_id=entry.pk,
                reason=form.cleaned_data["reason"],
                by=signed_in_user(request),
            )
        return redirect("staff:roll", slug, number)
    context = {"forum": round.forum, "round": round, "name": round_name(round), "entry": entry, "form": form}
    return render(request, "forums/console_roll_void.html", context)


@role_required("forums")
@require_http_methods(["GET", "HEAD", "POST"])
def roll_paper(request: HttpRequest, slug: str, number: int, entry_id: int) -> HttpResponse:
    """After the closing: this person was given a paper, and nobody had noted it. Asks why, publicly."""
    round = get_round_or_404(slug, number)
    entry = get_object_or_404(search_roll(round, ""), pk=entry_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusal_shown(request):
            is_new = paper_issue.note_paper_late(
                round_id=round.pk,
                entry_id=entry.pk,
                reason=form.cleaned_data["reason"],
                by=signed_in_user(request),
            )
            message = _("Noted. The number and the reason will be published, not the name.")
            messages.success(request, message if is_new else _("This person’s paper was noted already."))
        return redirect("staff:reconciliation", slug, number)
    context = {"forum": round.forum, "round": round, "name": round_name(round), "entry": entry, "form": form}
    return render(request, "forums/console_roll_paper.html", context)
