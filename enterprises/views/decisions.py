"""What waits for the staff in the directory, and each decision."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.rules import signed_in_user
from enterprises.duplicates import merging
from enterprises.forms.ownership import DecisionForm, QueueDecisionForm
from enterprises.listing import attachments, history
from enterprises.listing.refusals import AlreadyDecided
from enterprises.listing_fields import fields_in
from enterprises.models import Attestation, Checkup, Claim, DuplicatePair, Listing, ListingVersion, Proposal
from enterprises.ownership import claims, proposals, yearly_checkups
from enterprises.ownership.pending_decisions import pending_decisions
from enterprises.views.access import parse_key
from pole.access import role_required
from pole.hooks.moderation import ChangedMeanwhile
from pole.refusals import Refusal, refusal_shown

# Of each kind: others come up as these are settled.
MAX_SHOWN = 15


@role_required("directory")
@require_safe
def queue(request: HttpRequest) -> HttpResponseBase:
    return _render_queue(request)


def _render_queue(
    request: HttpRequest, typed: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponseBase:
    """Eight queries, eleven with duplicates, whatever the length of the queue. `typed`: of a decision that was refused, with its `key` on the page."""
    changes, claimed, attestations, mentioned = pending_decisions()
    pairs = DuplicatePair.objects.filter(state="open").select_related("first__municipality", "second__municipality").defer(
        "first__document", "second__document"
    )[:MAX_SHOWN].fetch_mode(models.FETCH_RAISE)  # fmt: skip
    evidence = merging.evidence_in_words([(pair.first, pair.second) for pair in pairs])
    context = {
        "proposals": changes[:MAX_SHOWN],
        "attestations": attestations[:MAX_SHOWN],
        "claims": claimed[:MAX_SHOWN],
        "mentions": mentioned[:MAX_SHOWN],
        "calls": Checkup.objects.filter(to_call=True, answer="").select_related("listing__municipality")
        .order_by("sent_at", "id").defer("listing__document")[:MAX_SHOWN].fetch_mode(models.FETCH_RAISE),
        "orphans": Listing.objects.exclude(lost_owner_at=None).exclude(state="archived").for_lists()
        .order_by("lost_owner_at")[:MAX_SHOWN].fetch_mode(models.FETCH_RAISE),
        "pairs": list(zip(pairs, evidence, strict=True)),
        "typed": typed or {},
    }  # fmt: skip
    return render(request, "enterprises/queue.html", context, status=status)


@role_required("directory")
@require_http_methods(["GET", "HEAD", "POST"])
def proposal_review(request: HttpRequest, key: int) -> HttpResponseBase:
    """Field by field: accept all, some or none, with a reason."""
    proposal = get_object_or_404(Proposal.objects.select_related("author", "decided_by"), pk=key)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if _save_decision(request, proposal, form):
            return redirect("staff:directory_queue")
        proposal = Proposal.objects.select_related("author", "decided_by").get(pk=key)
    listing = Listing.objects.defer("document").get(pk=proposal.listing_id)
    context = {
        "proposal": proposal, "listing": listing, "form": form, "fields": proposals.compare_fields(proposal, listing),
        "seen": proposals.shown_version(proposal, listing), "ticked": request.POST.getlist("accept"),
    }  # fmt: skip
    return render(request, "enterprises/proposal_review.html", context)


def _save_decision(request: HttpRequest, proposal: Proposal, form: DecisionForm) -> bool:
    """Decides, and returns whether the proposal is decided; what prevents it becomes an error of the form."""
    accepted = set(request.POST.getlist("accept"))
    if request.POST.get("decision") == "refuse":
        accepted = set()
    elif request.POST.get("decision") == "accept_all":
        accepted = {*proposal.fields, "report"}
    reason = form.cleaned_data["reason"]
    if not accepted and not reason:
        form.add_error("reason", _("Say why: the person will read it."))
        return False
    try:
        proposals.decide(
            proposal_id=proposal.pk, accepted=accepted, reason=reason,
            seen=request.POST.get("seen", ""), by=signed_in_user(request), now=timezone.now(),
        )  # fmt: skip
    except AlreadyDecided as refusal:
        messages.info(request, refusal.message)
    except Refusal as refusal:
        form.add_error(None, refusal.message)
        return False
    except ValidationError as error:
        form.add_error(None, error)
        return False
    else:
        messages.success(request, _("It is decided, and the person is told."))
    return True


def _decide_in_queue(
    request: HttpRequest, key: str, decide: Callable[..., object], done: str, *, is_waiting: bool
) -> HttpResponseBase:
    """Accepts or refuses, as posted; what was typed stays when it has to be read again, or says no reason."""
    form = QueueDecisionForm(request.POST, key=key)
    typed = {"key": key, "form": form, "role": request.POST.get("role", "")}
    if not form.is_valid() and is_waiting:
        return _render_queue(request, typed, status=422)
    try:
        decide(
            accepted=request.POST.get("decision") == "accept",
            reason=form.cleaned_data.get("reason", ""), seen=request.POST.get("seen", ""),
            by=signed_in_user(request), now=timezone.now(),
        )  # fmt: skip
    except AlreadyDecided as refusal:
        messages.info(request, refusal.message)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return _render_queue(request, typed, status=409)
    else:
        messages.success(request, done)
    return redirect("staff:directory_queue")


@role_required("directory")
@require_POST
def attestation_decide(request: HttpRequest, key: int) -> HttpResponseBase:
    row = get_object_or_404(Attestation.objects.only("state"), pk=key)
    decide = partial(attachments.decide_attestation, attestation_id=key)
    done, is_waiting = _("The attestation is decided."), row.state == Attestation.State.PENDING
    return _decide_in_queue(request, f"{key}a", decide, done, is_waiting=is_waiting)


@role_required("directory")
@require_POST
def claim_decide(request: HttpRequest, key: int) -> HttpResponseBase:
    row = get_object_or_404(Claim.objects.only("state"), pk=key)
    decide = partial(claims.decide, claim_id=key, role=request.POST.get("role", "owner"))
    done, is_waiting = _("It is decided, and the person is told."), row.state == Claim.State.WAITING
    return _decide_in_queue(request, str(key), decide, done, is_waiting=is_waiting)


@role_required("directory")
@require_POST
def call_done(request: HttpRequest, key: int) -> HttpResponseBase:
    """Someone was reached by telephone, and the listing is exact."""
    checkup = get_object_or_404(Checkup.objects.only("pk"), pk=key)
    with refusal_shown(request, _("The listing is verified as of today.")):
        seen = request.POST.get("seen", "")
        yearly_checkups.record_call(
            checkup_id=checkup.pk, seen=seen, now=timezone.now(), by=signed_in_user(request)
        )
    return redirect("staff:directory_queue")


# --- Duplicates ---------------------------------------------------------------------------------------


@role_required("directory")
@require_http_methods(["GET", "HEAD", "POST"])
def pair_review(request: HttpRequest, key: int) -> HttpResponseBase:
    """Two listings side by side: one of them, or two enterprises."""
    pair = get_object_or_404(DuplicatePair, pk=key)
    if request.method == "POST" and (response := _save_pair_decision(request, pair)):
        return response
    rows = Listing.objects.defer("document").in_bulk([pair.first_id, pair.second_id])
    first, second = rows[pair.first_id], rows[pair.second_id]
    # What was chosen stays: the side of each field, and the listing that stays.
    chosen = {name.removeprefix("take-"): side for name, side in request.POST.items()}
    context = {
        "pair": pair, "first": first, "second": second, "keep": chosen.get("keep", "first"),
        "evidence": merging.evidence_in_words([(first, second)])[0],
        "lines": [(*line, chosen.get(line[0], "first" if line[2] else "second")) for line in _side_by_side(first, second)],
        "seen": merging.version_of_pair(first, second),
    }  # fmt: skip
    status = 409 if request.method == "POST" else 200
    return render(request, "enterprises/pair_review.html", context, status=status)


def _save_pair_decision(request: HttpRequest, pair: DuplicatePair) -> HttpResponseBase | None:
    """None when the two have to be read again."""
    try:
        return _decide_pair(request, pair, seen=request.POST.get("seen", ""), by=signed_in_user(request))
    except ChangedMeanwhile as refusal:
        messages.error(request, refusal.message)
        return None
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("staff:directory_queue")


def _decide_pair(request: HttpRequest, pair: DuplicatePair, *, seen: str, by: User) -> HttpResponseBase:
    if request.POST.get("decision") == "apart":
        merging.dismiss_pair(pair_id=pair.pk, seen=seen, by=by)
        messages.success(request, _("Noted: they are two enterprises."))
        return redirect("staff:directory_queue")
    side = request.POST.get("keep", "first")
    target, source = (pair.first_id, pair.second_id) if side == "first" else (pair.second_id, pair.first_id)
    other = "second" if side == "first" else "first"
    fields_from_source = {name for name in merging.MERGED_FIELDS if request.POST.get(f"take-{name}") == other}
    listing = merging.merge(
        target=target, source=source, fields_from_source=fields_from_source, seen=seen, by=by
    )
    messages.success(request, _("One listing is left. The other’s address leads to it."))
    return redirect("staff:listing_edit", listing.pk)


def _side_by_side(first: Listing, second: Listing) -> list[tuple[str, Any, str, str, bool]]:
    """(field, label, first, second, whether they differ) of what one of them has."""
    blank = Proposal(fields={name: {"before": proposals.stored_json_value(first, name),
                                    "after": proposals.stored_json_value(second, name)} for name in _COMPARED_FIELDS})  # fmt: skip
    shown = proposals.compare_fields(blank, first)
    return [
        (each.name, each.label, each.before, each.after, each.before != each.after)
        for each in shown
        if each.before or each.after
    ]


_COMPARED_FIELDS = [each.name for each in fields_in("merge") if each.is_in("comparison")]


# --- History --------------------------------------------------------------------------------------------


@role_required("directory")
@require_http_methods(["GET", "HEAD", "POST"])
def listing_history(request: HttpRequest, key: int) -> HttpResponseBase:
    listing = get_object_or_404(Listing.objects.defer("document"), pk=key)
    if request.method == "POST":
        version_id = parse_key(request.POST.get("version", ""))
        try:
            history.restore(listing_id=key, version_id=version_id, by=signed_in_user(request))
        except ListingVersion.DoesNotExist:
            messages.error(request, _("There is no such version of this listing."))
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            messages.success(request, _("The listing is as it was. This, too, can be taken back."))
        return redirect("staff:listing_history", key)
    return render(
        request, "enterprises/history.html", {"listing": listing, "edits": history.edits_of(listing)}
    )
