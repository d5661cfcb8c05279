"""What a voter's phone holds, in cookies, and whom it identifies.

A phone holds a *pass* (of a slip that was scanned, or of a registrant's link), signed, for some hours;
and the *receipts* of what was cast on it. Both are HttpOnly. The pass names a row, never a code.
Signed-in accounts need no pass.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from forums.models import Round
from forums.vote.casting import CannotVote
from forums.vote.codes import CodeMistyped, parse_receipt
from forums.vote.voter import Voter, VotingPass, find_voter
from pole.access import SignedToken

PASS_LASTS = timedelta(hours=12)
RECEIPT_LASTS = timedelta(days=30)
_TOKEN = SignedToken("forums.vote.pass", (str, int, int), PASS_LASTS)


def current_voter(request: HttpRequest, round: Round, *, adds_to_roll: bool = False) -> Voter:
    """The voter that the phone or its session identifies, with their receipt: see `forums.vote.voter.find_voter`.

    A form names the voter whose page it is: on a shared phone, a second person may have opened theirs since.
    """
    voter = find_voter(
        round, voting_pass=read_pass_cookie(request), user=request.user, adds_to_roll=adds_to_roll
    )
    if request.POST.get("voter", voter.storage_key) != voter.storage_key:
        raise CannotVote("other_voter")
    name = _receipt_cookie_name(round.pk, voter.storage_key)
    return replace(voter, receipt=_read_receipt_cookie(request, name))


def set_pass_cookie(response: HttpResponse, voting_pass: VotingPass) -> None:
    value = _TOKEN.make(voting_pass.kind, voting_pass.pk, voting_pass.round_id)
    _set_cookie(response, _cookie_name("bureau-de-vote"), value, PASS_LASTS)


def delete_pass_cookie(response: HttpResponse) -> None:
    response.delete_cookie(_cookie_name("bureau-de-vote"), samesite="Lax")


def read_pass_cookie(request: HttpRequest) -> VotingPass | None:
    """None without a pass, and for one that is forged, cut or too old. No query."""
    held = _TOKEN.read(request.COOKIES.get(_cookie_name("bureau-de-vote"), ""))
    return VotingPass(*held) if held else None


def set_receipt_cookie(response: HttpResponse, round: Round, voter: Voter, receipt: str) -> None:
    _set_cookie(response, _receipt_cookie_name(round.pk, voter.storage_key), receipt, RECEIPT_LASTS)


def delete_receipt_cookie(response: HttpResponse, round: Round, voter: Voter) -> None:
    response.delete_cookie(_receipt_cookie_name(round.pk, voter.storage_key), samesite="Lax")


def read_receipt_cookies(request: HttpRequest, round: Round) -> list[str]:
    """Those of a round that this phone was given, whoever they belong to."""
    prefix = _receipt_cookie_name(round.pk, "")
    receipts = (_read_receipt_cookie(request, name) for name in request.COOKIES if name.startswith(prefix))
    return [receipt for receipt in receipts if receipt]


def delete_vote_cookies(request: HttpRequest, response: HttpResponse) -> None:
    """Removes the pass and every receipt from this phone."""
    for name in request.COOKIES:
        if name == _cookie_name("bureau-de-vote") or name.startswith(_cookie_name("recu-")):
            response.delete_cookie(name, samesite="Lax")


def _set_cookie(response: HttpResponse, name: str, value: str, lasts: timedelta) -> None:
    response.set_cookie(
        name, value, max_age=lasts, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )


def _cookie_name(name: str) -> str:
    return f"__Host-{name}" if settings.SESSION_COOKIE_SECURE else name


def _receipt_cookie_name(round_id: int, storage_key: str) -> str:
    return _cookie_name(f"recu-{round_id}-{storage_key}")


def _read_receipt_cookie(request: HttpRequest, name: str) -> str:
    try:
        return parse_receipt(request.COOKIES.get(name, ""))
    except CodeMistyped:
        return ""
