"""Access of the day team to the pages of the day: a signed cookie, and the decorator that reads it.

Opening the QR sets an HttpOnly cookie. It is refused once the member is revoked, gets a new QR, or the door
has closed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from accounts.models import User
from forums.models import DayTeamMember, Forum
from pole.access import SignedToken, is_staff_session, role_required

COOKIE_SALT = "forums.dayteam"
_TOKEN = SignedToken(COOKIE_SALT, (int, str))


@dataclass(frozen=True, slots=True)
class Helper:
    """Who works on the pages of the day: a staff account, or a member of the day team.

    `typist` is "user:<id>" or "day:<id>", as `PaperTyping.typist`.
    """

    name: str
    typist: str
    is_staff: bool


def set_access_cookie(response: HttpResponse, member: DayTeamMember) -> None:
    """Sets the cookie that `day_team_or_staff_only` reads, until the member's access ends."""
    value = _TOKEN.make(member.pk, member.token_hash[:16])
    response.set_cookie(
        cookie_name(),
        value,
        expires=member.valid_until,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def delete_access_cookie(response: HttpResponse) -> None:
    response.delete_cookie(cookie_name(), samesite="Lax")


def cookie_name() -> str:
    return "__Host-equipe-du-jour" if settings.SESSION_COOKIE_SECURE else "equipe-du-jour"


def member_from_cookie(request: HttpRequest, slug: str, now: datetime) -> DayTeamMember | None:
    """The member that the cookie names, if their access to this forum is valid. One query, none without cookie."""
    held = _TOKEN.read(request.COOKIES.get(cookie_name(), ""))
    member = DayTeamMember.objects.filter(pk__in=held[:1], forum__slug=slug).first()
    return member if member and member.token_hash.startswith(held[1]) and member.is_valid(now) else None


def get_helper(request: HttpRequest) -> Helper:
    """The `Helper` of the request, in a view under `day_team_or_staff_only`."""
    return cast("Helper", request.helper)  # type: ignore[attr-defined]  # set by day_team_or_staff_only


def helper_name(reference: str) -> str:
    """The name of a `Helper.typist`; empty for one who is no more. One query, or none."""
    kind, _, number = reference.partition(":")
    if not number:
        return ""
    if kind == "user":
        return User.objects.filter(pk=number).values_list("name", flat=True).first() or ""
    return DayTeamMember.objects.filter(pk=number).values_list("name", flat=True).first() or ""


def get_forum_or_404(slug: str) -> Forum:
    return get_object_or_404(Forum.objects.defer("document", "body", "body_en"), slug=slug)


def day_team_or_staff_only[**P](
    view: Callable[Concatenate[HttpRequest, str, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, str, P], HttpResponseBase]:
    """For staff with a second factor, and for the day team of the forum `slug`, the first argument.

    The view finds a `Helper` in `request.helper` (typed: `get_helper(request)`). Others are answered as
    on a staff page; a former member of the day team, by a page that says that their access is over.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if is_staff_session(request, "forums"):
            request.helper = Helper(str(request.user), f"user:{request.user.pk}", True)  # type: ignore[attr-defined]  # read by get_helper
            return view(request, slug, *args, **kwargs)
        if member := member_from_cookie(request, slug, timezone.now()):
            request.helper = Helper(member.name, f"day:{member.pk}", False)  # type: ignore[attr-defined]  # read by get_helper
            return view(request, slug, *args, **kwargs)
        if request.COOKIES.get(cookie_name()) and not request.user.is_authenticated:
            return render(request, "forums/dayteam_over.html", status=403)
        return role_required("forums")(view)(request, slug, *args, **kwargs)

    return wrapper  # type: ignore[return-value]  # P is the view's own
