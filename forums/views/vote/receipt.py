"""After casting: the receipt, on the phone that voted alone."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from forums.models import Round
from forums.views.vote.pages import (
    cannot_vote_page,
    forbid_storage,
    get_round_or_404,
    has_current_receipt,
    says_when_suspended,
    state_page,
)
from forums.views.vote.voter_cookies import current_voter, read_receipt_cookies, set_receipt_cookie
from forums.vote.casting import CannotVote, ReceiptNeeded, choices_cast
from forums.vote.codes import CodeMistyped, hyphenated, parse_receipt
from forums.vote.voter import Voter
from pole.files.downloads import as_file
from pole.templatetags.typography import day_time, long_date


@require_http_methods(["GET", "HEAD", "POST"])
@says_when_suspended
def round_receipt(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """What was just cast, or comes back to. A POST brings the receipt to a phone that lacks it."""
    round = get_round_or_404(slug, number)
    if round.state_at(timezone.now()) != Round.State.OPEN:
        return state_page(request, round, status=None if request.method == "POST" else 200)
    try:
        voter = current_voter(request, round)
        return (
            _accept_receipt(request, round, voter)
            if request.method == "POST"
            else _receipt_page(request, round, voter)
        )
    except CannotVote as refusal:
        return cannot_vote_page(
            request, round, refusal.code, status=None if request.method == "POST" else 200
        )


@require_safe
def round_receipt_file(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The receipts of this round on this phone, as a small text."""
    round = get_round_or_404(slug, number)
    receipts = read_receipt_cookies(request, round)
    if not receipts:
        raise Http404
    closing = f"{long_date(round.closes_at)}, {day_time(round.closes_at)}"
    lines = [
        f"{round.forum.shown_title}",
        "",
        *(_("Receipt: %(receipt)s") % {"receipt": hyphenated(receipt)} for receipt in receipts),
        "",
        _("The vote closes: %(moment)s") % {"moment": closing},
        _("Check it: %(address)s") % {"address": request.build_absolute_uri(_verify_path(request))},
        _("This receipt says nothing of what you chose. A newer ballot cancels it."),
    ]
    return forbid_storage(as_file(HttpResponse("\r\n".join(lines) + "\r\n"), "recu-de-vote.txt"))


@require_safe
def round_receipt_worker(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The script that shows a kept receipt without a network: from under the page, which is then all that it may serve."""
    get_round_or_404(slug, number)
    script = (settings.BASE_DIR / "static" / "js" / "receipt-worker.js").read_text(encoding="utf-8")
    return HttpResponse(script, content_type="text/javascript; charset=utf-8")


def _verify_path(request: HttpRequest) -> str:
    return reverse("forums:verify")


def _receipt_page(request: HttpRequest, round: Round, voter: Voter) -> HttpResponse:
    try:
        kept = _choices_cast(round, voter, voter.receipt)
    except ReceiptNeeded:
        return cannot_vote_page(request, round, "receipt_needed", status=200, voter=voter)
    if kept is None:
        return forbid_storage(redirect(round))
    is_current = not voter.has_account or has_current_receipt(round, voter)
    context = {
        "round": round,
        "forum": round.forum,
        "voter": voter,
        "receipt": hyphenated(voter.receipt) if voter.receipt and is_current else "",
        "is_blank": not any(kept.values()),
    }
    return forbid_storage(render(request, "forums/vote/receipt.html", context))


def _accept_receipt(request: HttpRequest, round: Round, voter: Voter) -> HttpResponse:
    try:
        receipt = parse_receipt(request.POST.get("recu", ""))
        kept = _choices_cast(round, voter, receipt, has_account=False)
    except (CodeMistyped, ReceiptNeeded):
        return cannot_vote_page(request, round, "receipt_needed", status=403, voter=voter, is_wrong=True)
    response = redirect(round)
    if kept is not None:
        set_receipt_cookie(response, round, voter, receipt)
    return forbid_storage(response)


def _choices_cast(
    round: Round, voter: Voter, receipt: str, *, has_account: bool | None = None
) -> dict[str, list[object]] | None:
    if voter.entry_id is None:
        return None
    return choices_cast(
        round_id=round.pk,
        entry_id=voter.entry_id,
        receipt=receipt,
        has_account=voter.has_account if has_account is None else has_account,
    )
