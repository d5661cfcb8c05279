"""The ballot: filled in, looked over, cast, withdrawn."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from forums.forms.ballot import FilledBallot, ballot_from, read_ballot, valid_key
from forums.models import Round
from forums.views.vote.pages import private, refused, round_or_404, round_to_cast_in, state_page
from forums.views.vote.voter import CannotVote, Voter, drop_receipt, give_receipt, voter_of
from forums.vote.casting import (
    BallotRefused,
    InvalidChoices,
    NotOnRoll,
    ReceiptNeeded,
    StaleBallot,
    VoteNotOpen,
    VotesOnPaper,
    ballot_of,
    cast_ballot,
    is_open,
    questions_of,
    withdraw_ballot,
)
from forums.vote.codes import grouped

REASONS: dict[type[BallotRefused], str] = {
    NotOnRoll: "not_on_roll",
    VotesOnPaper: "on_paper",
    ReceiptNeeded: "receipt_needed",
    StaleBallot: "stale",
}


@require_http_methods(["GET", "HEAD", "POST"])
def round_vote(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The ballot. A POST looks it over before it is cast, or comes back to it; it keeps nothing."""
    round = round_or_404(slug, number)
    is_post = request.method == "POST"
    if round.state_at(timezone.now()) != Round.State.OPEN:
        return state_page(request, round, status=None if is_post else 200)
    try:
        voter = voter_of(request, round)
    except CannotVote as refusal:
        return refused(request, round, refusal.reason, status=None if is_post else 200)
    return _looked_over(request, round, voter) if is_post else _begun(request, round, voter)


@require_POST
def round_cast(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Keeps the ballot. To a script that asks for JSON, says the receipt and the page to go on to."""
    round = round_to_cast_in(slug, number)
    filled = read_ballot(questions_of(round), request.POST) if round.opened_at else FilledBallot(())
    key = valid_key(request.POST.get("key", ""))

    def cast(voter: Voter) -> HttpResponse:
        if filled.has_errors or not key:
            raise InvalidChoices
        acknowledged = cast_ballot(
            round=round,
            entry_id=voter.entry_id or 0,
            choices=filled.choices,
            key=key,
            receipt=voter.receipt,
            has_account=voter.has_account,
        )
        return _acknowledged(request, round, voter, acknowledged.receipt)

    return _under_refusals(request, round, cast, filled)


@require_POST
def round_withdraw(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    round = round_or_404(slug, number)

    def withdraw(voter: Voter) -> HttpResponse:
        withdraw_ballot(
            round_id=round.pk,
            entry_id=voter.entry_id or 0,
            receipt=voter.receipt,
            has_account=voter.has_account,
        )
        response = redirect(f"{round.get_absolute_url()}?retire")
        drop_receipt(response, round, voter)
        return private(response)

    return _under_refusals(request, round, withdraw)


def _under_refusals(
    request: HttpRequest,
    round: Round,
    act: Callable[[Voter], HttpResponse],
    filled: FilledBallot | None = None,
) -> HttpResponse:
    """Does something for whoever is here, or says why not; nothing has then changed."""
    # Whether its time is over is for the database's clock to say, under the lock.
    if round.closed_at or not round.opened_at or round.annulled_at:
        return _not_open(request, round)
    voter: Voter | None = None
    try:
        voter = voter_of(request, round, enters=True)
        return act(voter)
    except (CannotVote, VoteNotOpen) as refusal:
        # Sealing empties the roll, and nobody is entered after the closing: whoever is unknown then is late.
        if isinstance(refusal, CannotVote) and is_open(round.pk):
            return refused(request, round, refusal.reason)
        return _not_open(request, round_or_404(round.forum.slug, round.number))
    except InvalidChoices:
        return _ballot_page(request, round, voter, filled, status=422)
    except BallotRefused as refusal:
        return refused(request, round, REASONS[type(refusal)], voter=voter)


def _not_open(request: HttpRequest, round: Round) -> HttpResponse:
    """Late, for a round that closed; by the database's clock it may have closed a moment ago."""
    state = round.state_at(timezone.now())
    if state in {Round.State.OPEN, Round.State.CLOSED}:
        return refused(request, round, "late")
    return state_page(request, round, status=None)


def _begun(request: HttpRequest, round: Round, voter: Voter) -> HttpResponse:
    """The empty ballot; what was cast, to whoever comes back; the question of the receipt to others."""
    try:
        kept = voter.entry_id and ballot_of(
            round_id=round.pk,
            entry_id=voter.entry_id,
            receipt=voter.receipt,
            has_account=voter.has_account,
        )
    except ReceiptNeeded:
        return refused(request, round, "receipt_needed", status=200, voter=voter)
    if kept and "modifier" not in request.GET:
        return private(redirect("forums:round_receipt", round.forum.slug, round.number))
    return _ballot_page(
        request, round, voter, ballot_from(questions_of(round), kept or None), is_change=bool(kept)
    )


def _looked_over(request: HttpRequest, round: Round, voter: Voter) -> HttpResponse:
    filled = read_ballot(questions_of(round), request.POST)
    if filled.has_errors:
        return _ballot_page(request, round, voter, filled, status=422)
    if request.POST.get("step") == "choose":
        return _ballot_page(request, round, voter, filled)
    return _ballot_page(request, round, voter, filled, template="forums/vote/review.html")


def _ballot_page(
    request: HttpRequest,
    round: Round,
    voter: Voter | None,
    filled: FilledBallot | None,
    *,
    template: str = "forums/vote/ballot.html",
    is_change: bool = False,
    status: int = 200,
) -> HttpResponse:
    # A form whose attempt was refused takes another name.
    key = (status == 200 and valid_key(request.POST.get("key", ""))) or secrets.token_urlsafe(16)
    context = {
        "round": round,
        "forum": round.forum,
        "voter": voter,
        "ballot": filled or ballot_from(questions_of(round)),
        "key": key,
        "is_change": is_change,
        "is_typed": request.method == "POST",
        "is_withdrawn": "retire" in request.GET,
    }
    return private(render(request, template, context, status=status))


def _acknowledged(request: HttpRequest, round: Round, voter: Voter, receipt: str) -> HttpResponse:
    """After the commit. The receipt goes to the phone that voted, and nowhere else."""
    address = reverse("forums:round_receipt", args=[round.forum.slug, round.number])
    asks_json = request.headers.get("Accept") == "application/json"
    said = {"receipt": grouped(receipt), "next": address}
    response: HttpResponse = JsonResponse(said) if asks_json else redirect(address)
    give_receipt(response, round, voter, receipt)
    return private(response)
