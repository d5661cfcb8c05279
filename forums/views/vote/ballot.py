"""The ballot: filled in, reviewed, cast, withdrawn."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from forums.forms.ballot import FilledBallot, ballot_from_choices, clean_idempotency_key, parse_ballot
from forums.models import Round
from forums.views.vote.pages import (
    cannot_vote_page,
    closed_page,
    forbid_storage,
    get_round_or_404,
    says_when_suspended,
    state_page,
)
from forums.views.vote.voter_cookies import current_voter, delete_receipt_cookie, set_receipt_cookie
from forums.vote.casting import (
    CannotVote,
    InvalidChoices,
    ReceiptNeeded,
    VoteNotOpen,
    cast_ballot,
    choices_cast,
    questions_of,
    withdraw_ballot,
)
from forums.vote.codes import hyphenated
from forums.vote.refusals import BallotRefused
from forums.vote.rules import is_open
from forums.vote.voter import Voter
from pole.caching.in_process import BoundedCache, process_cache
from pole.views.errors import repeated_while_unavailable

# Safe to cache for a second: casting reads the state again, under its lock.
_CACHE_SECONDS = 1.0
_open_rounds: BoundedCache[tuple[str, int], tuple[float, Round]] = process_cache(limit=20)


def _get_cached_round_or_404(slug: str, number: int) -> Round:
    """As `get_round_or_404`; an open round is read once a second in a process."""
    until, known = _open_rounds.get((slug, number), (0.0, None))
    if known is not None and time.monotonic() < until:
        return known
    round = get_round_or_404(slug, number)
    if round.is_running:
        _open_rounds[slug, number] = (time.monotonic() + _CACHE_SECONDS, round)
    return round


@require_http_methods(["GET", "HEAD", "POST"])
@says_when_suspended
def round_vote(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The ballot. A POST reviews it before it is cast, or goes back to it; nothing is stored."""
    round = get_round_or_404(slug, number)
    is_post = request.method == "POST"
    if round.state_at(timezone.now()) != Round.State.OPEN:
        typed = parse_ballot(questions_of(round), request.POST) if is_post and round.opened_at else None
        return state_page(request, round, status=None if is_post else 200, typed=typed)
    try:
        voter = current_voter(request, round)
    except CannotVote as refusal:
        return cannot_vote_page(request, round, refusal.code, status=None if is_post else 200)
    return _review(request, round, voter) if is_post else _start(request, round, voter)


