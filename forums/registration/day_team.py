"""The day team: volunteers let in by a QR, for one forum, until the night after it.

A member reaches the door, the room board and the typing of papers (views under `door_or_staff`), and
nothing else. The QR holds a token of which only the SHA-256 is stored; opening it leaves a signed
HttpOnly cookie, which is worth nothing once the member is revoked, invited anew, or the night is over.

Locks: the forum row (FOR NO KEY UPDATE), then the member's.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import wraps
from typing import Any, Concatenate, cast

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from forums.models import DayTeamMember, Forum
from pole.access import is_staff_session, staff_only

SALT = "forums.dayteam"
NIGHT_ENDS = time(4)


class InvitationRefused(Exception):
    """`code` is "over" (the night of the forum has passed) or "known" (someone of that name is in)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Helper:
    """Whoever works at the door: staff, or a member of the day team.

    `typist` is "user:<id>" or "day:<id>", as `PaperTyping.typist`.
    """

    name: str
    typist: str
    is_staff: bool


# --- Inviting ------------------------------------------------------------------------------------


def night_after(forum: Forum) -> datetime:
    """04:00, local time, on the day after the forum ends."""
    next_day = timezone.localdate(forum.ends_at) + timedelta(days=1)
    return timezone.make_aware(datetime.combine(next_day, NIGHT_ENDS))


@transaction.atomic
def invite(*, forum: Forum, name: str, now: datetime) -> tuple[DayTeamMember, str]:
    """A new member and the token of its QR, which can't be read again. Raises `InvitationRefused`."""
    row = Forum.objects.select_for_update(no_key=True).get(pk=forum.pk)
    if now >= night_after(row):
        raise InvitationRefused("over")
    if row.day_team.filter(name__iexact=name, revoked_at=None).exists():
        raise InvitationRefused("known")
    token = secrets.token_urlsafe(24)
    member = DayTeamMember.objects.create(
        forum=row, name=name, token_hash=_hashed(token), valid_until=night_after(row), created_at=now
    )
    return member, token


@transaction.atomic
def invite_anew(*, member: DayTeamMember, now: datetime) -> str:
    """Another token, for a lost QR; the former one and its cookies are worth nothing from now on."""
    forum = Forum.objects.select_for_update(no_key=True).get(pk=member.forum_id)
    if now >= night_after(forum):
        raise InvitationRefused("over")
    row = DayTeamMember.objects.select_for_update().get(pk=member.pk)
    others = forum.day_team.filter(name__iexact=row.name, revoked_at=None).exclude(pk=row.pk)
    if others.exists():
        raise InvitationRefused("known")
    token = secrets.token_urlsafe(24)
    row.token_hash, row.valid_until, row.revoked_at = _hashed(token), night_after(forum), None
    row.save(update_fields=["token_hash", "valid_until", "revoked_at"])
    return token


def revoke(*, member: DayTeamMember, now: datetime) -> None:
    """Shuts the door to a member at once; a second time keeps the first moment."""
    DayTeamMember.objects.filter(pk=member.pk, revoked_at=None).update(revoked_at=now)


def follow_dates(forum: Forum) -> None:
    """The night of every member becomes that of the forum as it now is."""
    forum.day_team.exclude(valid_until=night_after(forum)).update(valid_until=night_after(forum))


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


# --- Coming in -----------------------------------------------------------------------------------


def find_by_token(*, slug: str, token: str, now: datetime) -> DayTeamMember | None:
    """The member whose QR holds `token`, while it lets in."""
    members = DayTeamMember.objects.select_related("forum").filter(forum__slug=slug)
    member = members.filter(token_hash=_hashed(token)).first()
    return member if member and member.is_valid(now) else None


def let_in(response: HttpResponse, member: DayTeamMember) -> None:
    """Leaves the cookie that `door_or_staff` reads."""
    value = signing.dumps([member.pk, member.token_hash[:16]], salt=SALT)
    response.set_cookie(
        cookie_name(),
        value,
        expires=member.valid_until,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def see_out(response: HttpResponse) -> None:
    response.delete_cookie(cookie_name(), samesite="Lax")


def cookie_name() -> str:
    return "__Host-equipe-du-jour" if settings.SESSION_COOKIE_SECURE else "equipe-du-jour"


def member_of(request: HttpRequest, slug: str, now: datetime) -> DayTeamMember | None:
    """The member that the cookie names, while it may work at this forum. One query, none without cookie."""
    try:
        pk, mark = signing.loads(request.COOKIES.get(cookie_name(), ""), salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    member = DayTeamMember.objects.filter(pk=pk, forum__slug=slug).first()
    return member if member and member.token_hash.startswith(mark) and member.is_valid(now) else None


def helper_of(request: HttpRequest) -> Helper:
    """Whoever works here, in a view under `door_or_staff`."""
    return cast("Helper", request.helper)  # type: ignore[attr-defined]  # set by door_or_staff


def door_or_staff[**P](
    view: Callable[Concatenate[HttpRequest, str, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, str, P], HttpResponseBase]:
    """For staff with a second factor, and for the day team of the forum `slug`, the first argument.

    The view finds a `Helper` in `request.helper` (typed: `helper_of(request)`). Others are answered as
    on a staff page; a day that is over is said plainly.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if is_staff_session(request):
            request.helper = Helper(str(request.user), f"user:{request.user.pk}", True)  # type: ignore[attr-defined]  # read by helper_of
            return view(request, slug, *args, **kwargs)
        if member := member_of(request, slug, timezone.now()):
            request.helper = Helper(member.name, f"day:{member.pk}", False)  # type: ignore[attr-defined]  # read by helper_of
            return view(request, slug, *args, **kwargs)
        if request.COOKIES.get(cookie_name()) and not request.user.is_authenticated:
            return render(request, "forums/dayteam_over.html", status=403)
        return staff_only(view)(request, slug, *args, **kwargs)

    return wrapper  # type: ignore[return-value]  # P is the view's own
