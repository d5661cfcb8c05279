"""The ways in: a code typed or scanned, a registrant's link, the short addresses, and the way out."""

from __future__ import annotations

from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from forums.mail import ballot_links
from forums.models import Attempts, Carton, Forum, Round
from forums.views.vote.pages import private, refused, round_meant_by
from forums.views.vote.voter import CannotVote, Pass, clear_device, give_pass, voter_of
from forums.vote import rate_limits
from forums.vote.codes import CodeMistyped, hashed, parsed
from forums.vote.open_rounds import open_votes
from pole.caching.public_pages import get_public_state


@require_http_methods(["GET", "HEAD", "POST"])
def vote(request: HttpRequest) -> HttpResponse:
    """Type a code. Whoever can already vote in the only open round goes straight to it."""
    if request.method == "POST":
        return _enter(request, request.POST.get("code", ""))
    rounds = open_votes(get_public_state(request))
    if len(rounds) == 1 and "termine" not in request.GET and _lets_in(request, rounds[0]):
        return private(redirect(rounds[0]))
    return _code_page(request, is_cleared="termine" in request.GET)


@require_safe
def by_code(request: HttpRequest, code: str) -> HttpResponse:
    """What the QR of a carton opens: the code leaves the address bar at once."""
    return _enter(request, code)


@require_safe
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """What the link of a mail opens."""
    found = ballot_links.find(token)
    if found is None:
        return _code_page(request, error="link", status=404)
    round, registration = found
    response = redirect(round)
    give_pass(response, Pass("link", registration.pk, round.pk))
    return private(response)


@require_safe
def forum_vote(request: HttpRequest, slug: str) -> HttpResponse:
    return private(redirect("forums:round_vote", slug, _meant_or_404(slug).number))


@require_safe
def forum_screen(request: HttpRequest, slug: str) -> HttpResponse:
    return private(redirect("forums:round_screen", slug, _meant_or_404(slug).number))


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Ends on a shared phone: pass, receipts and session go. The ballot stays in the box."""
    if request.user.is_authenticated:
        logout(request)
    response = redirect(f"{reverse('forums:vote')}?termine")
    clear_device(request, response)
    return private(response)


def _meant_or_404(slug: str) -> Round:
    forum = get_object_or_404(Forum.objects.announced(timezone.now()).only("pk"), slug=slug)
    round = round_meant_by(forum)
    if round is None:
        raise Http404
    return round


def _lets_in(request: HttpRequest, round: Round) -> bool:
    try:
        voter_of(request, round)
    except CannotVote:
        return False
    return True


def _enter(request: HttpRequest, typed: str) -> HttpResponse:
    """Opens the door to an active carton. A mistyped code is not counted, and a known one never refused."""
    try:
        code = parsed(typed)
    except CodeMistyped:
        return _code_page(request, error="mistyped" if typed.strip() else "empty", typed=typed, status=422)
    carton = Carton.objects.select_related("forum").filter(code_hash=hashed(code)).first()
    if carton is None:
        if rate_limits.is_over_limit(request, Attempts.What.CODE, timezone.now()):
            response = _code_page(request, error="slowed", status=429)
            response.headers["Retry-After"] = str(rate_limits.RETRY_AFTER_SECONDS)
            return response
        return _code_page(request, error="unknown", typed=typed, status=404)
    round = round_meant_by(carton.forum)
    if not carton.is_active or round is None or not carton.forum.is_public(timezone.now()):
        return _closed_door(request, carton, round)
    response = redirect("forums:round_vote", carton.forum.slug, round.number)
    give_pass(response, Pass("carton", carton.pk, 0))
    return private(response)


def _closed_door(request: HttpRequest, carton: Carton, round: Round | None) -> HttpResponse:
    """A carton that is nobody's, that was voided, or of a forum without a vote."""
    if carton.voided_at is None and carton.activated_at is None:
        return _code_page(request, error="inactive", status=403)
    if round is None or not carton.forum.is_public(timezone.now()):
        return _code_page(request, error="no_vote", status=404)
    reason = "on_paper" if carton.voided_because == Carton.Void.PAPER else "carton_void"
    return refused(request, round, reason)


def _code_page(
    request: HttpRequest, *, error: str = "", typed: str = "", is_cleared: bool = False, status: int = 200
) -> HttpResponse:
    context = {
        "error": error,
        # A code of the right length may be someone's: it is not written back.
        "typed": typed[:40] if error == "mistyped" and len(typed) < 8 else "",
        "rounds": open_votes(get_public_state(request)),
        "is_cleared": is_cleared,
    }
    return private(render(request, "forums/vote/code.html", context, status=status))
