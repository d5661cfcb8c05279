"""What people without an account send about a listing: an error, « tout est exact », a correction."""

from __future__ import annotations

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.rules import signed_in_user
from accounts.suspending import check_not_suspended, has_suspension_error
from enterprises import rules
from enterprises.forms.ownership import CORRECTABLE, CorrectionForm, ReportForm
from enterprises.models import Checkup, Listing, Proposal
from enterprises.ownership import proposals, rate_limit, yearly_checkups
from pole.refusals import refusal_shown


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, slug: str) -> HttpResponseBase:
    """« Signaler une erreur »: into the staff's queue."""
    listing = get_object_or_404(Listing.objects.published().defer("document"), slug=slug)
    form = ReportForm(request.POST or None)
    status, is_sent = 200, False
    if request.method == "POST" and form.is_valid():
        if has_suspension_error(form, request.user, timezone.now()):
            status = 403
        elif rate_limit.consume_report(request):
            author = signed_in_user(request) if request.user.is_authenticated else None
            proposals.propose(
                listing_id=listing.pk, kind=Proposal.Kind.REPORT, fields={}, base_version=listing.version, author=author,
                message=form.cleaned_data["message"], author_email="" if author else form.cleaned_data["email"],
            )  # fmt: skip
            is_sent = True
        else:
            form.add_error(
                None,
                _("Many errors were reported from here within an hour. Try again later, or telephone us."),
            )
            status = 429
    context = {"listing": listing, "form": form, "is_sent": is_sent}
    return render(request, "enterprises/report.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def answer_checkup(request: HttpRequest, token: str) -> HttpResponseBase:
    """The yearly question. Opening it changes nothing; « Tout est exact » does, once."""
    checkup = yearly_checkups.get_checkup_of_token(token)
    if checkup is None:
        return _dead_link(request)
    if request.method == "POST":
        with refusal_shown(request):
            check_not_suspended(request.user, timezone.now())
            yearly_checkups.record_answer(
                checkup_id=checkup.pk, answer=Checkup.Answer.EXACT, now=timezone.now()
            )
        # The answer may be another one, given before.
        checkup.refresh_from_db(fields=["answer"])
    listing = Listing.objects.for_detail().fetch_mode(models.FETCH_RAISE).get(pk=checkup.listing_id)
    context = {
        "checkup": checkup, "listing": listing, "token": token, "may_edit": rules.may_edit(request, listing),
        "is_answered": bool(checkup.answer), "is_corrected": checkup.answer == Checkup.Answer.CORRECTED,
    }  # fmt: skip
    return render(request, "enterprises/verify.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, token: str) -> HttpResponseBase:
    """« Corriger » without an account: the team decides."""
    checkup = yearly_checkups.get_checkup_of_token(token)
    if checkup is None or checkup.answer:
        return _dead_link(request)
    listing = Listing.objects.defer("document").get(pk=checkup.listing_id)
    if rules.may_edit(request, listing):
        return redirect("enterprises:edit", listing.slug)
    form = CorrectionForm(request.POST or None, instance=listing)
    if (
        request.method == "POST"
        and form.is_valid()
        and not has_suspension_error(form, request.user, timezone.now())
    ):
        return _save_correction(request, checkup, form)
    return render(request, "enterprises/correct.html", {"listing": listing, "form": form})


def _save_correction(request: HttpRequest, checkup: Checkup, form: CorrectionForm) -> HttpResponse:
    stored = Listing.objects.defer("document").get(pk=checkup.listing_id)
    cleaned = form.cleaned_data
    fields = proposals.differences(stored, cleaned, CORRECTABLE)
    if not fields and not cleaned["message"]:
        form.add_error(
            None, _("Nothing is changed yet: change a field, or go back and say that all is exact.")
        )
        return render(request, "enterprises/correct.html", {"listing": stored, "form": form})
    if not proposals.correct_by_checkup(
        checkup=checkup,
        fields=fields,
        base_version=stored.version,
        message=cleaned["message"],
        now=timezone.now(),
    ):
        # Someone answered since the checkup was read: nothing is stored, and the page must not say it is.
        return _dead_link(request)
    context = {"checkup": checkup, "listing": stored, "is_answered": True, "is_corrected": True}
    return render(request, "enterprises/verify.html", context)


def _dead_link(request: HttpRequest) -> HttpResponse:
    return render(request, "enterprises/verify.html", {"checkup": None}, status=410)
