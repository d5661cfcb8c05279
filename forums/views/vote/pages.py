"""What the pages of a vote have in common: the round, and the page that says why one can't vote."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from forums.forms.ballot import FilledBallot
from forums.models import Forum, Round
from forums.models.kinds import NEVER_OF_A_FORUM
from forums.views.vote.voter_cookies import current_voter, read_receipt_cookies
from forums.vote.casting import CannotVote, ReceiptNeeded, choices_cast, has_ballot
from forums.vote.codes import hyphenated
from forums.vote.refusals import VoteSuspended
from forums.vote.voter import Voter

# Of a round that takes no ballot any more.
OVER = {"late", "closed", "sealed", "annulled"}
# Any other reason is 403: someone who may not vote here.
STATUS_BY_REASON = {
    "planned": 409, "late": 409, "closed": 409, "annulled": 409, "sealed": 409,
    "stale": 409, "receipt_needed": 409, "suspended": 503,
}  # fmt: skip


def get_round_or_404(slug: str, number: int) -> Round:
    """A round of an announced forum, with its forum. One query."""
    rounds = Round.objects.filter(forum__announced_at__lte=timezone.now())
    unread = [f"forum__{name}" for name in ("document", "body", "body_en", *NEVER_OF_A_FORUM)]
    return get_object_or_404(
        rounds.select_related("forum__results").defer(*unread), forum__slug=slug, number=number
    )


def default_round(forum: Forum) -> Round | None:
    """The round of a short address: the open one, else the one just closed, else the last sealed one,
    else the next one, else the last annulled one; trials last, unless open. One query."""
    now = timezone.now()
    order = (
        Round.State.OPEN,
        Round.State.CLOSED,
        Round.State.SEALED,
        Round.State.PLANNED,
        Round.State.ANNULLED,
    )

    def rank(round: Round) -> tuple[int, bool, int]:
        state = round.state_at(now)
        nearest = round.number if state == Round.State.PLANNED else -round.number
        return (order.index(state), round.is_trial and state != Round.State.OPEN, nearest)

    return min(Round.objects.filter(forum=forum), key=rank, default=None)


def forbid_storage(response: HttpResponse) -> HttpResponse:
    """Forbids caches to store the response, and browsers to tell other sites its address.

    Not `no-referrer`: with it browsers send `Origin: null`, which CSRF protection refuses.
    """
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


def says_when_suspended(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For a view of a round: on a machine that lacks its key, nothing about ballots can be answered."""

    @wraps(view)
    def wrapped(request: HttpRequest, slug: str, number: int) -> HttpResponse:
        try:
            return view(request, slug, number)
        except VoteSuspended as refusal:
            return cannot_vote_page(request, get_round_or_404(slug, number), refusal.code)

    return wrapped


def cannot_vote_page(
    request: HttpRequest, round: Round, reason: str, *, status: int | None = None, **context: Any
) -> HttpResponse:
    """The page that says why one can't vote, and what to do. Without `status`, that of a refused POST.

    `typed`, in `context`, is the `FilledBallot` that was sent: shown, so that nothing is typed in vain.
    """
    context |= {
        "other_vote": open_round_of(round.forum) if reason in OVER else None,
        "round": round,
        "forum": round.forum,
        "reason": reason,
        "receipts": [
            {"code": receipt, "shown": hyphenated(receipt)}
            for receipt in read_receipt_cookies(request, round)
        ],
        "results_url": results_url(round),
    }
    status = status or STATUS_BY_REASON.get(reason, 403)
    return forbid_storage(render(request, "forums/vote/no.html", context, status=status))


def open_round_of(forum: Forum) -> Round | None:
    """One query."""
    found = Round.objects.open_at(timezone.now()).filter(forum=forum).first()
    if found is not None:
        found.forum = forum
    return found


def state_page(
    request: HttpRequest,
    round: Round,
    *,
    status: int | None = 200,
    was_sent: bool = False,
    typed: FilledBallot | None = None,
) -> HttpResponse:
    """For a round that takes no ballot: what state it is in, and whether the ballot is in the box of whoever shows
    its receipt or is signed in."""
    state = round.state_at(timezone.now())
    if state == Round.State.CLOSED:
        return closed_page(request, round, status=status, typed=typed)
    return cannot_vote_page(request, round, state.value, status=status, was_sent=was_sent, typed=typed)


def closed_page(
    request: HttpRequest, round: Round, *, status: int | None = None, typed: FilledBallot | None = None
) -> HttpResponse:
    """What is in the box, until it is sealed."""
    voter: Voter | None
    try:
        voter = current_voter(request, round)
    except CannotVote:
        voter = None
    sender = voter
    # A code alone, found or borrowed, does not say whether its owner voted.
    if voter is not None and not voter.has_account and not has_current_receipt(round, voter):
        voter = None
    voted = voter is not None and has_voted(round, voter)
    return cannot_vote_page(
        request,
        round,
        "closed",
        status=status,
        voter=voter,
        has_voted=voted,
        typed=typed,
        # Whose request may wait for an answer on this phone.
        sender=sender,
    )


def has_current_receipt(round: Round, voter: Voter) -> bool:
    """Whether the phone's receipt is that of the ballot: another phone of the account may have changed it."""
    if voter.entry_id is None:
        return False
    try:
        return choices_cast(round_id=round.pk, entry_id=voter.entry_id, receipt=voter.receipt) is not None
    except ReceiptNeeded:
        return False


def has_voted(round: Round, voter: Voter) -> bool:
    return voter.entry_id is not None and has_ballot(round_id=round.pk, entry_id=voter.entry_id)


def results_url(round: Round) -> str:
    """Where everyone reads the results that this round decided; empty while they are not published.

    Two queries for a sealed round, none for another. The forum's page tells of its last vote.
    """
    if not round.sealed_at or round.is_trial:
        return ""
    results = getattr(round.forum, "results", None)
    if results is None or not results.is_public(timezone.now()):
        return ""
    decided = list(results.rounds.order_by("-number").values_list("number", flat=True))
    if round.number not in decided:
        return ""
    if round.number == decided[0]:
        return reverse("forums:results", args=[round.forum.slug])
    return reverse("forums:round_results", args=[round.forum.slug, round.number])
