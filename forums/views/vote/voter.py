"""Who stands before the ballot: what the phone holds, and the entry of the roll that it opens.

A phone holds a *pass* (a carton that was scanned, or a registrant's link), signed, for some hours;
and the *receipts* of what was cast on it. Both are HttpOnly. The pass names a row, never a code.
Signed-in accounts need no pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from accounts.models import User
from forums.models import Carton, Round
from forums.vote.codes import CodeMistyped, parsed_receipt
from forums.vote.roll import entry_of_user, known_entry_of_user, may_enter

PASS_LASTS = timedelta(hours=12)
RECEIPT_KEPT = timedelta(days=30)
_SALT = "forums.vote.pass"


class CannotVote(Exception):
    """`reason` is one of those that templates/forums/vote/no.html explains."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Voter:
    """Someone who may vote in a round. `entry_id` is None for who enters a consultation by voting."""

    entry_id: int | None
    # Signed in with the account of the entry: no receipt is then asked.
    has_account: bool
    # Names, on this device alone, what this person typed and was given.
    tag: str
    # What lets the voter in: a carton by its number, or the account's name.
    carton_number: int | None = None
    account_name: str = ""
    # What the phone holds; empty when nothing.
    receipt: str = ""


@dataclass(frozen=True, slots=True)
class Pass:
    """A carton by its id, or a registration by its id for one round."""

    kind: str
    pk: int
    round_id: int


# --- What the phone holds ---------------------------------------------------------------------------


def give_pass(response: HttpResponse, held: Pass) -> None:
    value = signing.dumps([held.kind, held.pk, held.round_id], salt=_SALT)
    _set(response, _name("bureau-de-vote"), value, PASS_LASTS)


def pass_of(request: HttpRequest) -> Pass | None:
    """None without a pass, and for one that is forged, cut or too old. No query."""
    try:
        kind, pk, round_id = signing.loads(
            request.COOKIES.get(_name("bureau-de-vote"), ""), salt=_SALT, max_age=PASS_LASTS
        )
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Pass(kind, pk, round_id)


def give_receipt(response: HttpResponse, round: Round, voter: Voter, receipt: str) -> None:
    _set(response, _receipt_name(round.pk, voter.tag), receipt, RECEIPT_KEPT)


def drop_receipt(response: HttpResponse, round: Round, voter: Voter) -> None:
    response.delete_cookie(_receipt_name(round.pk, voter.tag), samesite="Lax")


def receipts_on_device(request: HttpRequest, round: Round) -> list[str]:
    """Those of a round that this phone was given, whoever they are of."""
    prefix = _receipt_name(round.pk, "")
    return [
        receipt for name in request.COOKIES if name.startswith(prefix) and (receipt := _read(request, name))
    ]


def clear_device(request: HttpRequest, response: HttpResponse) -> None:
    """Takes the pass and every receipt off this phone."""
    for name in request.COOKIES:
        if name == _name("bureau-de-vote") or name.startswith(_name("recu-")):
            response.delete_cookie(name, samesite="Lax")


def _set(response: HttpResponse, name: str, value: str, lasts: timedelta) -> None:
    response.set_cookie(
        name, value, max_age=lasts, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )


def _name(name: str) -> str:
    return f"__Host-{name}" if settings.SESSION_COOKIE_SECURE else name


def _receipt_name(round_id: int, tag: str) -> str:
    return _name(f"recu-{round_id}-{tag}")


def _read(request: HttpRequest, name: str) -> str:
    try:
        return parsed_receipt(request.COOKIES.get(name, ""))
    except CodeMistyped:
        return ""


# --- Whom it lets in --------------------------------------------------------------------------------


def voter_of(request: HttpRequest, round: Round, *, enters: bool = False) -> Voter:
    """Whoever the pass names, else the account that is signed in. Raises `CannotVote`.

    `enters` puts on the roll of a consultation an account that votes for the first time; without it
    nothing is written. One query with a pass, and those of the session with an account.
    """
    refused = ""
    for candidate in _candidates(request, round, enters):
        if isinstance(candidate, Voter):
            return candidate
        refused = refused or candidate
    raise CannotVote(refused or "nobody")


def _candidates(request: HttpRequest, round: Round, enters: bool) -> Iterator[Voter | str]:
    held = pass_of(request)
    if held and (held.kind == "carton" or held.round_id == round.pk):
        yield _by_pass(request, round, held)
    if request.user.is_authenticated:
        yield _by_account(request, round, request.user, enters)


_BY_CARTON = """\
SELECT entry.id, entry.user_id, entry.is_on_paper, carton.number
FROM forums_rollentry entry JOIN forums_carton carton ON carton.registration_id = entry.registration_id
WHERE entry.round_id = %s AND entry.voided_at IS NULL AND carton.id = %s AND carton.voided_at IS NULL
"""
_BY_LINK = """\
SELECT id, user_id, is_on_paper, NULL FROM forums_rollentry
WHERE round_id = %s AND voided_at IS NULL AND registration_id = %s
"""


def _by_pass(request: HttpRequest, round: Round, held: Pass) -> Voter | str:
    # By hand, as in forums.vote.casting: each cast begins here.
    with connection.cursor() as cursor:
        cursor.execute(_BY_CARTON if held.kind == "carton" else _BY_LINK, [round.pk, held.pk])
        row = cursor.fetchone()
    if row is None:
        return _why_not(round, held) if held.kind == "carton" else "not_on_roll"
    entry_id, user_id, is_on_paper, carton_number = row
    if is_on_paper:
        return "on_paper"
    tag = _tag(round, f"entry:{entry_id}")
    return Voter(
        entry_id,
        # Asked last: it may read the session.
        has_account=user_id is not None and user_id == request.user.pk,
        tag=tag,
        carton_number=carton_number,
        receipt=_read(request, _receipt_name(round.pk, tag)),
    )


def _why_not(round: Round, held: Pass) -> str:
    carton = Carton.objects.filter(pk=held.pk).first()
    if carton is None:
        return "nobody"
    if carton.forum_id != round.forum_id:
        return "other_forum"
    if carton.voided_because == Carton.Void.PAPER:
        return "on_paper"
    return "carton_void" if carton.voided_at else "not_on_roll"


def _by_account(request: HttpRequest, round: Round, user: User, enters: bool) -> Voter | str:
    entry = entry_of_user(round, user) if enters else known_entry_of_user(round, user)
    if entry is None and (enters or not may_enter(round, user)):
        return "not_on_roll"
    if entry is not None and entry.is_on_paper:
        return "on_paper"
    tag = _tag(round, f"user:{user.pk}")
    return Voter(
        entry.pk if entry else None,
        has_account=True,
        tag=tag,
        account_name=user.name,
        receipt=_read(request, _receipt_name(round.pk, tag)),
    )


def _tag(round: Round, who: str) -> str:
    return salted_hmac("forums.vote.device", f"{round.pk}:{who}", algorithm="sha256").hexdigest()[:16]