@repeated_while_unavailable
@require_POST
@says_when_suspended
def round_cast(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Casts the ballot. A script that asks for JSON gets the receipt and the address of the next page."""
    round = _get_cached_round_or_404(slug, number)
    filled = parse_ballot(questions_of(round), request.POST) if round.opened_at else FilledBallot(())
    key = clean_idempotency_key(request.POST.get("key", ""))

    def cast(voter: Voter) -> HttpResponse:
        if filled.has_errors or not key:
            raise InvalidChoices
        acknowledged = cast_ballot(
            round=round,
            entry_id=voter.entry_id or 0,
            choices=filled.choices,
            idempotency_key=key,
            receipt=voter.receipt,
            has_account=voter.has_account,
        )
        return _acknowledge(request, round, voter, acknowledged.receipt)

    return _with_voter(request, round, cast, filled, is_repeatable=True)


@repeated_while_unavailable
@require_POST
@says_when_suspended
def round_withdraw(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    round = get_round_or_404(slug, number)

    def withdraw(voter: Voter) -> HttpResponse:
        withdraw_ballot(
            round_id=round.pk,
            entry_id=voter.entry_id or 0,
            receipt=voter.receipt,
            has_account=voter.has_account,
        )
        response = redirect(f"{round.get_absolute_url()}?retire")
        delete_receipt_cookie(response, round, voter)
        return forbid_storage(response)

    return _with_voter(request, round, withdraw)


def _with_voter(
    request: HttpRequest,
    round: Round,
    act: Callable[[Voter], HttpResponse],
    filled: FilledBallot | None = None,
    *,
    is_repeatable: bool = False,
) -> HttpResponse:
    """Calls `act` with the current voter, or answers the page that says why not.

    No ballot has then changed, but the voter may have been added to the roll of a consultation.
    """
    # Whether its closing time has passed is for the database's clock to decide, under the lock.
    # A repeated request is answered until the sealing: its first answer may have been lost.
    is_answered = round.is_running or (is_repeatable and round.state_at(timezone.now()) == Round.State.CLOSED)
    if not is_answered:
        return _not_open_page(request, round, filled)
    voter: Voter | None = None
    try:
        voter = current_voter(request, round, adds_to_roll=True)
        return act(voter)
    except InvalidChoices:
        return _certain(_ballot_page(request, round, voter, filled, status=422))
    except BallotRefused as refusal:
        if refusal.code in _SAYS_NOTHING_OF_THE_BALLOT:
            return cannot_vote_page(request, round, refusal.code)
        # Sealing empties the roll, and nobody is added after the closing: whoever is not on it then is late.
        if isinstance(refusal, VoteNotOpen | CannotVote) and not is_open(round.pk):
            round = get_round_or_404(round.forum.slug, round.number)
            return _not_open_page(request, round, filled)
        return _certain(cannot_vote_page(request, round, refusal.code, voter=voter))


# The device no longer says who sends, or this machine cannot look: an earlier request of theirs may have been kept.
_SAYS_NOTHING_OF_THE_BALLOT = {"nobody", "other_forum", "other_voter", "suspended"}


def _certain(response: HttpResponse) -> HttpResponse:
    """Tells the script that the ballot it sends is not in the box, and never will be: it stops keeping it."""
    response.headers["Ballot-Refused"] = "1"
    return response


def _not_open_page(request: HttpRequest, round: Round, filled: FilledBallot | None) -> HttpResponse:
    """Late, for a round that closed; by the database's clock it may have closed a moment ago. `filled` was cast, if any."""
    state = round.state_at(timezone.now())
    if state in {Round.State.OPEN, Round.State.CLOSED}:
        if filled is None:
            # An earlier request to withdraw may have been done: the page says what is in the box.
            return closed_page(request, round)
        return _certain(cannot_vote_page(request, round, "late", typed=filled))
    return _certain(state_page(request, round, status=None, was_sent=True, typed=filled))


def _start(request: HttpRequest, round: Round, voter: Voter) -> HttpResponse:
    """An empty ballot; to whoever has cast one, their own; to whoever lacks its receipt, the page that asks for it."""
    try:
        kept = voter.entry_id and choices_cast(
            round_id=round.pk,
            entry_id=voter.entry_id,
            receipt=voter.receipt,
            has_account=voter.has_account,
        )
    except ReceiptNeeded:
        return cannot_vote_page(request, round, "receipt_needed", status=200, voter=voter)
    if kept and "modifier" not in request.GET:
        return forbid_storage(redirect("forums:round_receipt", round.forum.slug, round.number))
    return _ballot_page(
        request,
        round,
        voter,
        ballot_from_choices(questions_of(round), kept or None),
        is_change=bool(kept),
        is_first=not kept,
    )


def _review(request: HttpRequest, round: Round, voter: Voter) -> HttpResponse:
    filled = parse_ballot(questions_of(round), request.POST)
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
    is_first: bool = False,
    status: int = 200,
) -> HttpResponse:
    # After a refusal the form gets a new idempotency key.
    key = (status == 200 and clean_idempotency_key(request.POST.get("key", ""))) or secrets.token_urlsafe(16)
    context = {
        "round": round,
        "forum": round.forum,
        "voter": voter,
        "ballot": filled or ballot_from_choices(questions_of(round)),
        "key": key,
        "is_change": is_change,
        # No ballot of theirs is in the box: the receipt that the device may keep is of one that was withdrawn.
        "void_receipt": reverse("forums:round_receipt", args=[round.forum.slug, round.number])
        if is_first
        else "",
        "is_typed": request.method == "POST",
        "is_withdrawn": "retire" in request.GET,
    }
    return forbid_storage(render(request, template, context, status=status))


def _acknowledge(request: HttpRequest, round: Round, voter: Voter, receipt: str) -> HttpResponse:
    """After the commit. The receipt goes to the phone that voted, and nowhere else."""
    address = reverse("forums:round_receipt", args=[round.forum.slug, round.number])
    # `request.headers` would read every header.
    asks_json = request.META.get("HTTP_ACCEPT") == "application/json"
    payload = {"receipt": hyphenated(receipt), "next": address}
    response: HttpResponse = JsonResponse(payload) if asks_json else redirect(address)
    set_receipt_cookie(response, round, voter, receipt)
    return forbid_storage(response)
