"""Access to the ballot: a code typed or scanned, a registrant's link, the short addresses; and signing out."""

from __future__ import annotations

from dataclasses import astuple
from datetime import timedelta

from allauth.account.adapter import get_adapter
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from forums.mail import ballot_links
from forums.models import Forum, RateLimitCounter, Registration, Round, Slip
from forums.views.vote.pages import cannot_vote_page, default_round, forbid_storage
from forums.views.vote.voter_cookies import (
    current_voter,
    delete_pass_cookie,
    delete_vote_cookies,
    set_pass_cookie,
)
from forums.vote import rate_limits
from forums.vote.casting import CannotVote
from forums.vote.codes import CodeMistyped, hash_code, parse_code
from forums.vote.open_rounds import open_votes
from forums.vote.voter import LINK, SLIP, VotingPass, has_another_vote
from pole.access import SignedToken
from pole.caching.public_pages import get_public_state


@require_http_methods(["GET", "HEAD", "POST"])
def code_page(request: HttpRequest) -> HttpResponse:
    """Type a code. Whoever can already vote in the only open round goes straight to it."""
    if request.method == "POST" and "which" in request.POST:
        return _enter_with_chosen_vote(request)
    if request.method == "POST":
        return _enter_with_typed_code(request, request.POST.get("code", ""))
    rounds = open_votes(get_public_state(request))
    if len(rounds) == 1 and "termine" not in request.GET and _can_vote(request, rounds[0]):
        return forbid_storage(redirect(rounds[0]))
    return _render_code_page(request, is_cleared="termine" in request.GET)


@require_safe
def enter_with_code(request: HttpRequest, code: str) -> HttpResponse:
    """What the QR code of a slip opens: a redirect takes the code out of the address bar at once."""
    return _enter_with_typed_code(request, code)


@require_safe
def enter_with_link(request: HttpRequest, token: str) -> HttpResponse:
    """What the link of a mail opens."""
    found = ballot_links.read_ballot_link(token)
    if found is None:
        return _render_code_page(request, error="link", status=404)
    round, registration = found
    return _let_in(request, round, registration, VotingPass(LINK, registration.pk, round.pk))


@require_safe
def forum_vote(request: HttpRequest, slug: str) -> HttpResponse:
    return forbid_storage(redirect("forums:round_vote", slug, _get_default_round_or_404(slug).number))


@require_safe
def forum_screen(request: HttpRequest, slug: str) -> HttpResponse:
    return forbid_storage(redirect("forums:round_screen", slug, _get_default_round_or_404(slug).number))


@require_POST
def end_session(request: HttpRequest) -> HttpResponse:
    """For a shared phone: deletes the pass, the receipts and the session. The ballot stays in the box."""
    if request.user.is_authenticated:
        logout(request)
    response = redirect(f"{reverse('forums:vote')}?termine")
    delete_vote_cookies(request, response)
    return forbid_storage(response)


def _get_default_round_or_404(slug: str) -> Round:
    forum = get_object_or_404(Forum.objects.announced(timezone.now()).only("pk"), slug=slug)
    round = default_round(forum)
    if round is None:
        raise Http404
    return round


def _can_vote(request: HttpRequest, round: Round) -> bool:
    try:
        current_voter(request, round)
    except CannotVote:
        return False
    return True


def _enter_with_typed_code(request: HttpRequest, typed: str) -> HttpResponse:
    """Lets an active slip in. Only unknown codes count for the rate limit: neither mistyped nor known ones."""
    try:
        code = parse_code(typed)
    except CodeMistyped:
        return _render_code_page(
            request, error="mistyped" if typed.strip() else "empty", typed=typed, status=422
        )
    slip = Slip.objects.select_related("forum", "registration").filter(code_hash=hash_code(code)).first()
    if slip is None:
        if rate_limits.count_attempt(
            client_ip=get_adapter().get_client_ip(request),
            kind=RateLimitCounter.Kind.CODE,
            now=timezone.now(),
        ):
            response = _render_code_page(request, error="slowed", status=429)
            response.headers["Retry-After"] = str(rate_limits.RETRY_AFTER_SECONDS)
            return response
        return _render_code_page(request, error="unknown", typed=typed, status=404)
    round = default_round(slip.forum)
    if not slip.is_active or round is None or not slip.forum.is_public(timezone.now()):
        return _unusable_slip_page(request, slip, round)
    round.forum = slip.forum
    return _let_in(request, round, slip.registration, VotingPass(SLIP, slip.pk, 0), slip_number=slip.number)


# A choice between two votes holds the pass and the id of the round; as long as one may hesitate.
_CHOICE = SignedToken("forums.vote.choice", (str, int, int, int), timedelta(hours=1))


def _let_in(
    request: HttpRequest,
    round: Round,
    registration: Registration | None,
    voting_pass: VotingPass,
    *,
    slip_number: int = 0,
) -> HttpResponse:
    """Gives the pass; an account with another vote is first asked which of the two is meant."""
    if registration and has_another_vote(round, request.user, registration):
        context = {
            "round": round,
            "forum": round.forum,
            "slip_number": slip_number,
            "choice": _CHOICE.make(*astuple(voting_pass), round.pk),
        }
        return forbid_storage(render(request, "forums/vote/which.html", context))
    response = redirect(round)
    set_pass_cookie(response, voting_pass)
    return forbid_storage(response)


def _enter_with_chosen_vote(request: HttpRequest) -> HttpResponse:
    """With "account", the pass that the device may hold is dropped: it would come first."""
    *voting_pass, round_id = _CHOICE.read(request.POST.get("choice", "")) or [0]
    rounds = Round.objects.select_related("forum").filter(forum__announced_at__lte=timezone.now())
    round = rounds.filter(pk=round_id).first()
    if round is None:
        return _render_code_page(request, error="link", status=404)
    response = redirect(round)
    if request.POST["which"] == "account":
        delete_pass_cookie(response)
    else:
        set_pass_cookie(response, VotingPass(*voting_pass))
    return forbid_storage(response)


def _unusable_slip_page(request: HttpRequest, slip: Slip, round: Round | None) -> HttpResponse:
    """For a slip that was not activated, that was voided, or of a forum without a vote."""
    if slip.voided_at is None and slip.activated_at is None:
        return _render_code_page(request, error="inactive", status=403)
    if round is None or not slip.forum.is_public(timezone.now()):
        return _render_code_page(request, error="no_vote", status=404)
    reason = "on_paper" if slip.voided_because == Slip.Void.PAPER else "slip_void"
    return cannot_vote_page(request, round, reason)


def _render_code_page(
    request: HttpRequest, *, error: str = "", typed: str = "", is_cleared: bool = False, status: int = 200
) -> HttpResponse:
    context = {
        "error": error,
        # A code of the right length may be someone's: it is not written back.
        "typed": typed[:40] if error == "mistyped" and len(typed) < 8 else "",
        "rounds": open_votes(get_public_state(request)),
        "is_cleared": is_cleared,
    }
    return forbid_storage(render(request, "forums/vote/code.html", context, status=status))
