"""Managers of a listing propose activities in its name, follow them, and ask the team to change those of the agenda."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rules import signed_in_user
from forums.agenda import proposals
from forums.forms.activities import AskedChangeForm, ProposedActivityForm, save_typed_change
from forums.models import ActivityProposal, Forum
from pole.hooks.speaking import SpokenFor, spoken_for
from pole.refusals import Refusal, refusal_shown
from pole.views.paging import page_of

PROPOSALS_A_PAGE = 30


def _get_listing_or_404(request: HttpRequest, slug: str) -> SpokenFor:
    """A 404, as if there were none, for whoever does not keep it."""
    for listing in spoken_for(request.user):
        if listing.slug == slug:
            return listing
    raise Http404


@contextmanager
def _answered_404() -> Iterator[None]:
    """Of a listing that was taken away, or merged, since it was read here."""
    try:
        yield
    except ActivityProposal.DoesNotExist as error:
        raise Http404 from error


def _get_proposal_or_404(listing: SpokenFor, proposal_id: int) -> ActivityProposal:
    return get_object_or_404(ActivityProposal.objects.for_page(), listing=listing.key, pk=proposal_id)


@login_required
@require_safe
def proposal_list(request: HttpRequest, slug: str) -> HttpResponse:
    """What the listing proposed, the latest first."""
    listing = _get_listing_or_404(request, slug)
    rows = ActivityProposal.objects.for_page().filter(listing=listing.key)
    page = page_of(rows.order_by("-proposed_at", "-pk"), PROPOSALS_A_PAGE, request.GET.get("page"))
    context = {"listing": listing, "page": page}
    return render(request, "forums/activity_proposals.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@_answered_404()
def propose(request: HttpRequest, slug: str) -> HttpResponse:
    listing = _get_listing_or_404(request, slug)
    form = ProposedActivityForm(request.POST or None, instance=Forum())
    is_shown = form.is_bound and form.is_valid() and "preview" in request.POST
    if form.is_bound and form.is_valid() and not is_shown and (sent := _send(request, listing, form)):
        messages.success(
            request, _("Thank you! The team reads your activity before it is public, and answers by mail.")
        )
        return redirect("forums:activity_proposal", slug, sent.pk)
    return _show_form(request, listing, form, is_shown=is_shown)


def _send(request: HttpRequest, listing: SpokenFor, form: ProposedActivityForm) -> ActivityProposal | None:
    try:
        return proposals.propose(
            forum=form.save(commit=False), dates=form.dates(), listing_id=listing.key,
            key=form.cleaned_data["key"], by=signed_in_user(request), now=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        form.add_error(None, refusal.message)
        return None


def _show_form(
    request: HttpRequest, listing: SpokenFor, form: ProposedActivityForm, *, is_shown: bool, **also: Any
) -> HttpResponse:
    context = {"listing": listing, "form": form, **also}
    if is_shown:
        context |= {"shown": form.instance, "dates": form.dates()}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "forums/activity_propose.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@_answered_404()
def proposal(request: HttpRequest, slug: str, proposal_id: int) -> HttpResponse:
    """Where a proposal stands; while it awaits its answer, the form that changes it."""
    listing = _get_listing_or_404(request, slug)
    row = _get_proposal_or_404(listing, proposal_id)
    if not row.is_open:
        if request.method == "POST":
            messages.info(request, proposals.ProposalRefused("activity_answered").message)
            return redirect("forums:activity_proposal", slug, row.pk)
        return _show_answered(request, listing, row, AskedChangeForm())
    if request.method != "POST":
        return _show_form(request, listing, ProposedActivityForm(instance=row.forum), is_shown=False, row=row)
    if "preview" in request.POST:
        form = ProposedActivityForm(request.POST, instance=row.forum)
        return _show_form(request, listing, form, is_shown=form.is_valid(), row=row)
    return _change(request, listing, row)


def _change(request: HttpRequest, listing: SpokenFor, row: ActivityProposal) -> HttpResponse:
    try:
        form = save_typed_change(
            proposal_id=row.pk, data=request.POST, by=signed_in_user(request), now=timezone.now()
        )
    except Refusal as refusal:
        form = ProposedActivityForm(request.POST, instance=row.forum)
        form.add_error(None, refusal.message)
    if form.is_valid():
        messages.success(request, _("Your proposal is changed. The team reads it as it is now."))
        return redirect("forums:activity_proposal", listing.slug, row.pk)
    return _show_form(request, listing, form, is_shown=False, row=row)


def _show_answered(
    request: HttpRequest, listing: SpokenFor, row: ActivityProposal, form: AskedChangeForm
) -> HttpResponse:
    now = timezone.now()
    context = {
        "listing": listing, "row": row, "form": form, "shown": row.forum,
        "dates": [(each.starts_at, each.ends_at) for each in row.forum.sessions.all()],
        "may_ask": proposals.may_ask_change(row, now), "is_public": row.forum.is_public(now),
    }  # fmt: skip
    return render(request, "forums/activity_answered.html", context, status=422 if form.is_bound else 200)


@login_required
@require_POST
@_answered_404()
def proposal_withdraw(request: HttpRequest, slug: str, proposal_id: int) -> HttpResponse:
    listing = _get_listing_or_404(request, slug)
    row = _get_proposal_or_404(listing, proposal_id)
    with refusal_shown(request, _("Your proposal is taken back: the team does not read it any more.")):
        proposals.withdraw(proposal_id=row.pk, by=signed_in_user(request), now=timezone.now())
    return redirect("forums:activity_proposal", slug, row.pk)


@login_required
@require_POST
@_answered_404()
def proposal_ask(request: HttpRequest, slug: str, proposal_id: int) -> HttpResponse:
    """Of an activity of the agenda: the team changes it, and whoever is registered is told."""
    listing = _get_listing_or_404(request, slug)
    row = _get_proposal_or_404(listing, proposal_id)
    form = AskedChangeForm(request.POST)
    if form.is_valid():
        try:
            proposals.ask_change(
                proposal_id=row.pk,
                asked=form.cleaned_data["asked"],
                by=signed_in_user(request),
                now=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("The team is asked. It answers by mail."))
            return redirect("forums:activity_proposal", slug, row.pk)
    return _show_answered(request, listing, row, form)
